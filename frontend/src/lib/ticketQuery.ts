import { wordOf, wordsOf } from './search';

export const ticketViews = ['open', 'all', 'mine', 'unassigned', 'pending', 'conflicts'] as const;
export type TicketView = (typeof ticketViews)[number];

/** The filters of the ticket list, each taking several keys. */
export const ticketFacets = ['status', 'priority', 'team', 'assignee', 'kind', 'category', 'site', 'service', 'tag'] as const;
export type TicketFacet = (typeof ticketFacets)[number];

export interface TicketQuery {
  view: TicketView;
  q: string;
  /** a column; with "-" before it descending */
  sort: string;
  filters: Partial<Record<TicketFacet, string[]>>;
}

export const defaultSort = '-changedAt';

/** Reads what an address asks the list for; what it does not understand falls back on the default. */
export function readTicketQuery(params: Record<string, unknown>): TicketQuery {
  const view = wordOf(params['view']);
  const filters: TicketQuery['filters'] = {};
  for (const facet of ticketFacets) {
    const keys = wordsOf(params[facet]);
    if (keys.length > 0) filters[facet] = keys;
  }
  return {
    view: ticketViews.find((one) => one === view) ?? 'open',
    q: wordOf(params['q']),
    sort: wordOf(params['sort']) || defaultSort,
    filters,
  };
}

/** The address parameters of a list; defaults are left out. */
export function ticketParams(query: TicketQuery): Record<string, string | string[]> {
  return {
    ...(query.view === 'open' ? {} : { view: query.view }),
    ...(query.q === '' ? {} : { q: query.q }),
    ...(query.sort === defaultSort ? {} : { sort: query.sort }),
    ...query.filters,
  };
}

/** The parameters of the API's list. */
export function ticketRequest(query: TicketQuery): Record<string, string | string[]> {
  return { view: query.view, sort: query.sort, ...(query.q === '' ? {} : { q: query.q }), ...query.filters };
}

/** Turns a column's sort: up, down, then the default. */
export function nextSort(now: string, column: string): string {
  if (now === column) return `-${column}`;
  if (now === `-${column}` && column !== 'changedAt') return defaultSort;
  return column === 'changedAt' && now !== defaultSort ? defaultSort : column;
}

export function withFilter(query: TicketQuery, facet: TicketFacet, keys: string[]): TicketQuery {
  const { [facet]: _gone, ...others } = query.filters;
  return { ...query, filters: keys.length === 0 ? others : { ...others, [facet]: keys } };
}
