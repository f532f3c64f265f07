/** The shapes of the API. Times are RFC 3339 text; 64-bit numbers and edit ids are text; ids are UUID text. */
export type * from './contract.waiting';
export type * from './files';

import type { TypedText } from './contract.waiting';

export type Kind = 'incident' | 'request' | 'service' | 'article' | 'person' | 'team' | 'site';
export type TicketKind = 'incident' | 'request';

/** A value of a field: references as id, sets as a list of ids or words. */
export type Value = string | number | boolean | string[] | null;
export type Values = Record<string, Value>;

export interface Ref {
  id: string;
  title: string;
  number?: string;
  kind: string;
}

/** Edit ids: what the author of a change saw in the field. Handed back as it came. */
export type Seen = string[];

export interface HeldValue {
  edit: string;
  value: Value;
  display: string;
  by: Ref | null;
  at: string;
  device: string;
  /** of a text: what its author saw before, as long as that is kept */
  base?: string;
}

export type FieldType = 'text' | 'markdown' | 'choice' | 'ref' | 'instant' | 'integer' | 'flag' | 'money' | 'entry';
export type FieldRule = 'register' | 'text' | 'set' | 'list' | 'counter' | 'state' | 'number' | 'unique';

export interface FieldState {
  name: string;
  label: string;
  type: FieldType;
  rule: FieldRule;
  value: Value;
  display?: string;
  seen: Seen;
  pending: boolean;
  readOnly?: boolean;
  by?: Ref | null;
  at?: string | null;
  conflicts: HeldValue[];
}

export interface RecordView {
  id: string;
  kind: Kind;
  space: string;
  site: string;
  number: string | null;
  provisional: string;
  title: string;
  archived: boolean;
  pending: number;
  createdAt: string;
  createdBy: Ref | null;
  changedAt: string;
  fields: FieldState[];
  duplicateOf: Ref[];
  newer?: boolean;
}

export interface Choice {
  key: string;
  label: string;
  hint?: string;
  phase?: Phase;
}

export type Phase = 'open' | 'paused' | 'resolved' | 'closed';

export interface FormField {
  name: string;
  label: string;
  type: FieldType;
  required: boolean;
  choices?: Choice[] | null;
  default?: Value;
}

export type Change =
  | { op: 'set'; field: string; value: Value; seen: Seen }
  | { op: 'text'; field: string; value: string; base: string; seen: Seen }
  | { op: 'add' | 'remove'; field: string; value: string; seen?: Seen }
  | { op: 'append'; field: string; item?: string; value: { text: string } }
  | { op: 'count'; field: string; delta: number }
  | { op: 'transition'; to: string; from: string; with: Values }
  | { op: 'claim'; field: string; value: string; expected: string | null }
  | { op: 'archive' }
  | { op: 'restore' }
  | { op: 'settle'; edit: string };

export interface NewRecord {
  id: string;
  site?: string;
  fields: Values;
  action?: string;
}

export type ChangeResult = 'applied' | 'merged' | 'conflict' | 'parked' | 'poison';

export interface HistoryRow {
  edit: string;
  commit: string | null;
  at: string;
  by: Ref | null;
  device: { id: string; name: string };
  action: string;
  field?: string;
  label?: string;
  from?: unknown;
  to?: unknown;
  fromDisplay?: string;
  toDisplay?: string;
  result: ChangeResult | null;
  record?: Ref;
}

export interface Facet {
  key: string;
  label: string;
  count: number;
}

export interface Page<R> {
  rows: R[];
  total: number;
  next: string | null;
  facets: Record<string, Facet[]>;
  revision: string;
}

/** One row of any list; which parts are filled follows from the kind. */
export interface Row {
  id: string;
  kind: Kind;
  number: string | null;
  provisional: string;
  title: string;
  site: string;
  status?: string;
  statusLabel?: string;
  statusPhase?: string;
  priority: string | null;
  priorityLabel?: string;
  assignee: Ref | null;
  team: Ref | null;
  service: Ref | null;
  owner: Ref | null;
  category?: string;
  tags: string[];
  roles?: string[];
  createdAt: string;
  changedAt: string;
  due: string | null;
  pending: boolean;
  conflicts: number;
  parked: number;
}

export interface Entry {
  item: string;
  kind: 'reply' | 'note' | 'event';
  text: string;
  html: string;
  by: Ref | null;
  at: string;
  pending: boolean;
  device?: string;
}

export interface Parked {
  edit: string;
  record: Ref;
  action: string;
  reason: { code: string; sentence: string };
  /** what was typed stands on the record as a note already */
  kept: boolean;
  by: Ref | null;
  at: string;
  device: string;
  texts: TypedText[];
  mine: boolean;
}

export interface NextStatus {
  to: string;
  label: string;
  required: FormField[];
  allowed: boolean;
  reason?: string;
}

export interface SlaClock {
  name: string;
  label: string;
  due: string | null;
  state: 'running' | 'paused' | 'met' | 'breached';
  explain: string;
}

export interface Ticket extends RecordView {
  status: { key: string; label: string; phase: string };
  next: NextStatus[];
  priority: { key: string; label: string; reason: string; overridden: boolean };
  conversation: Entry[];
  parked: Parked[];
  clocks: SlaClock[];
  /** the site that the ticket was moved to: this is what stayed behind */
  movedTo?: Whereabouts;
  movedFrom?: Whereabouts;
}

export interface Place {
  code: string;
  name: string;
}

export interface Whereabouts extends Place {
  number?: string;
  /** the ticket there, when this device holds that site */
  ticket?: Ref;
}

export interface TicketForm {
  fields: FormField[];
  templates: { key: string; label: string; fields: Values }[];
}

export interface Service extends RecordView {
  next: NextStatus[];
  html: Record<string, string>;
  gate: { ready: boolean; missing: { id: string; name: string }[] };
}

export interface Article extends RecordView {
  next: NextStatus[];
  html: string;
}

export interface Hit {
  id: string;
  kind: Kind;
  number: string | null;
  provisional: string;
  title: string;
  snippet: string;
  status?: string;
  score: number;
}

export interface ConflictItem {
  record: Ref;
  field: string;
  label: string;
  type: FieldType;
  rule: FieldRule;
  shown: HeldValue;
  others: HeldValue[];
  seen: Seen;
  mine: boolean;
}

export interface ConflictPage {
  conflicts: ConflictItem[];
  parked: Parked[];
  total: number;
}

export type SyncState = 'up_to_date' | 'sharing' | 'waiting' | 'cut_off' | 'paused';

export interface Peer {
  device: string;
  name: string;
  role: string;
  address: string;
  person?: Ref | null;
  connected: boolean;
  lastExchange: string | null;
  covered: boolean;
  error?: { code: string; sentence: string } | null;
}

export interface SyncStatus {
  state: SyncState;
  since: string | null;
  sentence: string;
  waiting: number;
  decisions: number;
  /** an administrator shut this device out */
  shutOut?: boolean;
  embedded: boolean;
  cluster: { id: string; name: string };
  device: { id: string; name: string; person: Ref | null; site: string };
  spaces: { space: string; generation: string; commit: string; digest: string; pending: number }[];
  peers: Peer[];
  clock: { suspicious: boolean; sentence?: string };
}

export type { Device } from './contract.care';

export interface Member {
  id: string;
  name: string;
  address: string;
  voter: boolean;
  leader: boolean;
  healthy: boolean;
  /** only the leader knows whether it answers */
  unknown?: boolean;
  lag: string;
}

export interface Invite {
  /** shown once, when the invite is made */
  text?: string;
  qrPng?: string;
  role: string;
  expires: string;
  addresses: string[];
  used: string | null;
}

export interface Setup {
  ready: boolean;
  version: string;
  dataFolder: string;
  /** that the data of this device was removed, and on whose word */
  wiped?: string;
  person?: Ref | null;
  site?: { code: string; name: string } | null;
  /** the code of a folder that was just encrypted; given this once */
  recovery?: string;
}

export interface Me {
  person: Ref | null;
  may: Record<string, boolean>;
  site: string;
}

export interface Prefs {
  theme: 'system' | 'light' | 'dark';
  density: 'comfortable' | 'compact';
  language: 'system' | 'en' | 'de';
  nearby: boolean;
}

export interface MetaField {
  name: string;
  label: string;
  type: FieldType;
  rule: FieldRule;
  target?: string;
  choices?: Choice[] | null;
}

export interface Meta {
  kinds: { name: string; label: string; prefix?: string; fields: MetaField[] }[];
  sites: { code: string; name: string }[];
}

export interface Problem {
  file: string;
  line: number;
  column: number;
  what: string;
  allowed?: string;
}

export interface ConfigFile {
  path: string;
  size: number;
  kind: string;
  changed: boolean;
}

export interface ConfigState {
  branch: string;
  commit: string;
  publishedAt: string | null;
  by?: string | null;
  draft: { changed: number; waiting: boolean };
  problems: Problem[];
  files: ConfigFile[];
}

export interface ConfigText {
  path: string;
  text: string;
  commit: string;
  schema?: string;
}

export interface ConfigCommit {
  hash: string;
  author: string;
  at: string;
  message: string;
  published: boolean;
}

export interface DiffLine {
  op: ' ' | '+' | '-';
  old?: number;
  new?: number;
  text: string;
}

export interface FileDiff {
  path: string;
  status: string;
  lines: DiffLine[];
}

export interface Published {
  state: 'published' | 'waiting' | 'merged' | 'conflict' | 'refused' | 'nothing';
  commit: string;
  problems?: Problem[];
  conflicts?: string[];
}

export interface Runbook {
  path: string;
  title: string;
  html: string;
}

export type ImportForm = 'servicenow-log' | 'csv' | 'jsonl';
export type ImportState = 'receiving' | 'planning' | 'planned' | 'running' | 'done' | 'cancelled' | 'failed';

export interface ImportPlan {
  create: Record<string, number>;
  change: number;
  skip: number;
  steps: number;
  reasons: Record<string, number>;
  errors: { line: number; reason: string }[];
  samples: string[];
  matches?: { line: number; kind: string; name: string; id: string; title: string }[] | null;
  lacking?: Record<string, number> | null;
}

export interface ImportJob {
  id: string;
  name: string;
  state: ImportState;
  done: number;
  total: number;
  rate: number;
  plan?: ImportPlan | null;
  result?: ImportPlan | null;
  columns?: string[] | null;
  /** the mapping in use, as YAML */
  mapping?: string;
  problem?: { code: string; detail: string } | null;
}

/** What changed: small, sent after it is stored. Empty `ids` with `kinds` means many. */
export interface Changed {
  revision: string;
  ids: string[];
  kinds: string[];
  sync: boolean;
  config: boolean;
}

export type * from './contract.bundles';
