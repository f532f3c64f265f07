import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, type ListKind } from './api';
import type { Kind, TicketKind } from './contract';
import type { Query } from './http';
import { keys } from './keys';

/** Rows of history enough for a dozen edits: a new record alone has one for each of its fields. */
const recentRows = 100;

/** How often a file that is awaited is looked at. */
const arrivalMs = 1000;

/** How many waiting changes are read at first. */
const waitingFirst = 100;

/** What screens ask for: a key and the call that answers it. */
export const queries = {
  setup: () => queryOptions({ queryKey: keys.setup, queryFn: ({ signal }) => api.setup(signal) }),
  me: () => queryOptions({ queryKey: keys.me, queryFn: ({ signal }) => api.me(signal) }),
  meta: () => queryOptions({ queryKey: keys.meta, queryFn: ({ signal }) => api.meta(signal) }),
  prefs: () => queryOptions({ queryKey: keys.prefs, queryFn: ({ signal }) => api.prefs(signal) }),
  ticketPage: (query: Query, offset: number, limit = 200) =>
    queryOptions({
      queryKey: keys.ticketPage({ ...query, limit }, offset),
      queryFn: ({ signal }) => api.tickets({ ...query, limit, offset }, signal),
    }),
  ticketCount: (query: Query) =>
    queryOptions({ queryKey: keys.ticketCount(query), queryFn: ({ signal }) => api.tickets({ ...query, limit: 1 }, signal), select: (page) => page.total }),
  ticket: (id: string) => queryOptions({ queryKey: keys.ticket(id), queryFn: ({ signal }) => api.ticket(id, signal) }),
  places: () => queryOptions({ queryKey: keys.places, queryFn: ({ signal }) => api.places(signal) }),
  ticketForm: (kind: TicketKind) =>
    queryOptions({ queryKey: keys.ticketForm(kind), queryFn: ({ signal }) => api.ticketForm(kind, signal) }),
  service: (id: string) => queryOptions({ queryKey: keys.service(id), queryFn: ({ signal }) => api.service(id, signal) }),
  article: (id: string) => queryOptions({ queryKey: keys.article(id), queryFn: ({ signal }) => api.article(id, signal) }),
  plain: (id: string) => queryOptions({ queryKey: keys.plain(id), queryFn: ({ signal }) => api.record(id, signal) }),
  attachments: (id: string) =>
    queryOptions({
      queryKey: keys.attachments(id),
      queryFn: ({ signal }) => api.attachments(id, signal),
      // Bytes that arrive change no record, so nobody tells of them.
      refetchInterval: ({ state }) => (state.data?.attachments.some((one) => one.state === 'coming' || one.state === 'waiting') === true ? arrivalMs : false),
    }),
  filePolicy: () => queryOptions({ queryKey: keys.filePolicy, queryFn: ({ signal }) => api.filePolicy(signal) }),
  history: (id: string) => queryOptions({ queryKey: keys.history(id), queryFn: ({ signal }) => api.history(id, signal) }),
  list: (kind: ListKind, query: Query) =>
    queryOptions({
      queryKey: keys.list(kind, query),
      queryFn: ({ signal }) => api.list(kind, query, signal),
      placeholderData: keepPreviousData,
    }),
  search: (q: string, kind: Kind | '' = '', limit = 12) =>
    queryOptions({
      queryKey: keys.search(q, `${kind}/${String(limit)}`),
      queryFn: ({ signal }) => api.search({ q, kind, limit }, signal),
      placeholderData: keepPreviousData,
      enabled: q.trim() !== '',
    }),
  conflicts: (mine: boolean) =>
    queryOptions({ queryKey: keys.conflicts(mine), queryFn: ({ signal }) => api.conflicts({ mine }, signal) }),
  waitingBundles: () => queryOptions({ queryKey: keys.waitingBundles, queryFn: ({ signal }) => api.waitingBundles(signal) }),
  sync: () => queryOptions({ queryKey: keys.sync, queryFn: ({ signal }) => api.sync(signal) }),
  waiting: (limit = waitingFirst) => queryOptions({ queryKey: [...keys.waiting, limit], queryFn: ({ signal }) => api.waiting({ limit }, signal), placeholderData: keepPreviousData }),
  devices: () => queryOptions({ queryKey: keys.devices, queryFn: ({ signal }) => api.devices(signal) }),
  invites: () => queryOptions({ queryKey: keys.invites, queryFn: ({ signal }) => api.invites(signal) }),
  care: () => queryOptions({ queryKey: keys.care, queryFn: ({ signal }) => api.care(signal) }),
  renumbered: () => queryOptions({ queryKey: keys.renumbered, queryFn: ({ signal }) => api.renumbered(signal) }),
  members: () => queryOptions({ queryKey: keys.members, queryFn: ({ signal }) => api.members(signal) }),
  config: () => queryOptions({ queryKey: keys.config, queryFn: ({ signal }) => api.config(signal) }),
  configFile: (path: string, commit = '') =>
    queryOptions({
      queryKey: keys.configFile(path, commit),
      queryFn: ({ signal }) => api.configFile(path, commit === '' ? undefined : commit, signal),
    }),
  configLog: () => queryOptions({ queryKey: keys.configLog, queryFn: ({ signal }) => api.configLog(signal) }),
  configDiff: (from: string, to: string) =>
    queryOptions({ queryKey: keys.configDiff(from, to), queryFn: ({ signal }) => api.configDiff(from, to, signal) }),
  runbooks: () => queryOptions({ queryKey: keys.runbooks, queryFn: ({ signal }) => api.runbooks(signal) }),
  preview: (text: string) =>
    queryOptions({ queryKey: keys.preview(text), queryFn: ({ signal }) => api.preview(text, signal), placeholderData: keepPreviousData }),
  recent: () => queryOptions({ queryKey: keys.recent, queryFn: ({ signal }) => api.allHistory({ limit: recentRows }, signal) }),
};
