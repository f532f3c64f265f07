import type { ConfigState, ConflictItem, ImportJob, Me, Parked, Prefs, Setup, SyncStatus, WaitingEdit } from '../../src/bridge/contract';
import { meta, records, refOf } from './model';
import { me } from './seed';

export type Scenario = 'first' | 'empty' | 'few' | 'busy' | 'huge' | 'cutoff' | 'broken';
export const scenarios: readonly Scenario[] = ['first', 'empty', 'few', 'busy', 'huge', 'cutoff', 'broken'];

export const state = {
  scenario: 'busy' as Scenario,
  setup: { ready: true, version: '0.1.0-mock', dataFolder: '/home/ana/.local/share/holdfast' } as Setup,
  prefs: { theme: 'system', density: 'comfortable', language: 'en', nearby: true } as Prefs,
  paused: false,
  draft: new Map<string, string>(),
  imports: new Map<string, ImportJob & { polls: number }>(),
};

export const myself = (): Me => ({ person: me, site: 'LYO', may: {} });

export function conflictItems(): ConflictItem[] {
  return [...records.values()].flatMap((stored) => stored.view.fields.filter((field) => field.conflicts.length > 0).map((field): ConflictItem => ({
    record: refOf(stored.view.id) ?? me, field: field.name, label: field.label, type: field.type, rule: field.rule, seen: [...field.seen, ...field.conflicts.map((held) => held.edit)], mine: true,
    shown: { edit: field.seen[0] ?? '', value: field.value, display: field.display ?? '', by: field.by ?? null, at: field.at ?? '', device: 'ana-laptop' }, others: field.conflicts,
  })));
}
export const parkedItems = (): Parked[] => [...records.values()].flatMap((stored) => stored.parked);
export const pendingRecords = () => [...records.values()].filter((stored) => stored.view.pending > 0);

export function waiting(): WaitingEdit[] {
  return pendingRecords().map((stored, i) => ({ edit: `w${String(i)}`, record: refOf(stored.view.id) ?? me, action: i % 2 === 0 ? 'edit' : 'note', at: stored.view.changedAt, by: me, device: 'ana-laptop', newer: i === 1, texts: [], lacks: [] }));
}

export function syncStatus(): SyncStatus {
  const count = pendingRecords().reduce((sum, stored) => sum + stored.view.pending, 0);
  const cut = state.scenario === 'cutoff';
  const since = new Date();
  since.setHours(14, 2, 0, 0);
  return {
    state: state.paused ? 'paused' : cut ? 'cut_off' : count > 0 ? 'waiting' : 'up_to_date', since: cut ? since.toISOString() : null,
    sentence: state.paused ? 'You work offline. Everything is kept here and shared when you go back online.' : cut ? 'Cut off since 14:02. Everything you do is kept and shared when a peer is back.' : count > 0 ? `${String(count)} changes wait to be shared.` : 'Everything here is shared with the others.',
    waiting: count, decisions: cut ? 0 : conflictItems().length + parkedItems().length, embedded: false, cluster: { id: 'c1', name: 'Acme IT' }, device: { id: 'd1', name: 'ana-laptop', person: me, site: 'LYO' },
    spaces: [{ space: 'org', generation: '1', commit: '412', digest: '8f31c2ab77d01c3e', pending: 0 }, { space: 'LYO', generation: '1', commit: '12884', digest: '02ac99b1f4a8c1d2', pending: count }],
    peers: [
      { device: 'n1', name: 'lyo-node', role: 'node', address: '10.4.0.2:7447', connected: !cut && !state.paused, lastExchange: new Date(Date.now() - 8000).toISOString(), covered: count === 0 },
      { device: 'd2', name: 'mia-tablet', role: 'desktop', address: '10.4.1.77:7447', connected: false, lastExchange: new Date(Date.now() - 3_600_000 * 5).toISOString(), covered: false, error: { code: 'unreachable', sentence: 'mia-tablet does not answer. It may be switched off or in another network.' } },
    ],
    clock: { suspicious: false },
  };
}

const yaml: Record<string, string> = {
  'workflows/incident.yaml': 'kind: incident\nstates:\n  new:\n    label: New\n    to: [in_progress, on_hold]\n  in_progress:\n    label: In progress\n    to: [on_hold, resolved]\n  on_hold:\n    label: On hold\n    requires: [hold_reason]\n    to: [in_progress, resolved]\n',
  'priority/matrix.yaml': 'impact: [high, medium, low]\nurgency: [high, medium, low]\nmatrix:\n  - [critical, high, moderate]\n  - [high, moderate, low]\n  - [moderate, low, low]\n',
  'calendars/office.yaml': 'zone: Europe/Paris\nweek:\n  mon: [08:00-18:00]\n  tue: [08:00-18:00]\n',
  'sla/standard.yaml': 'name: Standard\nfirst_response: 4 h\nresolution: 2 working days\n',
  'runbooks/power-loss.md': '# Power loss at a branch\n\n1. Call the site.\n2. Check the UPS.\n',
};
export const fileText = (path: string): string => state.draft.get(path) ?? yaml[path] ?? '';
const problems = () => [...state.draft].flatMap(([file, text]) => text.split('\n').flatMap((line, i) => line.includes('oops') ? [{ file, line: i + 1, column: line.indexOf('oops') + 1, what: '“oops” is not a state.', allowed: 'new, in_progress, on_hold, resolved, closed' }] : []));
export function config(): ConfigState {
  return {
    branch: 'main', commit: 'a94f01c7e2', publishedAt: new Date(Date.now() - 86_400_000 * 2).toISOString(), by: me.title, draft: { changed: state.draft.size, waiting: false }, problems: problems(),
    files: Object.entries(yaml).map(([path, text]) => ({ path, size: text.length, kind: path.endsWith('.md') ? 'runbook' : 'yaml', changed: state.draft.has(path) })),
  };
}
export const configProblems = problems;

export function search(q: string) {
  const words = q.toLowerCase().split(/\s+/).filter((word) => word !== '');
  const hits = [];
  for (const stored of records.values()) {
    const { view } = stored;
    const all = `${view.number ?? ''} ${view.provisional} ${view.title}`.toLowerCase();
    if (!words.every((word) => all.includes(word))) continue;
    hits.push({ id: view.id, kind: view.kind, number: view.number, provisional: view.provisional, title: view.title, snippet: `It began this morning with <mark>${words[0] ?? ''}</mark>`, score: 1 });
    if (hits.length >= 12) break;
  }
  return { hits, took: '1.8 ms' };
}

export { meta };
