import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, it, vi } from 'vitest';
import { program, show } from '@test/world';
import { Devices } from './Devices';

const device = { id: 'd1', name: 'Desktop B', role: 'desktop', site: 'LYO', sites: ['BER'], enrolled: '2026-03-10T11:00:00Z', lastSeen: null };

afterEach(() => { vi.unstubAllGlobals(); });

it('lets an administrator say for which sites a device is', async () => {
  const asked = program({
    'GET /me': { person: null, site: 'LYO', may: { 'cluster.manage': true } }, 'GET /sync/devices': { devices: [device] },
    'GET /places': { places: [{ code: 'BER', name: 'Berlin' }, { code: 'LYO', name: 'Lyon' }] }, 'PUT /sync/devices/d1/sites': { devices: [] },
  });
  await show(<Devices own="d2" />);
  expect(await screen.findByText('BER')).toBeVisible();
  await userEvent.click(screen.getByRole('button', { name: 'Sites of Desktop B…' }));
  const home = await screen.findByRole('combobox', { name: 'Where it stands' });
  await userEvent.click(home);
  await userEvent.click(await screen.findByRole('option', { name: 'BER' }));
  await userEvent.click(screen.getByRole('button', { name: 'Save' }));
  await waitFor(() => { expect(asked.find((one) => one.method === 'PUT')?.body).toEqual({ site: 'BER', sites: [] }); });
});

it('marks a device that was copied, until an administrator says that only one copy is left', async () => {
  const asked = program({
    'GET /me': { person: null, site: 'LYO', may: { 'device.revoke': true } }, 'GET /sync/devices': { devices: [{ ...device, copied: true }, { ...device, id: 'd3', name: 'Desktop C' }] },
    'GET /records/d1': { id: 'd1', fields: [{ name: 'copied', value: true, seen: ['e1'], conflicts: [] }] }, 'POST /records/d1/changes': {},
  });
  await show(<Devices own="d2" />);
  expect(await screen.findAllByText('Two copies write under its name')).toHaveLength(1);
  await userEvent.click(screen.getByRole('button', { name: 'Only one copy of Desktop B is left' }));
  await waitFor(() => { expect(asked.find((one) => one.method === 'POST')?.body).toEqual({ action: 'settle_copy', changes: [{ op: 'set', field: 'copied', value: false, seen: ['e1'] }] }); });
});
