import type {
  Article, Attachments, BundleInfo, BundleJob, BundleWish, ConfigCommit, ConfigState, ConfigText, ConflictPage, Device, FileDiff, FilePolicy, HistoryRow, Hit, ImportForm, ImportJob, Invite,
  Kind, Me, Meta, NewRecord, Page, Place, Prefs, Problem, Published, RecordView, Ref, Row, Runbook, Service, Setup, SyncStatus,
  Ticket, TicketForm, TicketKind, Upload, WaitingEdit,
} from './contract';
import type { Backup, Care, Check, Members, Renumbering } from './contract.care';
import { addressOf, call, callText, type EditBody, type Query, to } from './http';

type Signal = AbortSignal | undefined;

/** The paths of the kinds that have a list of their own. */
export const listPaths = { service: '/services', article: '/articles', person: '/people', team: '/teams', site: '/sites' } as const;
export type ListKind = keyof typeof listPaths;

/** The program takes no more changes to give up in one step. */
const givenUpAtOnce = 200;

/** Every operation of the program. Nothing else in the interface calls it. */
export const api = {
  setup: (signal?: Signal) => call<Setup>('GET', to('/setup'), { signal }),
  startSite: (body: { name: string; code: string; person: string; starter: boolean; sample: boolean; encrypt: boolean }) =>
    call<Setup>('POST', to('/setup/site'), { body }),
  joinSite: (body: { invite: string; person?: string; device?: string; encrypt: boolean }) => call<Setup>('POST', to('/setup/join'), { body }),
  me: (signal?: Signal) => call<Me>('GET', to('/me'), { signal }),
  meta: (signal?: Signal) => call<Meta>('GET', to('/meta'), { signal }),
  prefs: (signal?: Signal) => call<Prefs>('GET', to('/prefs'), { signal }),
  savePrefs: (body: Prefs) => call<Prefs>('PUT', to('/prefs'), { body }),

  record: (id: string, signal?: Signal) => call<RecordView>('GET', to('/records/{id}', { id }), { signal }),
  create: (kind: Kind, body: NewRecord) => call<RecordView>('POST', to('/records/{kind}', { kind }), { body }),
  change: (id: string, body: EditBody) => call<RecordView>('POST', to('/records/{id}/changes', { id }), { body }),
  removeContent: (id: string, body: { field: string; item?: string; why: string }) => call<RecordView>('POST', to('/records/{id}/remove', { id }), { body }),
  history: (id: string, signal?: Signal) => call<{ changes: HistoryRow[] }>('GET', to('/records/{id}/history', { id }), { signal }),
  allHistory: (query: Query, signal?: Signal) =>
    call<{ changes: HistoryRow[]; next?: string | null }>('GET', to('/history'), { query, signal }),

  tickets: (query: Query, signal?: Signal) => call<Page<Row>>('GET', to('/tickets'), { query, signal }),
  ticket: (id: string, signal?: Signal) => call<Ticket>('GET', to('/tickets/{id}', { id }), { signal }),
  take: (id: string, expectedAssignee: string | null) =>
    call<Ticket>('POST', to('/tickets/{id}/take', { id }), { body: { expectedAssignee } }),
  places: (signal?: Signal) => call<{ places: Place[] }>('GET', to('/places'), { signal }),
  moveTicket: (id: string, site: string) => call<Ticket>('POST', to('/tickets/{id}/move', { id }), { body: { site } }),
  reply: (id: string, body: { text: string; item: string }) => call<Ticket>('POST', to('/tickets/{id}/reply', { id }), { body }),
  note: (id: string, body: { text: string; item: string }) => call<Ticket>('POST', to('/tickets/{id}/note', { id }), { body }),
  attachments: (id: string, signal?: Signal) => call<Attachments>('GET', to('/records/{id}/attachments', { id }), { signal }),
  /** Announces a file, or asks how much of it is there. */
  beginUpload: (id: string, item: string, body: { name: string; size: number; media: string }) =>
    call<Upload>('PUT', to('/records/{id}/attachments/{item}/upload', { id, item }), { body }),
  /** Hands in the next piece of a file, at most 256 KiB, as base64: the window cannot take other bodies. */
  uploadBytes: (id: string, item: string, offset: number, data: string) =>
    call<Upload>('PUT', to('/records/{id}/attachments/{item}/bytes', { id, item }), { body: { offset, data } }),
  attach: (id: string, item: string, body: { name: string; size: number; media: string; sha256?: string }) =>
    call<Attachments>('POST', to('/records/{id}/attachments/{item}/attach', { id, item }), { body }),
  cancelUpload: (id: string, item: string) => call<Upload>('POST', to('/records/{id}/attachments/{item}/cancel', { id, item })),
  fetchAttachment: (id: string, item: string) => call<Attachments>('POST', to('/records/{id}/attachments/{item}/fetch', { id, item })),
  /** Where a file's content is read from. */
  contentAddress: (id: string, item: string) => addressOf(to('/records/{id}/attachments/{item}/content', { id, item })),
  filePolicy: (signal?: Signal) => call<FilePolicy>('GET', to('/prefs/files'), { signal }),
  saveFilePolicy: (body: { keep: string; days: number; megabytes: number }) => call<FilePolicy>('PUT', to('/prefs/files'), { body }),
  ticketForm: (kind: TicketKind, signal?: Signal) => call<TicketForm>('GET', to('/tickets/form'), { query: { kind }, signal }),

  list: (kind: ListKind, query: Query, signal?: Signal) => call<Page<Row>>('GET', to(listPaths[kind]), { query, signal }),
  service: (id: string, signal?: Signal) => call<Service>('GET', to('/services/{id}', { id }), { signal }),
  article: (id: string, signal?: Signal) => call<Article>('GET', to('/articles/{id}', { id }), { signal }),
  preview: (text: string, signal?: Signal) => call<{ html: string }>('POST', to('/markdown/preview'), { body: { text }, signal }),
  search: (query: { q: string; kind?: string; limit?: number }, signal?: Signal) =>
    call<{ hits: Hit[]; took: string }>('GET', to('/search'), { query, signal }),

  conflicts: (query: Query, signal?: Signal) => call<ConflictPage>('GET', to('/conflicts'), { query, signal }),
  sync: (signal?: Signal) => call<SyncStatus>('GET', to('/sync'), { signal }),
  pause: () => call<SyncStatus>('POST', to('/sync/pause')),
  resume: () => call<SyncStatus>('POST', to('/sync/resume')),
  waiting: (query: Query, signal?: Signal) =>
    call<{ edits: WaitingEdit[]; total: number; next?: string | null }>('GET', to('/sync/waiting'), { query, signal }),
  devices: (signal?: Signal) => call<{ devices: Device[] }>('GET', to('/sync/devices'), { signal }),
  shutOut: (id: string, body: { as: 'left' | 'compromised'; why: string; wipe: boolean }) => call<{ devices: Device[] }>('POST', to('/sync/devices/{id}/shut-out', { id }), { body }),
  setSites: (id: string, body: { site: string; sites: string[] }) => call<{ devices: Device[] }>('PUT', to('/sync/devices/{id}/sites', { id }), { body }),
  setAddress: (id: string, address: string) => call<Members>('PUT', to('/sync/members/{id}/address', { id }), { body: { address } }),
  giveUp: async (edits: readonly string[]) => {
    for (let at = 0; at < edits.length; at += givenUpAtOnce) await call('POST', to('/sync/give-up'), { body: { edits: edits.slice(at, at + givenUpAtOnce) } });
  },
  retryParked: (edit: string) => call<Ref>('POST', to('/sync/retry'), { body: { edit } }),
  renumbered: (signal?: Signal) => call<{ records: Renumbering[] | null }>('GET', to('/sync/renumbered'), { signal }),
  care: (signal?: Signal) => call<Care>('GET', to('/sync/care'), { signal }),
  backUp: (file: string) => call<Backup>('POST', to('/sync/backup'), { body: { file } }),
  makeRecoveryKey: () => call<{ key: string }>('POST', to('/sync/recovery-key')),
  members: (signal?: Signal) => call<Members>('GET', to('/sync/members'), { signal }),
  changeMember: (id: string, what: 'promote' | 'remove') => call<unknown>('POST', to(what === 'promote' ? '/sync/members/{id}/promote' : '/sync/members/{id}/remove', { id })),
  invite: (body: { role: 'desktop' | 'node'; site?: string; person?: string; hours?: number }) =>
    call<Invite>('POST', to('/sync/invites'), { body }),
  invites: (signal?: Signal) => call<{ invites: Invite[] }>('GET', to('/sync/invites'), { signal }),

  writeBundle: (body: BundleWish) => call<BundleJob>('POST', to('/bundles'), { body }),
  bundleJob: (id: string, signal?: Signal) => call<BundleJob>('GET', to('/bundles/jobs/{id}', { id }), { signal }),
  cancelBundle: (id: string) => call<BundleJob>('POST', to('/bundles/jobs/{id}/cancel', { id })),
  /** Where a part that was written can be had; it is saved, never read here. */
  bundlePart: (id: string, number: number) => addressOf(to('/bundles/jobs/{id}/parts/{number}', { id, number: String(number) })),
  announceBundleFile: (body: { name: string; size: number }) => call<{ id?: string }>('POST', to('/bundles/files'), { body }),
  bundleChunk: (id: string, n: number, data: string) => call<unknown>('PUT', to('/bundles/files/{id}/chunks/{number}', { id, number: String(n) }), { body: { data } }),
  readBundle: (files: string[]) => call<BundleJob>('POST', to('/bundles/read'), { body: { files } }),
  waitingBundles: (signal?: Signal) => call<{ bundles: BundleInfo[] | null }>('GET', to('/bundles/waiting'), { signal }),
  forgetBundle: (id: string) => call<unknown>('POST', to('/bundles/waiting/{id}/forget', { id })),

  config: (signal?: Signal) => call<ConfigState>('GET', to('/config'), { signal }),
  configFile: (path: string, commit: string | undefined, signal?: Signal) =>
    call<ConfigText>('GET', to('/config/file'), { query: { path, commit }, signal }),
  saveConfigFile: (path: string, body: { text: string; base: string }) =>
    call<{ problems: Problem[] | null; commit: string }>('PUT', to('/config/file'), { query: { path }, body }),
  configLog: (signal?: Signal) => call<{ commits: ConfigCommit[] }>('GET', to('/config/log'), { query: { limit: 100 }, signal }),
  configDiff: (from: string, until: string, signal?: Signal) =>
    call<{ files: FileDiff[] | null }>('GET', to('/config/diff'), { query: { from, to: until }, signal }),
  publish: (message: string) => call<Published>('POST', to('/config/publish'), { body: { message } }),
  revert: (commit: string) => call<unknown>('POST', to('/config/revert'), { body: { commit } }),
  discard: () => call<unknown>('POST', to('/config/discard')),
  runbooks: (signal?: Signal) => call<{ runbooks: Runbook[] }>('GET', to('/runbooks'), { signal }),

  startImport: (body: { as: ImportForm; name: string; size: number; kind?: string }) => call<ImportJob>('POST', to('/imports'), { body }),
  /** Hands in piece n of the file, at most 256 KiB, as base64: the window cannot take other bodies. */
  importChunk: (id: string, n: number, data: string) =>
    call<ImportJob>('PUT', to('/imports/{id}/chunks/{number}', { id, number: String(n) }), { body: { data } }),
  planImport: (id: string, mapping?: string) => call<ImportJob>('POST', to('/imports/{id}/dry-run', { id }), { body: { mapping } }),
  runImport: (id: string) => call<ImportJob>('POST', to('/imports/{id}/run', { id })),
  cancelImport: (id: string) => call<ImportJob>('POST', to('/imports/{id}/cancel', { id })),
  importJob: (id: string, signal?: Signal) => call<ImportJob>('GET', to('/imports/{id}', { id }), { signal }),
  exportAll: () => callText('POST', to('/exports')),
  doctor: () => call<{ checks: Check[] }>('POST', to('/doctor')),
};
