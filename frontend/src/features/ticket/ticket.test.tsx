import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Entry, FieldState, HistoryRow, Ticket } from '@/bridge/contract';
import { handleKey } from '@/state/shortcuts';
import { ana, field, meta, mia, problem, program, show, ticket } from '@test/world';
import { spentShare } from './Clocks';
import { weave } from './Conversation';
import { TicketScreen } from './TicketScreen';

const entry = (part: Partial<Entry>): Entry => ({ item: 'i1', kind: 'reply', text: 'Hello', html: '<p>Hello</p>', by: ana, at: '2026-03-10T11:30:00Z', pending: false, ...part });
const row = (part: Partial<HistoryRow>): HistoryRow => ({ edit: 'e1', commit: '1', at: '2026-03-10T11:10:00Z', by: mia, device: { id: 'd', name: 'laptop' }, action: 'edit', field: 'impact', label: 'Impact', result: 'applied', ...part });

const answers = (shown: Ticket, more: Record<string, unknown> = {}) => ({
  'GET /tickets/r1': shown, 'GET /records/r1/history': { changes: [row({})] }, 'GET /meta': meta, 'GET /me': { person: ana, site: 'LYO', may: {} }, 'POST /markdown/preview': { html: '<p>Every hour.</p>' }, ...more,
});

afterEach(() => {
  vi.unstubAllGlobals();
  window.removeEventListener('keydown', handleKey);
});

async function open(shown: Ticket, more: Record<string, unknown> = {}) {
  const asked = program(answers(shown, more));
  window.addEventListener('keydown', handleKey);
  await show(<TicketScreen id="r1" focus="" />);
  await screen.findByRole('heading', { level: 1, name: 'VPN drops' });
  return asked;
}

describe('the ticket page', () => {
  it('shows the conversation with the events between folded', async () => {
    await open(ticket({ conversation: [entry({}), entry({ item: 'i2', kind: 'note', text: 'CRC errors', html: '<p>CRC errors</p>', at: '2026-03-10T11:40:00Z', pending: true })] }));
    const list = screen.getByRole('list', { name: 'Conversation' });
    expect(within(list).getByText('Hello')).toBeVisible();
    expect(within(list).getByRole('img', { name: 'Waiting to be shared' })).toBeVisible();
    await userEvent.click(await within(list).findByRole('button', { name: '1 event' }));
    expect(within(list).getByText('Mia Schneider')).toBeVisible();
  });

  it('writes a note by keyboard, keeps it as a draft, and sends it once under its own id', async () => {
    const asked = await open(ticket(), { 'POST /tickets/r1/note': () => problem(507, 'disk_full', 'The disk is full.') });
    await userEvent.keyboard('n');
    const box = screen.getByRole('textbox', { name: 'Write for your colleagues…' });
    await waitFor(() => { expect(box).toHaveFocus(); });
    await userEvent.type(box, 'checked{Control>}{Enter}{/Control}');
    await waitFor(() => { expect(asked.some((one) => one.path === '/tickets/r1/note')).toBe(true); });
    expect(box).toHaveValue('checked');
    program(answers(ticket(), { 'POST /tickets/r1/note': ticket({ conversation: [entry({ kind: 'note', text: 'checked', html: '<p>checked</p>' })] }) }));
    const first = asked.find((one) => one.path === '/tickets/r1/note')?.body as { item: string };
    await userEvent.click(screen.getByRole('button', { name: 'Add note' }));
    await waitFor(() => { expect(box).toHaveValue(''); });
    expect(first.item).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('sets a priority by hand only with a reason, and lets it follow impact and urgency again', async () => {
    const fields = [field('priority', { type: 'choice', value: '2', choices: [{ key: '1', label: 'Critical' }, { key: '2', label: 'High' }] } as Partial<FieldState>), field('priority_reason', { value: '' })];
    const me = { 'GET /me': { person: ana, site: 'LYO', may: { 'ticket.override': true } }, 'POST /records/r1/changes': ticket({}, fields) };
    const asked = await open(ticket({ priority: { key: '2', label: 'High', reason: 'Impact high, urgency medium.', overridden: true } }, fields), me);
    expect(screen.getByText('Set by hand: Impact high, urgency medium.')).toBeVisible();
    await userEvent.click(await screen.findByRole('button', { name: 'Set the priority by hand' }));
    const form = within(await screen.findByRole('dialog'));
    await userEvent.click(form.getByRole('button', { name: 'Set the priority by hand' }));
    expect(await form.findByText('Reason for the priority is required.')).toBeVisible();
    const changes = () => asked.filter((one) => one.path === '/records/r1/changes').map((one) => one.body);
    expect(changes()).toEqual([]);
    await userEvent.type(form.getByRole('textbox', { name: /Reason for the priority/ }), 'The board meets');
    await userEvent.click(form.getByRole('button', { name: 'Set the priority by hand' }));
    await waitFor(() => { expect(changes()).toEqual([{ action: 'override', changes: [
      { op: 'set', field: 'priority', value: '2', seen: ['seen-priority'] }, { op: 'set', field: 'priority_reason', value: 'The board meets', seen: ['seen-priority_reason'] },
    ] }]); });
    await userEvent.click(await screen.findByRole('button', { name: 'Follow impact and urgency again' }));
    await waitFor(() => { expect(changes()[1]).toEqual({ action: 'override', changes: [{ op: 'set', field: 'priority_reason', value: '', seen: ['seen-priority_reason'] }] }); });
  });

  it('offers no other priority to who may not set one', async () => {
    await open(ticket({}, [field('priority', { value: '2' }), field('priority_reason')]), { 'GET /me': { person: ana, site: 'LYO', may: { 'ticket.override': false } } });
    await waitFor(() => { expect(screen.queryByRole('button', { name: 'Set the priority by hand' })).not.toBeInTheDocument(); });
  });

  it('offers only the ways on that are allowed, and asks for what they need', async () => {
    const asked = await open(ticket({
      next: [
        { to: 'resolved', label: 'Resolved', allowed: true, required: [{ name: 'resolution_text', label: 'Resolution', type: 'markdown', required: true }] },
        { to: 'closed', label: 'Closed', allowed: false, reason: 'Resolve it first.', required: [] },
      ],
    }), { 'POST /records/r1/changes': ticket() });
    await userEvent.keyboard('s');
    expect(await screen.findByRole('menuitem', { name: /Closed/ })).toHaveAttribute('data-disabled');
    await userEvent.click(screen.getByRole('menuitem', { name: 'Resolved' }));
    const form = await screen.findByRole('dialog', { name: 'Resolved: what is needed' });
    await userEvent.click(within(form).getByRole('button', { name: 'Resolved' }));
    expect(within(form).getByText('Resolution is required.')).toBeVisible();
    await userEvent.type(within(form).getByRole('textbox', { name: /Resolution/ }), 'Done');
    await userEvent.click(within(form).getByRole('button', { name: 'Resolved' }));
    await waitFor(() => { expect(asked.find((one) => one.method === 'POST' && one.path === '/records/r1/changes')?.body).toEqual({ action: 'transition', changes: [{ op: 'transition', to: 'resolved', from: 'new', with: { resolution_text: 'Done' } }] }); });
  });

  it('takes the ticket with the assignee that was shown', async () => {
    const asked = await open(ticket(), { 'POST /tickets/r1/take': ticket() });
    await userEvent.click(await screen.findByRole('button', { name: 'Take' }));
    await waitFor(() => { expect(asked.find((one) => one.path === '/tickets/r1/take')?.body).toEqual({ expectedAssignee: null }); });
  });

  it('says when a newer version is needed to see all of it, and nothing where that is not so', async () => {
    await open(ticket({ newer: true }));
    expect(screen.getByRole('note', { name: 'Needs a newer version' })).toHaveTextContent('update Holdfast on this device');
    vi.unstubAllGlobals();
    await open(ticket({ newer: false }));
    expect(screen.getAllByRole('note', { name: 'Needs a newer version' })).toHaveLength(1); // the first one's
  });

  it('says when the ticket is not here', async () => {
    program({ 'GET /tickets/r1': () => problem(404, 'not_found', 'This record is not on this device.') });
    await show(<TicketScreen id="r1" focus="" />);
    expect(await screen.findByRole('alert')).toHaveTextContent('This record is not on this device.');
    expect(screen.getByText('code not_found')).toBeVisible();
  });
});

describe('weave', () => {
  it('puts events between what was said, each run together', () => {
    const strands = weave(
      [entry({ item: 'a', at: '2026-03-10T11:20:00Z' }), entry({ item: 'b', at: '2026-03-10T11:50:00Z' })],
      [row({ at: '2026-03-10T11:10:00Z' }), row({ at: '2026-03-10T11:30:00Z' }), row({ at: '2026-03-10T11:31:00Z' }), row({ field: 'notes', at: '2026-03-10T11:50:00Z' })],
    );
    expect(strands.map((strand) => (strand.kind === 'said' ? strand.entry.item : strand.rows.length))).toEqual([1, 'a', 2, 'b']);
  });
});

describe('spentShare', () => {
  const now = new Date('2026-03-10T12:00:00Z');
  it.each([['2026-03-10T11:00:00Z', '2026-03-10T13:00:00Z', 0.5], ['2026-03-10T11:00:00Z', '2026-03-10T11:30:00Z', 1], ['2026-03-10T13:00:00Z', '2026-03-10T14:00:00Z', 0], ['2026-03-10T11:00:00Z', null, 1]])('from %s to %s', (start, due, share) => {
    expect(spentShare(start, due, now)).toBe(share);
  });
});
