import type {
  Article, ConfigCommit, ConfigState, ConfigText, ConflictPage, Device, FileDiff, HistoryRow, Hit, ImportForm, ImportJob, Invite,
  Kind, Me, Member, Meta, NewRecord, Page, Prefs, Problem, Published, RecordView, Row, Runbook, Service, Setup, SyncStatus,
  Ticket, TicketForm, TicketKind, WaitingEdit,
} from './contract';
import { call, callText, type EditBody, type Query } from './http';

type Signal = AbortSignal | undefined;
const at = encodeURIComponent;

/** Plural path segments of the kinds that have a list of their own. */
export const listPaths = { service: 'services', article: 'articles', person: 'people', team: 'teams', site: 'sites' } as const;
export type ListKind = keyof typeof listPaths;

/** Every operation of the program. Nothing else in the interface calls it. */
export const api = {
  setup: (signal?: Signal) => call<Setup>('GET', '/setup', { signal }),
  startSite: (body: { name: string; code: string; person: string; starter: boolean; sample: boolean }) =>
    call<Setup>('POST', '/setup/site', { body }),
  joinSite: (body: { invite: string; person?: string; device?: string }) => call<Setup>('POST', '/setup/join', { body }),
  me: (signal?: Signal) => call<Me>('GET', '/me', { signal }),
  meta: (signal?: Signal) => call<Meta>('GET', '/meta', { signal }),
  prefs: (signal?: Signal) => call<Prefs>('GET', '/prefs', { signal }),
  savePrefs: (body: Prefs) => call<Prefs>('PUT', '/prefs', { body }),

  record: (id: string, signal?: Signal) => call<RecordView>('GET', `/records/${at(id)}`, { signal }),
  create: (kind: Kind, body: NewRecord) => call<RecordView>('POST', `/records/${kind}`, { body }),
  change: (id: string, body: EditBody) => call<RecordView>('POST', `/records/${at(id)}/changes`, { body }),
  history: (id: string, signal?: Signal) => call<{ changes: HistoryRow[] }>('GET', `/records/${at(id)}/history`, { signal }),
  allHistory: (query: Query, signal?: Signal) =>
    call<{ changes: HistoryRow[]; next?: string | null }>('GET', '/history', { query, signal }),

  tickets: (query: Query, signal?: Signal) => call<Page<Row>>('GET', '/tickets', { query, signal }),
  ticket: (id: string, signal?: Signal) => call<Ticket>('GET', `/tickets/${at(id)}`, { signal }),
  take: (id: string, expectedAssignee: string | null) =>
    call<Ticket>('POST', `/tickets/${at(id)}/take`, { body: { expectedAssignee } }),
  reply: (id: string, body: { text: string; item: string }) => call<Ticket>('POST', `/tickets/${at(id)}/reply`, { body }),
  note: (id: string, body: { text: string; item: string }) => call<Ticket>('POST', `/tickets/${at(id)}/note`, { body }),
  ticketForm: (kind: TicketKind, signal?: Signal) => call<TicketForm>('GET', '/tickets/form', { query: { kind }, signal }),

  list: (kind: ListKind, query: Query, signal?: Signal) => call<Page<Row>>('GET', `/${listPaths[kind]}`, { query, signal }),
  service: (id: string, signal?: Signal) => call<Service>('GET', `/services/${at(id)}`, { signal }),
  article: (id: string, signal?: Signal) => call<Article>('GET', `/articles/${at(id)}`, { signal }),
  preview: (text: string, signal?: Signal) => call<{ html: string }>('POST', '/markdown/preview', { body: { text }, signal }),
  search: (query: { q: string; kind?: string; limit?: number }, signal?: Signal) =>
    call<{ hits: Hit[]; took: string }>('GET', '/search', { query, signal }),

  conflicts: (query: Query, signal?: Signal) => call<ConflictPage>('GET', '/conflicts', { query, signal }),
  sync: (signal?: Signal) => call<SyncStatus>('GET', '/sync', { signal }),
  pause: () => call<SyncStatus>('POST', '/sync/pause'),
  resume: () => call<SyncStatus>('POST', '/sync/resume'),
  waiting: (query: Query, signal?: Signal) =>
    call<{ edits: WaitingEdit[]; total: number; next?: string | null }>('GET', '/sync/waiting', { query, signal }),
  devices: (signal?: Signal) => call<{ devices: Device[] }>('GET', '/sync/devices', { signal }),
  members: (signal?: Signal) => call<{ members: Member[]; warning?: string }>('GET', '/sync/members', { signal }),
  changeMember: (id: string, what: 'promote' | 'remove') => call<unknown>('POST', `/sync/members/${at(id)}/${what}`),
  invite: (body: { role: 'desktop' | 'node'; site?: string; person?: string; hours?: number }) =>
    call<Invite>('POST', '/sync/invites', { body }),
  invites: (signal?: Signal) => call<{ invites: Invite[] }>('GET', '/sync/invites', { signal }),

  config: (signal?: Signal) => call<ConfigState>('GET', '/config', { signal }),
  configFile: (path: string, commit: string | undefined, signal?: Signal) =>
    call<ConfigText>('GET', '/config/file', { query: { path, commit }, signal }),
  saveConfigFile: (path: string, body: { text: string; base: string }) =>
    call<{ problems: Problem[] | null; commit: string }>('PUT', '/config/file', { query: { path }, body }),
  configLog: (signal?: Signal) => call<{ commits: ConfigCommit[] }>('GET', '/config/log', { query: { limit: 100 }, signal }),
  configDiff: (from: string, to: string, signal?: Signal) =>
    call<{ files: FileDiff[] | null }>('GET', '/config/diff', { query: { from, to }, signal }),
  publish: (message: string) => call<Published>('POST', '/config/publish', { body: { message } }),
  revert: (commit: string) => call<unknown>('POST', '/config/revert', { body: { commit } }),
  discard: () => call<unknown>('POST', '/config/discard'),
  runbooks: (signal?: Signal) => call<{ runbooks: Runbook[] }>('GET', '/runbooks', { signal }),

  startImport: (body: { as: ImportForm; name: string; size: number; kind?: string }) => call<ImportJob>('POST', '/imports', { body }),
  /** Hands in piece n of the file, at most 256 KiB, as base64: the window cannot take other bodies. */
  importChunk: (id: string, n: number, data: string) =>
    call<ImportJob>('PUT', `/imports/${at(id)}/chunks/${String(n)}`, { body: { data } }),
  planImport: (id: string, mapping?: string) => call<ImportJob>('POST', `/imports/${at(id)}/dry-run`, { body: { mapping } }),
  runImport: (id: string) => call<ImportJob>('POST', `/imports/${at(id)}/run`),
  cancelImport: (id: string) => call<ImportJob>('POST', `/imports/${at(id)}/cancel`),
  importJob: (id: string, signal?: Signal) => call<ImportJob>('GET', `/imports/${at(id)}`, { signal }),
  exportAll: () => callText('POST', '/exports'),
  doctor: () => call<{ checks: { name: string; ok: boolean; sentence: string }[] }>('POST', '/doctor'),
};
