import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { meta, problem, program, record, show } from '@test/world';
import { NewTicketScreen } from './NewTicketScreen';

const form = {
  fields: [
    { name: 'title', label: 'Title', type: 'text', required: true }, { name: 'description', label: 'Description', type: 'markdown', required: false },
    { name: 'impact', label: 'Impact', type: 'choice', required: true, choices: [{ key: '1', label: 'High' }, { key: '3', label: 'Low' }] },
  ],
  templates: [{ key: 'vpn', label: 'VPN trouble', fields: { title: 'VPN drops', impact: '3' } }],
};
const answers = (more: Record<string, unknown> = {}) => ({ 'GET /tickets/form': form, 'GET /meta': meta, 'GET /search': { hits: [], took: '' }, ...more });
const screenFor = () => <NewTicketScreen kind="incident" onKind={() => {}} title="" />;

afterEach(() => { vi.unstubAllGlobals(); });

describe('a new ticket', () => {
  it('begins in the title and names what is missing', async () => {
    const asked = program(answers());
    await show(screenFor());
    const title = await screen.findByRole('textbox', { name: /What happened\?/ });
    expect(title).toHaveFocus();
    await userEvent.type(title, 'VPN{Control>}{Enter}{/Control}');
    expect(await screen.findByText('Impact is required.')).toBeVisible();
    expect(asked.some((one) => one.method === 'POST')).toBe(false);
  });

  it('is created with one id, however often it is tried, and opened', async () => {
    let fail = true;
    const asked = program(answers({ 'POST /records/incident': () => (fail ? problem(507, 'disk_full', 'The disk is full.') : record([], { id: 'made' })) }));
    const { address } = await show(screenFor());
    await userEvent.click(await screen.findByRole('combobox', { name: 'Template' }));
    await userEvent.click(await screen.findByRole('option', { name: 'VPN trouble' }));
    await userEvent.click(screen.getByRole('button', { name: 'Create ticket' }));
    await waitFor(() => { expect(asked.filter((one) => one.method === 'POST')).toHaveLength(1); });
    expect(screen.getByRole('textbox', { name: /What happened\?/ })).toHaveValue('VPN drops');
    fail = false;
    await userEvent.click(screen.getByRole('button', { name: 'Create ticket' }));
    await waitFor(() => { expect(address()).toBe('/tickets/made'); });
    const [first, second] = asked.filter((one) => one.method === 'POST').map((one) => one.body as { id: string; fields: unknown });
    expect(first).toMatchObject({ fields: { title: 'VPN drops', impact: '3' } });
    expect(second?.id).toBe(first?.id);
  });

  it('comes back after the page was left', async () => {
    program(answers());
    const left = await show(screenFor());
    await userEvent.type(await screen.findByRole('textbox', { name: /What happened\?/ }), 'half');
    left.unmount();
    await show(screenFor());
    expect(await screen.findByRole('textbox', { name: /What happened\?/ })).toHaveValue('half');
    expect(screen.getByText('Your draft is back.')).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: 'Start over' }));
    expect(screen.getByRole('textbox', { name: /What happened\?/ })).toHaveValue('');
  });

  it('hints at what sounds alike', async () => {
    program(answers({ 'GET /search': { hits: [{ id: 'x', kind: 'incident', number: 'INC-LYO-00007', provisional: '', title: 'VPN is down', snippet: '', score: 1 }], took: '' } }));
    await show(screenFor());
    await userEvent.type(await screen.findByRole('textbox', { name: /What happened\?/ }), 'vpn down');
    expect(await screen.findByRole('link', { name: 'VPN is down' })).toBeVisible();
  });
});
