import { MantineProvider } from '@mantine/core';
import { type QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createMemoryHistory, createRootRoute, createRoute, createRouter, RouterProvider } from '@tanstack/react-router';
import { render, type RenderResult } from '@testing-library/react';
import type { ReactNode } from 'react';
import { vi } from 'vitest';
import { newQueryClient } from '@/bridge/client';
import type { FieldState, RecordView, Ticket } from '@/bridge/contract';
import type { Language } from '@/lib/i18n';
import { LanguageContext } from '@/state/language';
import { theme } from '@/ui/theme';

export interface Asked {
  method: string;
  path: string;
  body: unknown;
}

/** What stands for the program: answers by "METHOD /path", a Response for anything but success. Everything asked is kept. */
export function program(answers: Record<string, unknown>): Asked[] {
  const asked: Asked[] = [];
  vi.stubGlobal('fetch', (address: string, options: RequestInit) => {
    const path = new URL(address, 'http://localhost').pathname.replace('/api/v1', '');
    const method = options.method ?? 'GET';
    const one: Asked = { method, path, body: typeof options.body === 'string' ? JSON.parse(options.body) : undefined };
    asked.push(one);
    const key = `${method} ${path}`;
    if (!(key in answers)) return Promise.resolve(problem(404, 'not_found', `No answer for ${key}.`));
    const found = answers[key];
    const value: unknown = typeof found === 'function' ? (found as (asked: Asked) => unknown)(one) : found;
    return Promise.resolve(value instanceof Response ? value : new Response(JSON.stringify(value)));
  });
  return asked;
}

export function problem(status: number, code: string, detail: string): Response {
  return new Response(JSON.stringify({ title: 'Problem', status, code, detail }), { status });
}

/** Shows something as the program would, at an address. Resolves once the router stands. */
export async function show(what: ReactNode, options: { language?: Language; at?: string; client?: QueryClient } = {}): Promise<RenderResult & { client: QueryClient; address: () => string }> {
  const client = options.client ?? newQueryClient();
  client.setDefaultOptions({ ...client.getDefaultOptions(), queries: { ...client.getDefaultOptions().queries, retry: false } });
  const root = createRootRoute();
  const here = createRoute({ getParentRoute: () => root, path: '$', component: () => what });
  const router = createRouter({ routeTree: root.addChildren([here]), history: createMemoryHistory({ initialEntries: [options.at ?? '/here'] }) });
  await router.load();
  const shown = render(
    <QueryClientProvider client={client}>
      <MantineProvider theme={theme} env="test">
        <LanguageContext value={options.language ?? 'en'}>
          <RouterProvider router={router} />
        </LanguageContext>
      </MantineProvider>
    </QueryClientProvider>,
  );
  return { ...shown, client, address: () => router.state.location.pathname };
}

export const ana = { id: 'p-ana', title: 'Ana Petrović', kind: 'person' };
export const mia = { id: 'p-mia', title: 'Mia Schneider', kind: 'person' };

export function field(name: string, part: Partial<FieldState> = {}): FieldState {
  return { name, label: name, type: 'text', rule: 'register', value: null, display: '', seen: [`seen-${name}`], pending: false, conflicts: [], by: ana, at: '2026-03-10T12:00:00Z', ...part };
}

export function record(fields: FieldState[], part: Partial<RecordView> = {}): RecordView {
  return {
    id: 'r1', kind: 'incident', space: 'LYO', site: 'LYO', number: 'INC-LYO-00042', provisional: 'INC-LYO-~7F3A', title: 'VPN drops', archived: false, pending: 0,
    createdAt: '2026-03-10T11:00:00Z', createdBy: ana, changedAt: '2026-03-10T12:00:00Z', fields, duplicateOf: [], ...part,
  };
}

export function ticket(part: Partial<Ticket> = {}, fields: FieldState[] = []): Ticket {
  return {
    ...record([
      field('title', { value: 'VPN drops', display: 'VPN drops' }), field('description', { type: 'markdown', rule: 'text', value: 'Every hour.' }), field('status', { type: 'choice', rule: 'state', value: 'new', display: 'New' }),
      field('assignee', { type: 'ref', value: null }), field('tags', { rule: 'set', value: ['vpn'] }), ...fields,
    ]),
    status: { key: 'new', label: 'New', phase: 'open' }, next: [], priority: { key: '2', label: 'High', reason: 'Impact high, urgency medium.', overridden: false }, conversation: [], parked: [], clocks: [], ...part,
  };
}

export const meta = {
  kinds: [{ name: 'incident', label: 'Incident', prefix: 'INC', fields: [{ name: 'resolution_text', label: 'Resolution', type: 'markdown', rule: 'register' }] }], sites: [],
};
