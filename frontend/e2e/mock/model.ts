import type { Choice, FieldState, FieldType, FieldRule, HistoryRow, Kind, Meta, Parked, RecordView, Ref, Row, Value } from '../../src/bridge/contract';

export interface Stored {
  view: RecordView;
  entries: { item: string; kind: 'reply' | 'note'; text: string; by: Ref; at: string; pending: boolean }[];
  history: HistoryRow[];
  parked: Parked[];
  due: string | null;
}

const choice = (key: string, label: string, phase?: Choice['phase']): Choice => ({ key, label, ...(phase === undefined ? {} : { phase }) });

export const statuses: Choice[] = [
  choice('new', 'New', 'open'), choice('in_progress', 'In progress', 'open'), choice('on_hold', 'On hold', 'paused'), choice('resolved', 'Resolved', 'resolved'), choice('closed', 'Closed', 'closed'),
];
const three = [choice('high', 'High'), choice('medium', 'Medium'), choice('low', 'Low')];
export const choices: Record<string, Choice[] | Record<string, Choice[]>> = {
  status: { incident: statuses, request: statuses },
  priority: [choice('critical', 'Critical'), choice('high', 'High'), choice('moderate', 'Moderate'), choice('low', 'Low')],
  impact: three, urgency: three,
  category: [choice('network', 'Network'), choice('hardware', 'Hardware'), choice('software', 'Software'), choice('access', 'Access')],
  subcategory: [choice('vpn', 'VPN'), choice('wifi', 'Wi-Fi'), choice('printer', 'Printer')],
  channel: [choice('phone', 'Phone'), choice('walk_in', 'Walk-in'), choice('mail', 'E-mail')],
  resolution_code: [choice('fixed', 'Fixed'), choice('workaround', 'Workaround'), choice('not_reproducible', 'Not reproducible')],
  hold_reason: [choice('awaiting_caller', 'Awaiting caller'), choice('awaiting_vendor', 'Awaiting vendor')],
  stage: { service: [choice('pipeline', 'Pipeline'), choice('live', 'Live'), choice('retired', 'Retired')] },
  price_model: [choice('one_off', 'One-off'), choice('monthly', 'Monthly'), choice('per_unit', 'Per unit'), choice('free', 'Free')],
  hours: [choice('office', 'Office hours'), choice('always', '24×7')],
  sla: [choice('standard', 'Standard'), choice('gold', 'Gold')],
  continuity_class: [choice('a', 'Class A: 4 hours'), choice('b', 'Class B: 1 day')],
  article_status: { article: [choice('draft', 'Draft'), choice('review', 'In review'), choice('published', 'Published'), choice('retired', 'Retired')] },
  roles: [choice('technician', 'Technician'), choice('manager', 'Service manager'), choice('admin', 'Administrator')],
};

interface Spec { name: string; label: string; type: FieldType; rule: FieldRule; target?: string }
const f = (name: string, label: string, type: FieldType = 'text', rule: FieldRule = 'register', target?: string): Spec => ({ name, label, type, rule, ...(target === undefined ? {} : { target }) });
const ticketFields: Spec[] = [
  f('number', 'Number', 'text', 'number'), f('title', 'Title'), f('description', 'Description', 'markdown', 'text'), f('status', 'Status', 'choice', 'state'), f('impact', 'Impact', 'choice'), f('urgency', 'Urgency', 'choice'), f('priority', 'Priority', 'choice'),
  f('category', 'Category', 'choice'), f('subcategory', 'Subcategory', 'choice'), f('channel', 'Channel', 'choice'), f('caller', 'Caller', 'ref', 'register', 'person'), f('assignee', 'Assignee', 'ref', 'register', 'person'), f('team', 'Team', 'ref', 'register', 'team'),
  f('service', 'Service', 'ref', 'register', 'service'), f('location', 'Location'), f('tags', 'Tags', 'text', 'set'), f('watchers', 'Watchers', 'ref', 'set', 'person'), f('hold_reason', 'Hold reason', 'choice'), f('resolution_code', 'Resolution code', 'choice'), f('resolution_text', 'Resolution', 'markdown', 'text'), f('reopen_count', 'Reopened', 'integer', 'counter'),
];
export const specs: Record<Kind, Spec[]> = {
  incident: ticketFields, request: ticketFields,
  service: [f('number', 'Number', 'text', 'number'), f('title', 'Name'), f('description', 'Description', 'markdown', 'text'), f('features', 'Features', 'markdown', 'text'), f('stage', 'Stage', 'choice', 'state'), f('category', 'Category'), f('owner', 'Owner', 'ref', 'register', 'person'), f('deputy', 'Deputy', 'ref', 'register', 'person'), f('team', 'Support team', 'ref', 'register', 'team'), f('price_model', 'Price model', 'choice'), f('price', 'Price', 'money'), f('currency', 'Currency'), f('hours', 'Service hours', 'choice'), f('sla', 'Service level', 'choice'), f('continuity_class', 'Continuity class', 'choice'), f('provider', 'Provider'), f('depends_on', 'Depends on', 'ref', 'set', 'service')],
  article: [f('number', 'Number', 'text', 'number'), f('title', 'Title'), f('body', 'Text', 'markdown', 'text'), f('status', 'Status', 'choice', 'state'), f('owner', 'Owner', 'ref', 'register', 'person'), f('review_on', 'Review on', 'instant'), f('category', 'Category'), f('services', 'Services', 'ref', 'set', 'service'), f('tags', 'Tags', 'text', 'set'), f('helpful', 'Helpful', 'integer', 'counter'), f('not_helpful', 'Not helpful', 'integer', 'counter')],
  person: [f('title', 'Name'), f('login', 'Login', 'text', 'unique'), f('email', 'E-mail'), f('phone', 'Phone'), f('site', 'Site'), f('team', 'Team', 'ref', 'register', 'team'), f('roles', 'Roles', 'choice', 'set'), f('active', 'Active', 'flag')],
  team: [f('title', 'Name'), f('description', 'Description', 'markdown', 'text'), f('members', 'Members', 'ref', 'set', 'person')],
  site: [f('title', 'Name'), f('code', 'Code', 'text', 'unique'), f('address', 'Address'), f('zone', 'Time zone')],
};
export const prefixes: Record<Kind, string> = { incident: 'INC', request: 'REQ', service: 'SVC', article: 'KB', person: 'PER', team: 'TEAM', site: 'SITE' };
const labels: Record<Kind, string> = { incident: 'Incident', request: 'Request', service: 'Service', article: 'Article', person: 'Person', team: 'Team', site: 'Site' };

export const meta: Meta = {
  kinds: Object.entries(specs).map(([name, fields]) => ({ name, label: labels[name as Kind], prefix: prefixes[name as Kind], fields: fields.map((field) => ({ ...field, choices: choicesFor(name, field.name) })) })),
  sites: [{ name: 'Lyon', code: 'LYO' }],
};

export const records = new Map<string, Stored>();
let sequence = 0;
export const nextId = (): string => `0190${(++sequence).toString(16).padStart(28, '0')}`.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
export const editId = (): string => `dev1.1.${String(++sequence)}`;
export const refOf = (id: string | null): Ref | null => {
  const found = id === null ? undefined : records.get(id)?.view;
  return found === undefined ? null : { id: found.id, title: found.title, kind: found.kind, ...(found.number === null ? {} : { number: found.number }) };
};

export function choicesFor(kind: string, field: string): Choice[] {
  const list = choices[field === 'status' && kind === 'article' ? 'article_status' : field];
  return (Array.isArray(list) ? list : list?.[kind]) ?? [];
}

export function choiceLabel(kind: string, field: string, key: string): string {
  return choicesFor(kind, field).find((one) => one.key === key)?.label ?? key;
}

export function displayOf(kind: Kind, field: Spec, value: Value): string {
  if (value === null || Array.isArray(value)) return '';
  if (field.type === 'ref') return refOf(String(value))?.title ?? '';
  if (field.type === 'choice') return choiceLabel(kind, field.name, String(value));
  return String(value);
}

export function make(kind: Kind, values: Record<string, Value>, options: { by?: Ref | null; at?: string; id?: string; pending?: boolean; number?: number | null } = {}): Stored {
  const id = options.id ?? nextId();
  const at = options.at ?? new Date().toISOString();
  const n = options.number ?? null;
  const number = n === null ? null : kind === 'incident' || kind === 'request' ? `${prefixes[kind]}-LYO-${String(n).padStart(5, '0')}` : `${prefixes[kind]}-${String(n).padStart(5, '0')}`;
  const fields = specs[kind].filter((spec) => spec.name !== 'number').map((spec): FieldState => {
    const value = values[spec.name] ?? (spec.rule === 'set' ? [] : null);
    return { ...spec, value, display: displayOf(kind, spec, value), seen: [`${id}.${spec.name}`], pending: options.pending ?? false, conflicts: [], by: options.by ?? null, at, ...(spec.name === 'priority' ? { readOnly: true } : {}) };
  });
  const stored: Stored = {
    view: {
      id, kind, space: 'LYO', site: 'LYO', number, provisional: `${prefixes[kind]}-LYO-~${id.slice(-4).toUpperCase()}`, title: typeof values['title'] === 'string' ? values['title'] : '',
      archived: false, pending: options.pending === true ? 1 : 0, createdAt: at, createdBy: options.by ?? null, changedAt: at, fields, duplicateOf: [],
    },
    entries: [], history: [], parked: [], due: null,
  };
  records.set(id, stored);
  return stored;
}

export const fieldOf = (stored: Stored, name: string): FieldState | undefined => stored.view.fields.find((field) => field.name === name);
export const textOf = (stored: Stored, name: string): string => {
  const value = fieldOf(stored, name)?.value;
  return typeof value === 'string' ? value : '';
};

export function rowOf(stored: Stored): Row {
  const { view } = stored;
  const status = textOf(stored, view.kind === 'service' ? 'stage' : 'status');
  const priority = textOf(stored, 'priority');
  return {
    id: view.id, kind: view.kind, number: view.number, provisional: view.provisional, title: view.title, site: view.site, status, statusLabel: choiceLabel(view.kind, view.kind === 'service' ? 'stage' : 'status', status),
    statusPhase: statuses.find((one) => one.key === status)?.phase ?? '', priority: priority === '' ? null : priority, priorityLabel: choiceLabel(view.kind, 'priority', priority),
    assignee: refOf(textOf(stored, 'assignee')), team: refOf(textOf(stored, 'team')), service: refOf(textOf(stored, 'service')), owner: refOf(textOf(stored, 'owner')), category: textOf(stored, 'category'),
    tags: (fieldOf(stored, 'tags')?.value ?? []) as string[], createdAt: view.createdAt, changedAt: view.changedAt, due: stored.due, pending: view.pending > 0,
    conflicts: view.fields.filter((field) => field.conflicts.length > 0).length, parked: stored.parked.length,
  };
}
