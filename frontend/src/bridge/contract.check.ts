import type { components } from './api.gen';
import type * as C from './contract';
import type { Backup, Care, Check, Members, Renumbering } from './contract.care';

/*
 * Holds the shapes that screens use against those that the program describes: a part that is gone or of another type does not
 * compile. The description cannot say that a reference may be null, and says of every list that it may be, so both are left out here;
 * words of a closed list count as text.
 */

type Plain<T> =
  unknown extends T ? unknown
  : [T] extends [string | null | undefined] ? string
  : [T] extends [number | null | undefined] ? number
  : [T] extends [boolean | null | undefined] ? boolean
  : NonNullable<T> extends readonly (infer E)[] ? Plain<E>[]
  : NonNullable<T> extends object ? { [K in keyof NonNullable<T>]-?: Plain<NonNullable<T>[K]> }
  : unknown;

/** The parts of Mine that Theirs lacks or has otherwise. Values of fields are of any type in both. */
type Missing<Mine, Theirs> = {
  [K in keyof Mine]-?: K extends keyof Theirs ? (Plain<Theirs[K]> extends Plain<Mine[K]> ? never : unknown extends Plain<Theirs[K]> ? never : K) : K;
}[keyof Mine];

type S = components['schemas'];
type Same<Mine, Theirs> = [Missing<Mine, Theirs>] extends [never] ? true : Missing<Mine, Theirs>;

type Flat<T, Free extends keyof T> = Omit<T, Free>;

/** Every entry is `true`; anything else is the name of the part that differs. */
export interface ContractHolds {
  ref: Same<C.Ref, S['Ref']>;
  held: Same<Flat<C.HeldValue, 'value'>, S['Held']>;
  field: Same<Flat<C.FieldState, 'value' | 'conflicts'>, S['FieldView']>;
  record: Same<Flat<C.RecordView, 'fields'>, S['RecordView']>;
  choice: Same<C.Choice, S['Choice']>;
  formField: Same<Flat<C.FormField, 'default'>, S['FormField']>;
  step: Same<Flat<C.NextStatus, 'required'>, S['Step']>;
  row: Same<C.Row, S['Row']>;
  facet: Same<C.Facet, S['FacetCount']>;
  entry: Same<C.Entry, S['ConversationEntry']>;
  parked: Same<C.Parked, S['Parked']>;
  clock: Same<C.SlaClock, S['Clock']>;
  ticket: Same<Pick<C.Ticket, 'status' | 'priority' | 'conversation' | 'parked' | 'clocks' | 'movedTo' | 'movedFrom'>, S['TicketView']>;
  place: Same<C.Place, S['Place']>;
  whereabouts: Same<C.Whereabouts, S['Whereabouts']>;
  service: Same<Pick<C.Service, 'html' | 'gate'>, S['ServiceView']>;
  article: Same<Pick<C.Article, 'html'>, S['ArticleView']>;
  hit: Same<C.Hit, S['SearchHit']>;
  conflict: Same<Flat<C.ConflictItem, 'shown' | 'others'>, S['ConflictView']>;
  change: Same<Flat<C.HistoryRow, 'from' | 'to' | 'record'>, S['ChangeView']>;
  sync: Same<C.SyncStatus, S['SyncStatus']>;
  waiting: Same<C.WaitingEdit, S['WaitingEdit']>;
  care: Same<Flat<Care, 'backup' | 'checks' | 'recoveries'>, S['Care']>;
  backup: Same<Backup, S['Backup']>;
  check: Same<Check, S['Check']>;
  members: Same<Flat<Members, 'members'>, S['Members']>;
  renumbering: Same<Flat<Renumbering, 'record'>, S['Renumbering']>;
  device: Same<C.Device, S['Device']>;
  member: Same<C.Member, S['Member']>;
  invite: Same<C.Invite, S['Invite']>;
  bundleWish: Same<C.BundleWish, S['BundleWish']>;
  bundleJob: Same<Flat<C.BundleJob, 'problem' | 'written' | 'read'>, S['BundleJob']>;
  bundleWritten: Same<C.BundleWritten, S['BundleWritten']>;
  bundleRead: Same<Flat<C.BundleRead, 'bundles'>, S['BundleRead']>;
  bundleInfo: Same<C.BundleInfo, S['BundleInfo']>;
  setup: Same<C.Setup, S['Setup']>;
  me: Same<C.Me, S['Me']>;
  prefs: Same<C.Prefs, S['Settings']>;
  metaField: Same<C.MetaField, S['FieldMeta']>;
  config: Same<C.ConfigState, S['ConfigStatus']>;
  configFile: Same<C.ConfigText, S['ConfigFile']>;
  commit: Same<C.ConfigCommit, S['ConfigCommit']>;
  diff: Same<C.FileDiff, S['ConfigFileDiff']>;
  published: Same<C.Published, S['Publication']>;
  plan: Same<C.ImportPlan, S['ImportPlan']>;
  attachment: Same<C.Attachment, S['Attachment']>;
  upload: Same<C.Upload, S['Upload']>;
  filePolicy: Same<C.FilePolicy, S['FilePolicy']>;
  import: Same<Flat<C.ImportJob, 'problem'>, S['Import']>;
}

type AllTrue<T> = { [K in keyof T]: T[K] extends true ? never : K }[keyof T];

/** Compiles only while every entry of ContractHolds is true. */
export const contractHolds: [AllTrue<ContractHolds>] extends [never] ? true : { differs: AllTrue<ContractHolds> } = true;
