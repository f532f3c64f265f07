import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ana, program, show } from '@test/world';
import type { Parked, SyncStatus, WaitingEdit } from '@/bridge/contract';
import { Decisions } from './Decisions';
import { WaitingList } from './WaitingList';

const edit = (name: string, part: Partial<WaitingEdit> = {}): WaitingEdit => ({
  edit: name, record: { id: 'r', kind: 'incident', title: 'VPN drops', number: 'INC-LYO-00001' }, action: 'edit', at: '2026-03-10T12:00:00Z', by: ana, device: 'laptop', texts: [], newer: false, lacks: [], ...part,
});
const status = { state: 'waiting' } as SyncStatus;

afterEach(() => { vi.unstubAllGlobals(); });

describe('changes that wait', () => {
  it('says of what waits for ever why, shows its text, and lets go of it', async () => {
    const gone = { record: { id: 'g', kind: '', title: '' } as unknown as WaitingEdit['record'], lacks: ['g'] };
    const asked = program({
      'GET /sync/waiting': { edits: [edit('a', { ...gone, texts: [{ field: 'description', label: 'description', text: 'Typed for nothing?' }] }), edit('b', { ...gone, behind: 'a' }), edit('c', { behind: 'a' })], total: 3 }, 'POST /sync/give-up': { edits: [], total: 0 },
    });
    await show(<WaitingList status={status} />);
    const card = await screen.findByRole('group', { name: '2 changes to something that is gone' });
    expect(card).toHaveTextContent('Typed for nothing?');
    expect(card).toHaveTextContent('1 later change waits behind it.');
    const rows = within(screen.getByRole('table', { name: 'Waiting' })).getAllByRole('row');
    expect(rows).toHaveLength(2); // the first names the columns
    expect(rows[1]).toHaveTextContent('Waits behind an earlier change of the same device.');
    await userEvent.click(within(card).getByRole('button', { name: /^Give up/ }));
    expect(asked.filter((one) => one.method === 'POST')).toEqual([]);
    await userEvent.keyboard('{Enter}');
    await waitFor(() => { expect(asked.find((one) => one.method === 'POST')?.body).toEqual({ edits: ['a', 'b'] }); });
  });
});

describe('a change that could not be applied', () => {
  const parked: Parked = {
    edit: 'p1', record: { id: 'r', kind: 'incident', title: 'VPN drops', number: 'INC-LYO-00001' }, action: 'resolve', reason: { code: 'transition_refused', sentence: 'It is Closed by now, so it cannot become Resolved.' }, by: ana, at: '2026-03-10T12:00:00Z', device: 'laptop',
    texts: [{ field: 'resolution_text', label: 'resolution_text', text: 'Changed the fuser' }], mine: true, kept: false,
  };

  it('is tried again, kept as a note, or opened to change it', async () => {
    const asked = program({ 'GET /conflicts': { conflicts: [], parked: [parked], total: 1 }, 'POST /sync/retry': parked.record, 'POST /tickets/r/note': {}, 'POST /records/r/changes': {} });
    await show(<Decisions />);
    const card = await screen.findByRole('group', { name: /could not be applied/ });
    expect(card).toHaveTextContent('It is Closed by now, so it cannot become Resolved.');
    expect(within(card).getByRole('link', { name: 'Change and send' })).toHaveAttribute('href', '/tickets/r');
    await userEvent.click(within(card).getByRole('button', { name: 'Try again' }));
    await waitFor(() => { expect(asked.find((one) => one.path === '/sync/retry')?.body).toEqual({ edit: 'p1' }); });
    await waitFor(() => { expect(within(card).getByRole('button', { name: 'Keep as a note' })).toBeEnabled(); });
    await userEvent.click(within(card).getByRole('button', { name: 'Keep as a note' }));
    await waitFor(() => { expect(asked.find((one) => one.path === '/records/r/changes')?.body).toEqual({ action: 'settle', changes: [{ op: 'settle', edit: 'p1' }] }); });
    expect(asked.find((one) => one.path === '/tickets/r/note')?.body).toMatchObject({ text: 'Changed the fuser' });
  });

  it('of a record that is not there can be put aside all the same', async () => {
    const asked = program({ 'GET /conflicts': { conflicts: [], parked: [{ ...parked, record: { id: 'g', kind: '', title: '' } }], total: 1 }, 'POST /sync/give-up': {} });
    await show(<Decisions />);
    await userEvent.click(await screen.findByRole('button', { name: 'I have seen this' }));
    await waitFor(() => { expect(asked.find((one) => one.path === '/sync/give-up')?.body).toEqual({ edits: ['p1'] }); });
    expect(screen.queryByRole('link', { name: 'Change and send' })).toBeNull();
  });
});
