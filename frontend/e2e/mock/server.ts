import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Change, Kind, Row, Value } from '../../src/bridge/contract';
import { config, configProblems, conflictItems, fileText, meta, myself, parkedItems, type Scenario, scenarios, search, state, syncStatus, waiting } from './areas';
import { choicesFor, choiceLabel, choices, displayOf, editId, fieldOf, make, records, refOf, rowOf, specs, statuses, type Stored, textOf } from './model';
import { me, seedPeople, seedTickets, seedTrouble } from './seed';

interface Call { method: string; path: string; query: URLSearchParams; body: Record<string, unknown> }

class Refusal extends Error {
  constructor(readonly status: number, readonly code: string, message: string) { super(message); }
}

const listeners = new Set<ServerResponse>();
function announce(ids: string[], kinds: string[]): void {
  for (const one of listeners) one.write(`data: ${JSON.stringify({ revision: '1', ids, kinds, sync: true, config: false })}\n\n`);
}

function seed(scenario: Scenario): void {
  records.clear();
  state.scenario = scenario;
  state.setup = { ...state.setup, ready: scenario !== 'first' };
  seedPeople();
  if (scenario === 'few') seedTickets(3);
  if (scenario === 'busy' || scenario === 'cutoff' || scenario === 'broken') seedTickets(400);
  if (scenario === 'huge') seedTickets(100_000);
  if (scenario === 'busy' || scenario === 'cutoff') seedTrouble();
}

const render = (text: string): string => text.split('\n\n').map((part) => {
  const inline = (s: string) => s.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/\*\*(.+?)\*\*/g, '<strong>$1</strong>').replace(/\*(.+?)\*/g, '<em>$1</em>').replace(/`([^`]+)`/g, '<code>$1</code>');
  if (part.startsWith('```')) return `<pre><code>${part.replace(/```\n?/g, '')}</code></pre>`;
  if (part.startsWith('# ')) return `<h1>${inline(part.slice(2))}</h1>`;
  if (part.startsWith('> ')) return `<blockquote>${inline(part.slice(2))}</blockquote>`;
  if (/^\d\. /.test(part)) return `<ol>${part.split('\n').map((l) => `<li>${inline(l.replace(/^\d+\. /, ''))}</li>`).join('')}</ol>`;
  if (part.startsWith('- ')) return `<ul>${part.split('\n').map((l) => `<li>${inline(l.slice(2))}</li>`).join('')}</ul>`;
  return `<p>${inline(part)}</p>`;
}).join('');

function one(id: string): Stored {
  const found = records.get(id);
  if (found === undefined) throw new Refusal(404, 'not_found', 'This record is not on this device. It may belong to a site that this device does not share, or the link may be wrong.');
  return found;
}

function put(stored: Stored, name: string, value: Value): void {
  const field = fieldOf(stored, name);
  const spec = specs[stored.view.kind].find((s) => s.name === name);
  if (field === undefined || spec === undefined) throw new Refusal(422, 'invalid', `There is no field called ${name}.`);
  stored.history.push({ edit: editId(), commit: null, at: new Date().toISOString(), by: me, device: { id: 'd1', name: 'ana-laptop' }, action: 'edit', field: name, label: field.label, fromDisplay: field.display ?? '', toDisplay: displayOf(stored.view.kind, spec, value), result: null });
  Object.assign(field, { value, display: displayOf(stored.view.kind, spec, value), pending: true, seen: [editId()], by: me, at: new Date().toISOString() });
  if (name === 'title') stored.view.title = String(value);
}

function apply(stored: Stored, change: Change): void {
  switch (change.op) {
    case 'set': case 'text': case 'claim': {
      const field = fieldOf(stored, change.field);
      if (field !== undefined && 'seen' in change) field.conflicts = field.conflicts.filter((held) => !change.seen.includes(held.edit));
      put(stored, change.field, change.value);
      break;
    }
    case 'add': put(stored, change.field, [...new Set([...(fieldOf(stored, change.field)?.value as string[]), change.value])]); break;
    case 'remove': put(stored, change.field, (fieldOf(stored, change.field)?.value as string[]).filter((v) => v !== change.value)); break;
    case 'count': put(stored, change.field, Number(fieldOf(stored, change.field)?.value ?? 0) + change.delta); break;
    case 'transition': {
      const name = stored.view.kind === 'service' ? 'stage' : 'status';
      if (stored.view.kind === 'service' && change.to === 'live' && textOf(stored, 'sla') === '') throw new Refusal(422, 'invalid', 'This service cannot go live yet: it has no service level and no continuity class.');
      put(stored, name, change.to);
      for (const [field, value] of Object.entries(change.with)) put(stored, field, value);
      break;
    }
    case 'settle': stored.parked = stored.parked.filter((parked) => parked.edit !== change.edit); break;
    case 'archive': stored.view.archived = true; break;
    case 'restore': stored.view.archived = false; break;
    case 'append': break;
  }
}

function touched(stored: Stored): void {
  stored.view.changedAt = new Date().toISOString();
  stored.view.pending++;
  announce([stored.view.id], [stored.view.kind]);
  setTimeout(() => {
    if (state.paused || state.scenario === 'cutoff') return;
    stored.view.pending = 0;
    stored.view.number ??= `INC-LYO-${String(records.size).padStart(5, '0')}`;
    for (const field of stored.view.fields) field.pending = false;
    for (const row of stored.history) row.commit ??= '99';
    for (const entry of stored.entries) entry.pending = false;
    announce([stored.view.id], [stored.view.kind]);
  }, 1500);
}

function ticket(stored: Stored) {
  const status = textOf(stored, 'status');
  const priority = textOf(stored, 'priority');
  const need = (name: string) => { const s = specs.incident.find((f) => f.name === name); return { name, label: s?.label ?? name, type: s?.type ?? 'text', choices: Array.isArray(choices[name]) ? choices[name] : [] }; };
  const required: Record<string, string[]> = { on_hold: ['hold_reason'], resolved: ['resolution_code', 'resolution_text'] };
  return {
    ...stored.view, status: { key: status, label: choiceLabel('incident', 'status', status), phase: statuses.find((s) => s.key === status)?.phase ?? '' },
    next: statuses.filter((s) => s.key !== status).map((s) => ({ to: s.key, label: s.label, required: (required[s.key] ?? []).map(need), allowed: s.key !== 'closed' || status === 'resolved', ...(s.key === 'closed' && status !== 'resolved' ? { reason: 'Resolve it first.' } : {}) })),
    priority: { key: priority, label: choiceLabel('incident', 'priority', priority), reason: 'Impact medium × urgency high', overridden: false },
    conversation: stored.entries.map((entry) => ({ ...entry, html: render(entry.text), device: 'ana-laptop' })), parked: stored.parked,
    clocks: stored.due === null ? [] : [{ name: 'response', label: 'First response', due: stored.view.createdAt, state: 'met', explain: 'Answered after 12 minutes; 4 hours were allowed.' }, { name: 'resolution', label: 'Resolution', due: stored.due, state: Date.parse(stored.due) < Date.now() ? 'breached' : 'running', explain: '2 working days of the office calendar from Mon 09:12, less 40 minutes on hold.' }],
  };
}

const phases: Record<string, string[]> = { open: ['open', 'paused'] };
const byView: Record<string, (row: Row) => boolean> = {
  open: (r) => phases['open']?.includes(r.statusPhase ?? '') === true, mine: (r) => r.assignee?.id === me.id && phases['open']?.includes(r.statusPhase ?? '') === true, unassigned: (r) => r.assignee === null && phases['open']?.includes(r.statusPhase ?? '') === true,
  pending: (r) => r.pending, conflicts: (r) => r.conflicts + r.parked > 0, all: () => true,
};
const facetValues: Record<string, (row: Row) => [string, string][]> = {
  status: (r) => [[r.status ?? '', r.statusLabel ?? '']], stage: (r) => [[r.status ?? '', r.statusLabel ?? '']], priority: (r) => [[r.priority ?? '', r.priorityLabel ?? '']], team: (r) => [[r.team?.id ?? 'none', r.team?.title ?? 'None']], assignee: (r) => [[r.assignee?.id ?? 'none', r.assignee?.title ?? 'None']],
  category: (r) => [[r.category ?? '', choiceLabel('incident', 'category', r.category ?? '')]], kind: (r) => [[r.kind, r.kind]], site: (r) => [[r.site, r.site]], service: (r) => [[r.service?.id ?? 'none', r.service?.title ?? 'None']], tags: (r) => r.tags.map((tag) => [tag, tag]),
};

function list(kinds: Kind[], query: URLSearchParams) {
  const all = [...records.values()].filter((stored) => kinds.includes(stored.view.kind)).map(rowOf);
  const view = byView[query.get('view') ?? 'all'] ?? (() => true);
  const q = (query.get('q') ?? '').toLowerCase();
  const base = all.filter((row) => view(row) && `${row.number ?? ''} ${row.title}`.toLowerCase().includes(q));
  const passes = (row: Row, except = '') => Object.entries(facetValues).every(([facet, read]) => {
    const wanted = query.getAll(facet === 'tags' ? 'tag' : facet);
    return facet === except || wanted.length === 0 || read(row).some(([key]) => wanted.includes(key));
  });
  const rows = base.filter((row) => passes(row));
  const sort = query.get('sort') ?? '-changedAt';
  const key = sort.replace('-', '') as keyof Row;
  rows.sort((a, b) => JSON.stringify(a[key] ?? '~').localeCompare(JSON.stringify(b[key] ?? '~')) * (sort.startsWith('-') ? -1 : 1));
  const offset = Number(query.get('offset') ?? 0);
  const limit = Math.min(200, Number(query.get('limit') ?? 50));
  const facets = Object.fromEntries(Object.entries(facetValues).map(([facet, read]) => {
    const counts = new Map<string, { key: string; label: string; count: number }>();
    for (const row of base) if (passes(row, facet)) for (const [k, label] of read(row)) counts.set(k, { key: k, label, count: (counts.get(k)?.count ?? 0) + 1 });
    return [facet, [...counts.values()].sort((a, b) => b.count - a.count)];
  }));
  return { rows: rows.slice(offset, offset + limit), total: rows.length, next: offset + limit < rows.length ? String(offset + limit) : null, facets, revision: '1' };
}

function steps(stored: Stored, name: string) {
  const now = textOf(stored, name);
  return choicesFor(stored.view.kind, name).filter((choice) => choice.key !== now).map((choice) => ({ to: choice.key, label: choice.label, required: [], allowed: true }));
}

type Handler = (call: Call, ...parts: string[]) => unknown;
const on = (pattern: string, handler: Handler): [RegExp, Handler] => [new RegExp(`^${pattern}$`), handler];
const plural: Record<string, Kind> = { services: 'service', articles: 'article', people: 'person', teams: 'team', sites: 'site' };

function say(kind: 'reply' | 'note'): Handler {
  return (call, id = '') => {
    const stored = one(id);
    if (String(call.body['text']).includes('fail')) throw new Refusal(507, 'disk_full', 'The disk is full. Free some space and send again; your text is kept.');
    stored.entries.push({ item: String(call.body['item']), kind, text: String(call.body['text']), by: me, at: new Date().toISOString(), pending: true });
    touched(stored);
    return ticket(stored);
  };
}

const routes: [RegExp, Handler][] = [
  on('GET /setup', () => state.setup),
  on('POST /setup/(?:site|join)', (call) => {
    if (JSON.stringify(call.body).includes('expired')) throw new Refusal(410, 'invite_expired', 'This invite expired yesterday. Ask for a new one.');
    seed(call.body['sample'] === true ? 'few' : 'empty');
    return state.setup;
  }),
  on('GET /me', () => myself()),
  on('GET /meta', () => meta),
  on('GET /prefs', () => state.prefs),
  on('PUT /prefs', (call) => { Object.assign(state.prefs, call.body); return state.prefs; }),
  on('GET /tickets', (call) => {
    if (state.scenario === 'broken') throw new Refusal(500, 'corrupt', 'A part of the stored data is damaged and could not be read. Open Settings and run the check; another device may still have it.');
    return list(['incident', 'request'], call.query);
  }),
  on('GET /tickets/form', () => ({ fields: ['title', 'caller', 'description', 'channel', 'service', 'category', 'impact', 'urgency', 'team', 'assignee', 'location', 'tags'].map((name) => { const s = specs.incident.find((f) => f.name === name); return { ...s, required: name === 'title', choices: Array.isArray(choices[name]) ? choices[name] : undefined }; }), templates: [{ key: 'vpn', label: 'VPN trouble', fields: { title: 'VPN drops', category: 'network', impact: 'low', urgency: 'medium' } }] })),
  on('GET /tickets/([^/]+)', (_c, id = '') => ticket(one(id))),
  on('POST /tickets/([^/]+)/take', (_c, id = '') => { put(one(id), 'assignee', me.id); touched(one(id)); return ticket(one(id)); }),
  on('POST /tickets/([^/]+)/reply', say('reply')),
  on('POST /tickets/([^/]+)/note', say('note')),
  on('POST /records/([a-z]+)', (call, kind = '') => {
    const values = call.body['fields'] as Record<string, Value>;
    const stored = make(kind as Kind, { status: kind === 'article' ? 'draft' : 'new', stage: 'pipeline', priority: 'moderate', ...values }, { by: me, id: String(call.body['id']), pending: true });
    touched(stored);
    return stored.view;
  }),
  on('GET /records/([^/]+)', (_c, id = '') => one(id).view),
  on('GET /records/([^/]+)/history', (_c, id = '') => ({ changes: one(id).history })),
  on('GET /records/([^/]+)/attachments', () => ({ attachments: [] })),
  on('GET /prefs/files', () => ({ keep: 'all', days: 90, megabytes: 20, fixed: false, figures: { files: 3, here: 2, bytes: 8_400_000 } })),
  on('POST /records/([^/]+)/changes', (call, id = '') => {
    for (const change of call.body['changes'] as Change[]) apply(one(id), change);
    touched(one(id));
    return one(id).view;
  }),
  on('GET /(services|articles|people|teams|sites)', (call, path = '') => list([plural[path] ?? 'person'], call.query)),
  on('GET /services/([^/]+)', (_c, id = '') => { const s = one(id); const missing = ['owner', 'team', 'sla', 'continuity_class'].filter((n) => textOf(s, n) === ''); return { ...s.view, next: steps(s, 'stage'), html: { description: render(textOf(s, 'description')), features: render(textOf(s, 'features')) }, gate: { ready: missing.length === 0, missing: missing.map((id) => ({ id, name: fieldOf(s, id)?.label ?? id })) } }; }),
  on('GET /articles/([^/]+)', (_c, id = '') => ({ ...one(id).view, next: steps(one(id), 'status'), html: render(textOf(one(id), 'body')) })),
  on('POST /markdown/preview', (call) => ({ html: render(String(call.body['text'])) })),
  on('GET /search', (call) => search(call.query.get('q') ?? '')),
  on('GET /conflicts', () => ({ conflicts: conflictItems(), parked: parkedItems(), total: conflictItems().length + parkedItems().length })),
  on('GET /history', () => ({ changes: [...records.values()].slice(0, 60).flatMap((s) => s.history.map((row) => ({ ...row, record: refOf(s.view.id) }))).sort((a, b) => b.at.localeCompare(a.at)).slice(0, 12) })),
  on('GET /sync', () => syncStatus()),
  on('POST /sync/(pause|resume)', (_c, what) => { state.paused = what === 'pause'; announce([], []); return syncStatus(); }),
  on('GET /sync/waiting', () => ({ edits: waiting(), total: waiting().length })),
  on('GET /bundles/waiting', () => ({ bundles: [] })),
  on('GET /sync/devices', () => ({ devices: [{ id: 'd1', name: 'ana-laptop', role: 'desktop', person: me, site: 'LYO', enrolled: new Date(Date.now() - 1e9).toISOString(), lastSeen: new Date().toISOString() }, { id: 'd2', name: 'mia-tablet', role: 'desktop', site: 'LYO', enrolled: new Date(Date.now() - 2e9).toISOString(), lastSeen: new Date(Date.now() - 2e7).toISOString() }, { id: 'd3', name: 'old-desktop', role: 'desktop', site: 'LYO', enrolled: new Date(Date.now() - 9e9).toISOString(), lastSeen: null, revoked: 'left' }] })),
  on('GET /sync/members', () => ({ members: ['lyo-node', 'par-node', 'nan-node'].map((name, i) => ({ id: name, name, address: `10.${String(i)}.0.2:7447`, voter: i < 2, leader: i === 0, healthy: i !== 1, lag: String(i * 3) })), warning: 'Two voters: when one of them is away, nothing can be agreed. Give a third node a vote.' })),
  on('GET /sync/care', () => ({ recoveries: [{ generation: '2-9f3a01c7', at: new Date(Date.now() - 9e9).toISOString(), device: 'ana-laptop' }], recoveryKey: new Date(Date.now() - 8e9).toISOString(), makesKeys: true, mayManage: true, backup: { file: '/mnt/backup/holdfast.age', at: new Date(Date.now() - 1e9).toISOString(), bytes: 4.2e7, files: 12, waiting: 0, spaces: 2 }, backupFile: '/mnt/backup/holdfast-LYO-2026-11-21.age', node: true, checks: [{ name: 'backup_age', ok: false, count: 12, sentence: 'The last backup is 12 days old. Make a new one.' }] })),
  on('GET /sync/renumbered', () => ({ records: [] })),
  on('POST /sync/members/([^/]+)/(?:promote|remove)', () => ({ members: [] })),
  on('GET /sync/invites', () => ({ invites: [{ role: 'desktop', expires: new Date(Date.now() + 4e7).toISOString(), addresses: ['10.4.0.2:7447'], used: null }] })),
  on('POST /sync/invites', (call) => ({ text: `holdfast-invite-1.${'eyJhZGRyZXNzZXMiOlsiMTAuNC4wLjI6NzQ0NyJdLCJzZWNyZXQi'.repeat(3)}`, qrPng: 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==', role: String(call.body['role']), expires: new Date(Date.now() + 8.64e7).toISOString(), addresses: ['10.4.0.2:7447'], used: null })),
  on('GET /config', () => config()),
  on('GET /config/file', (call) => ({ path: call.query.get('path'), text: fileText(call.query.get('path') ?? ''), commit: 'a94f01c7e2', schema: 'states: a map of state names; each has label, to (list of states) and requires (list of fields).' })),
  on('PUT /config/file', (call) => { state.draft.set(call.query.get('path') ?? '', String(call.body['text'])); return { problems: configProblems(), commit: 'd1' }; }),
  on('GET /config/log', () => ({ commits: ['Add the hold reason “vendor”', 'Tighten the standard service level', 'Start'].map((message, i) => ({ hash: `a94f01c7e${String(2 - i)}`, author: me.title, at: new Date(Date.now() - i * 9e7).toISOString(), message, published: true })) })),
  on('GET /config/diff', () => ({ files: [{ path: 'sla/standard.yaml', status: 'changed', lines: [{ op: ' ', old: 1, new: 1, text: 'name: Standard' }, { op: '-', old: 2, text: 'first_response: 8 h' }, { op: '+', new: 2, text: 'first_response: 4 h' }, { op: ' ', old: 3, new: 3, text: 'resolution: 2 working days' }] }] })),
  on('POST /config/publish', () => { state.draft.clear(); return { state: 'published', commit: 'b1' }; }),
  on('POST /config/(?:revert|discard)', () => { state.draft.clear(); return { problems: [], commit: 'b2' }; }),
  on('GET /runbooks', () => ({ runbooks: [] })),
  on('POST /imports', (call) => { const id = `i${String(state.imports.size + 1)}`; const job = { id, state: 'receiving' as const, name: String(call.body['name']), done: 0, total: 0, rate: 0, polls: 0 }; state.imports.set(id, job); return job; }),
  on('PUT /imports/([^/]+)/chunks/\\d+', (_c, id = '') => state.imports.get(id)),
  on('POST /imports/([^/]+)/(dry-run|run|cancel)', (_c, id = '', step = '') => { const job = state.imports.get(id); if (job === undefined) throw new Refusal(404, 'not_found', 'There is no such import.'); Object.assign(job, { state: step === 'dry-run' ? 'planning' : step === 'run' ? 'running' : 'cancelled', polls: 0, done: 0, total: 5998 }); return job; }),
  on('GET /imports/([^/]+)', (_c, id = '') => {
    const job = state.imports.get(id);
    if (job === undefined) throw new Refusal(404, 'not_found', 'There is no such import.');
    const plan = { create: { incident: 890, person: 214, team: 38 }, change: 0, skip: 0, steps: 5998, reasons: {}, errors: [{ line: 512, reason: 'The state “-100” has no mapping.' }], samples: ['INC0000045', 'INC0000047'] };
    if (job.state === 'planning' || job.state === 'running') {
      job.done = Math.min(job.total, job.done + 900);
      job.rate = 3100;
      if (job.done === job.total) Object.assign(job, job.state === 'planning' ? { state: 'planned', plan } : { state: 'done', result: plan });
    }
    return job;
  }),
  on('POST /doctor', () => ({ checks: [{ name: 'data', ok: true, sentence: 'All stored data was read and is whole.' }, { name: 'clock', ok: true, sentence: 'The clock agrees with what others wrote.' }] })),
  on('POST /mock/(\\w+)', (_c, name) => { seed(scenarios.find((s) => s === name) ?? 'busy'); announce([], []); return {}; }),
];

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('utf8');
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
}

/** Answers /api/v1 from memory. */
export function mockMiddleware(name: string) {
  seed(scenarios.find((one) => one === name) ?? 'busy');
  return (request: IncomingMessage, response: ServerResponse, next: () => void): void => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    if (!url.pathname.startsWith('/api/v1')) { next(); return; }
    const path = url.pathname.slice('/api/v1'.length);
    if (path === '/events') {
      response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
      response.write(': alive\n\n');
      listeners.add(response);
      request.on('close', () => listeners.delete(response));
      return;
    }
    void answer(request, response, url, path);
  };
}

async function answer(request: IncomingMessage, response: ServerResponse, url: URL, path: string): Promise<void> {
  const method = request.method ?? 'GET';
  try {
    const body = await bodyOf(request);
    if (method === 'POST' && path === '/exports') { response.writeHead(200, { 'Content-Type': 'application/x-ndjson' }); response.end('{"kind":"incident"}\n'); return; }
    for (const [pattern, handler] of routes) {
      const match = pattern.exec(`${method} ${path}`);
      if (match === null) continue;
      const result = JSON.stringify(handler({ method, path, query: url.searchParams, body }, ...match.slice(1).map(decodeURIComponent)));
      response.writeHead(200, { 'Content-Type': 'application/json' });
      response.end(result);
      return;
    }
    throw new Refusal(404, 'not_found', `There is no ${method} ${path}.`);
  } catch (error) {
    const refusal = error instanceof Refusal ? error : new Refusal(500, 'internal', String(error));
    response.writeHead(refusal.status, { 'Content-Type': 'application/problem+json' });
    response.end(JSON.stringify({ type: 'about:blank', title: 'Problem', status: refusal.status, detail: refusal.message, code: refusal.code }));
  }
}
