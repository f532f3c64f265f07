import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { problem, program, show } from '@test/world';
import type { Care as Facts } from '@/bridge/contract.care';
import { Care } from './Care';

const facts = (part: Partial<Facts> = {}): Facts => ({ recoveries: [], recoveryKey: '2026-03-01T08:00:00Z', makesKeys: true, mayManage: true, backup: null, backupFile: '/mnt/new.age', node: true, checks: [], ...part });
const members = { members: [{ id: 'n1', name: 'N1', address: 'a', voter: true, leader: true, healthy: true, lag: '0' }, { id: 'n2', name: 'N2', address: 'b', voter: true, leader: false, healthy: false, lag: '3' }] };

afterEach(() => { vi.unstubAllGlobals(); });

describe('what brings a site back', () => {
  it('names nodes, leader, recoveries, key and backup without jargon', async () => {
    program({
      'GET /sync/care': facts({ recoveries: [{ generation: '2-1', at: '2026-03-01T08:00:00Z', device: 'N0' }, { generation: '3-1', at: '2026-03-02T08:00:00Z', device: 'N1' }] }),
      'GET /sync/members': members, 'GET /sync/renumbered': { records: [{ record: { id: 'r', kind: 'incident', title: 'VPN drops', number: 'INC-LYO-00012' }, former: ['INC-LYO-00007'] }] },
    });
    await show(<Care go={() => {}} />);
    const part = await screen.findByRole('region', { name: 'If the worst happens' });
    await waitFor(() => { expect(part).toHaveTextContent('1 of 2 nodes answer · N1 leads'); });
    expect(part).toHaveTextContent(/Twice, last .* from N1/);
    expect(part).toHaveTextContent('None was made on this device');
    const row = within(await screen.findByRole('table', { name: 'Other numbers since then' })).getAllByRole('row')[1];
    expect(row).toHaveTextContent('INC-LYO-00007INC-LYO-00012VPN drops');
    expect(screen.queryByRole('region', { name: 'Needs somebody' })).toBeNull();
  });

  it('gives each fault one sentence and one button, in German too', async () => {
    const go = vi.fn();
    program({
      'GET /sync/care': facts({ checks: [{ name: 'clock', ok: true, sentence: 'Fine.' }, { name: 'node', ok: false, about: 'N2', sentence: 'The node N2 does not answer. See whether it runs; if it is gone for good, remove it.' }, { name: 'backup_age', ok: false, count: 12, sentence: 'The last backup is 12 days old. Make a new one.' }] }),
      'GET /sync/members': members, 'GET /sync/renumbered': { records: [] },
    });
    await show(<Care go={go} />, { language: 'de' });
    const part = await screen.findByRole('region', { name: 'Braucht jemanden' });
    const rows = within(part).getAllByRole('listitem');
    expect(rows).toHaveLength(2);
    expect(rows[0]).toHaveTextContent('Der Knoten N2 antwortet nicht.');
    expect(rows[1]).toHaveTextContent('Das letzte Backup ist 12 Tage alt. Machen Sie ein neues.');
    for (const row of rows) expect(within(row).getAllByRole('button')).toHaveLength(1);
    await userEvent.click(within(part).getByRole('button', { name: /^Knoten ansehen/ }));
    expect(go).toHaveBeenCalledWith('members');
  });

  it('leads from changes that need a newer version to what waits', async () => {
    const go = vi.fn();
    program({ 'GET /sync/care': facts({ checks: [{ name: 'needs_newer', ok: false, count: 2, sentence: 'Some changes were made by a newer Holdfast and wait for it. They are kept; update Holdfast on the nodes and on this device.' }] }), 'GET /sync/members': members, 'GET /sync/renumbered': { records: [] } });
    await show(<Care go={go} />, { language: 'de' });
    const part = await screen.findByRole('region', { name: 'Braucht jemanden' });
    expect(part).toHaveTextContent('Einige Änderungen stammen von einem neueren Holdfast');
    await userEvent.click(within(part).getByRole('button', { name: /^Wartendes ansehen/ }));
    expect(go).toHaveBeenCalledWith('waiting');
  });

  it('tells an administrator which device was copied, and leads to the devices', async () => {
    const go = vi.fn();
    program({ 'GET /sync/care': facts({ checks: [{ name: 'device_copied', ok: false, about: 'Laptop 7', sentence: 'Two copies of the device Laptop 7 wrote under one name. Nothing is lost; if both are in use, let one of them join anew.' }] }), 'GET /sync/members': members, 'GET /sync/renumbered': { records: [] } });
    await show(<Care go={go} />, { language: 'de' });
    const part = await screen.findByRole('region', { name: 'Braucht jemanden' });
    expect(part).toHaveTextContent('Zwei Kopien des Geräts Laptop 7 haben unter einem Namen geschrieben.');
    await userEvent.click(within(part).getByRole('button', { name: /^Geräte ansehen/ }));
    expect(go).toHaveBeenCalledWith('devices');
  });

  it('writes a backup where the person says, and keeps the form when that fails', async () => {
    let full = true;
    const asked = program({
      'GET /sync/care': facts({ checks: [{ name: 'backup', ok: false, sentence: 'No backup was ever made here. Make one on another disk.' }] }), 'GET /sync/members': members, 'GET /sync/renumbered': { records: [] },
      'POST /sync/backup': () => (full ? problem(507, 'disk_full', 'The disk is full.') : { file: '/mnt/new.age.2', at: '2026-03-10T12:00:00Z', bytes: 2_100_000, files: 1, waiting: 0, spaces: 2 }),
    });
    await show(<Care go={() => {}} />);
    await userEvent.click(await screen.findByRole('button', { name: /^Back up now: / }));
    const dialog = await screen.findByRole('dialog', { name: 'Back up this site' });
    const file = within(dialog).getByRole('textbox', { name: 'File' });
    expect(file).toHaveValue('/mnt/new.age');
    await userEvent.type(file, '.2{Enter}');
    await waitFor(() => { expect(asked.at(-1)?.path).toBe('/sync/backup'); });
    expect(file).toHaveValue('/mnt/new.age.2');
    full = false;
    await waitFor(() => { expect(within(dialog).getByRole('button', { name: 'Back up' })).toBeEnabled(); });
    await userEvent.click(within(dialog).getByRole('button', { name: 'Back up' }));
    expect(await within(dialog).findByText('Written and proven: 2.1 MB, 1 attached file.')).toBeVisible();
  });

  it('shows a recovery key once, until it is written down', async () => {
    program({ 'GET /sync/care': facts({ recoveryKey: null }), 'GET /sync/members': members, 'GET /sync/renumbered': { records: [] }, 'POST /sync/recovery-key': { key: 'hfr-AAAA' } });
    await show(<Care go={() => {}} />);
    await userEvent.click(await screen.findByRole('button', { name: 'Make a recovery key' }));
    const dialog = await screen.findByRole('dialog');
    await userEvent.click(within(dialog).getByRole('button', { name: 'Make a recovery key' }));
    expect(await within(dialog).findByRole('status', { name: 'Recovery key' })).toHaveTextContent('hfr-AAAA');
    const done = within(dialog).getByRole('button', { name: 'Done' });
    expect(done).toBeDisabled();
    await userEvent.keyboard('{Escape}');
    expect(within(dialog).getByRole('status', { name: 'Recovery key' })).toBeVisible();
    await userEvent.click(within(dialog).getByRole('checkbox', { name: 'I have written it down' }));
    await userEvent.click(done);
    await waitFor(() => { expect(screen.queryByRole('dialog')).toBeNull(); });
    expect(document.body).not.toHaveTextContent('hfr-AAAA');
  });
});
