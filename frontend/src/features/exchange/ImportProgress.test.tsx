import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it, vi } from 'vitest';
import type { ImportJob, ImportPlan } from '@/bridge/contract';
import { keys } from '@/bridge/keys';
import { Stage } from './ImportProgress';

vi.mock('@tanstack/react-router', () => ({ useNavigate: () => vi.fn() }));

const plan: ImportPlan = { create: { person: 2, incident: 1200 }, change: 3, skip: 1, steps: 5998, reasons: { 'is here already': 1 }, errors: [{ line: 17, reason: 'The date is none.' }], samples: ['VPN drops'], matches: [{ line: 4, kind: 'person', name: 'ana@example.org', id: 'p', title: 'Ana Petrović' }], lacking: { caller: 12 } };
const job = (part: Partial<ImportJob>): ImportJob => ({ id: 'j', name: 'log.csv', state: 'running', done: 0, total: 0, rate: 0, ...part });

function show(part: Partial<ImportJob>) {
  const [again, run] = [vi.fn(), vi.fn()];
  const client = new QueryClient({ defaultOptions: { queries: { staleTime: Infinity } } });
  client.setQueryData(keys.meta, { sites: [], kinds: [{ name: 'incident', label: 'Incident', fields: [{ name: 'title', label: 'Title', type: 'text', rule: 'register' }] }] });
  render(<MantineProvider><QueryClientProvider client={client}><Stage job={job(part)} again={again} run={run} /></QueryClientProvider></MantineProvider>);
  return { again, run };
}

it('says how far, how fast and how much longer, and can be stopped', async () => {
  const { run } = show({ done: 500, total: 2000, rate: 250 });
  expect(screen.getByText('500 of 2,000 · 250 a second · about 6 s left')).toBeVisible();
  expect(screen.getByRole('progressbar', { name: 'Importing: log.csv' })).toHaveAttribute('aria-valuenow', '25');
  await userEvent.setup().click(screen.getByRole('button', { name: 'Cancel' }));
  expect(run).toHaveBeenCalledOnce();
});

it('counts on while nobody knows the total', () => {
  show({ state: 'planning', done: 40, total: 0, rate: 0 });
  expect(screen.getByText('40 rows')).toBeVisible();
  expect(screen.queryByText(/left/)).toBeNull();
});

it('says what would happen, why not, and where the file is wrong', () => {
  show({ state: 'planned', plan });
  const table = screen.getByRole('table', { name: 'What would happen: log.csv' });
  const names = within(table).getAllByRole('rowheader').map((cell) => cell.textContent);
  expect(names).toEqual(['Incidents would be created', 'People would be created', 'Steps of history', 'Records that would change', 'Records that would be skipped']);
  expect(within(table).getByRole('row', { name: 'Incidents would be created 1,200' })).toBeVisible();
  expect(screen.getByText('is here already')).toBeVisible();
  expect(screen.getByText('without caller')).toBeVisible();
  expect(screen.getByText('“ana@example.org” is Ana Petrović (People)')).toBeVisible();
  expect(screen.getByRole('row', { name: '17 The date is none.' })).toBeVisible();
  expect(screen.getByRole('button', { name: 'Import now' })).toBeEnabled();
});

it('offers nothing to import where everything is here', () => {
  show({ state: 'planned', plan: { ...plan, create: {}, change: 0, errors: [] } });
  expect(screen.getByRole('status')).toHaveTextContent('already here');
  expect(screen.getByRole('button', { name: 'Import now' })).toBeDisabled();
});

it('keeps the mapping at hand after a failure, so that the file need not be sent again', async () => {
  const { run } = show({ state: 'failed', mapping: 'kind: incident', columns: ['Subject'], problem: { code: 'invalid', detail: 'Line 1 of the mapping names no field.' } });
  expect(screen.getByRole('alert')).toHaveTextContent('Line 1 of the mapping names no field.');
  expect(screen.getByText('Subject')).toBeVisible();
  expect(screen.getByText('title')).toBeVisible();
  const box = screen.getByRole('textbox', { name: 'Mapping' });
  await userEvent.setup().type(box, '!');
  await userEvent.setup().click(screen.getByRole('button', { name: 'Check again' }));
  expect(run).toHaveBeenCalledOnce();
  expect(box).toHaveValue('kind: incident!');
});
