import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ana, program, show } from '@test/world';
import type { ConflictItem, Device, Peer, SyncStatus, WaitingEdit } from '@/bridge/contract';
import { Decisions } from './Decisions';
import { Devices } from './Devices';
import { Overview } from './Overview';
import { WaitingList } from './WaitingList';

const many = <T,>(n: number, one: (i: number) => T): T[] => Array.from({ length: n }, (_, i) => one(i));
const rowsOf = (name: string) => within(screen.getByRole('table', { name })).getAllByRole('row').length - 1;

afterEach(() => { vi.unstubAllGlobals(); });

describe('long lists of Sync', () => {
  it('shows hundreds of devices in parts, and finds one by its person', async () => {
    program({ 'GET /me': { person: ana, site: 'LYO', may: {} }, 'GET /sync/devices': { devices: many(300, (i): Device => ({ id: `d${String(i)}`, name: `Laptop ${String(i)}`, role: 'desktop', person: { id: `p${String(i)}`, title: `Person ${String(i)}`, kind: 'person' }, site: 'LYO', sites: [], enrolled: '2026-03-10T12:00:00Z', lastSeen: null })) } });
    await show(<Devices own="d0" />);
    expect(await screen.findByText('50 of 300 shown.', { exact: false })).toBeVisible();
    expect(rowsOf('Devices')).toBe(50);
    await userEvent.click(screen.getByRole('button', { name: 'Show 50 more' }));
    expect(rowsOf('Devices')).toBe(100);
    await userEvent.type(screen.getByRole('searchbox', { name: 'Find by device, person or site' }), 'person 29');
    expect(rowsOf('Devices')).toBe(11); // 29 and 290 to 299
    expect(screen.queryByRole('button', { name: /^Show / })).toBeNull();
    await userEvent.type(screen.getByRole('searchbox'), ' nobody');
    expect(screen.getByText('Nothing found')).toBeVisible();
  });

  it('asks for more of what waits only when somebody wants to see it', async () => {
    const edit = (i: number): WaitingEdit => ({ edit: `e${String(i)}`, record: { id: 'r', kind: 'incident', title: 'VPN drops' }, action: 'edit', at: '2026-03-10T12:00:00Z', by: ana, device: 'laptop', texts: [{ field: 'title', label: 'Title', text: 'x' }], newer: false, lacks: [] });
    const asked: string[] = [];
    vi.stubGlobal('fetch', (address: string) => {
      asked.push(address);
      const limit = Number(new URL(address, 'http://localhost').searchParams.get('limit'));
      return Promise.resolve(new Response(JSON.stringify({ edits: many(Math.min(limit, 500), edit), total: 500 })));
    });
    await show(<WaitingList status={{ state: 'waiting' } as SyncStatus} />);
    expect(await screen.findByText('100 of 500 shown.', { exact: false })).toBeVisible();
    expect(within(screen.getByRole('table', { name: 'Waiting' })).getAllByRole('row')[1]).toHaveTextContent(/: Title/);
    await userEvent.click(screen.getByRole('button', { name: 'Show 100 more' }));
    expect(await screen.findByText('200 of 500 shown.', { exact: false })).toBeVisible();
    expect(rowsOf('Waiting')).toBe(200);
    expect(asked.filter((address) => address.includes('limit=200'))).toHaveLength(1);
  });

  it('shows hundreds of decisions in parts', async () => {
    const held = (value: string) => ({ edit: value, value, display: value, by: ana, at: '2026-03-10T12:00:00Z', device: 'laptop' });
    const conflict = (i: number): ConflictItem => ({ record: { id: `r${String(i)}`, kind: 'incident', title: `Ticket ${String(i)}` }, field: 'title', label: 'Title', type: 'text', rule: 'register', shown: held('a'), others: [held('b')], seen: [], mine: true });
    program({ 'GET /conflicts': { conflicts: many(200, conflict), parked: [], total: 200 } });
    await show(<Decisions />);
    expect(await screen.findByText('20 of 200 shown.', { exact: false })).toBeVisible();
    expect(screen.getAllByRole('article')).toHaveLength(20);
    await userEvent.click(screen.getByRole('button', { name: 'Show 20 more' }));
    expect(screen.getAllByRole('article')).toHaveLength(40);
  });

  it('says of a peer that is away nothing that nobody can know', async () => {
    program({});
    const peer = (name: string, part: Partial<Peer>): Peer => ({ device: name, name, role: 'desktop', address: '', connected: false, lastExchange: null, covered: false, ...part });
    const status = { state: 'up_to_date', waiting: 0, decisions: 0, device: { id: 'own', name: 'Own', person: null, site: 'LYO' }, cluster: { id: 'c', name: 'Works' }, spaces: [], peers: [peer('Away', {}), peer('Node', { role: 'node', connected: true, covered: true })] } as unknown as SyncStatus;
    await show(<Overview status={status} go={() => undefined} />);
    const [, first, second] = within(await screen.findByRole('table', { name: 'Who this device shares with' })).getAllByRole('row');
    expect(first).toHaveTextContent('Has everything from here');
    expect(second).toHaveTextContent('Known once it is connected');
    expect(second).not.toHaveTextContent('Lacks');
  });
});
