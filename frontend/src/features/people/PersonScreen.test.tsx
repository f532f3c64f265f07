import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it, vi } from 'vitest';
import type { FieldState, Meta } from '@/bridge/contract';
import { keys } from '@/bridge/keys';
import { Roles } from './PersonScreen';

const field: FieldState = { name: 'roles', label: 'Roles', type: 'choice', rule: 'set', value: ['technician', 'retired-role'], seen: ['edit-1'], pending: false, conflicts: [] };
const meta: Meta = {
  sites: [],
  kinds: [{ name: 'person', label: 'Person', fields: [{ name: 'roles', label: 'Roles', type: 'choice', rule: 'set', choices: [{ key: 'technician', label: 'Technician', hint: 'Works on tickets.' }, { key: 'administrator', label: 'Administrator' }] }] }],
};

function show(may: boolean) {
  const save = vi.fn().mockResolvedValue(true);
  const client = new QueryClient({ defaultOptions: { queries: { staleTime: Infinity } } });
  client.setQueryData(keys.meta, meta);
  client.setQueryData(keys.me, { person: null, site: 'LYO', may: { 'person.edit': may } });
  render(<MantineProvider><QueryClientProvider client={client}><Roles field={field} edits={{ save }} /></QueryClientProvider></MantineProvider>);
  return save;
}

it('gives a role and takes one, each as its own edit', async () => {
  const user = userEvent.setup();
  const save = show(true);
  expect(screen.getByRole('checkbox', { name: 'Technician' })).toBeChecked();
  await user.click(screen.getByRole('checkbox', { name: 'Administrator' }));
  expect(save).toHaveBeenLastCalledWith('edit', [{ op: 'add', field: 'roles', value: 'administrator' }]);
  await user.click(screen.getByRole('checkbox', { name: 'Technician' }));
  expect(save).toHaveBeenLastCalledWith('edit', [{ op: 'remove', field: 'roles', value: 'technician', seen: ['edit-1'] }]);
});

it('shows a role that the configuration no longer names, so that it can be taken', () => {
  show(true);
  expect(screen.getByRole('checkbox', { name: 'retired-role' })).toBeChecked();
});

it('says who may change roles where one may not', () => {
  show(false);
  expect(screen.getByRole('checkbox', { name: 'Administrator' })).toBeDisabled();
  expect(screen.getByText('Changing this needs an administrator.')).toBeVisible();
});
