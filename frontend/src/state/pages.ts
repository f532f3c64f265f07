import { keepPreviousData, useQueries, useQuery } from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';
import type { ListKind } from '@/bridge/api';
import type { Facet, Page, Row } from '@/bridge/contract';
import type { Query } from '@/bridge/http';
import { queries } from '@/bridge/queries';

export const pageRows = 200;

export interface PagedRows {
  total: number | undefined;
  facets: Record<string, Facet[]>;
  /** the row at an index, undefined while its page is on its way */
  rowAt: (index: number) => Row | undefined;
  error: unknown;
  refetch: () => void;
}

/** The pages that hold the rows first to last; a list shows only what is on the screen. */
export function pagesFor(first: number, last: number): number[] {
  const pages: number[] = [];
  for (let page = Math.floor(Math.max(0, first) / pageRows); page <= Math.floor(Math.max(0, last) / pageRows); page++) pages.push(page);
  return pages;
}

/**
 * The tickets of a query, read page by page around what is visible. Pages that left the screen stay as they were read;
 * a change marks them, and they are read again when they come back.
 */
export function usePagedTickets(query: Query, first: number, last: number): PagedRows {
  const head = useQuery({ ...queries.ticketPage(query, 0, pageRows), placeholderData: keepPreviousData });
  const pages = usePages(first, last);
  return usePagedRows(head, useQueries({ queries: pages.map((page) => queries.ticketPage(query, page * pageRows, pageRows)), combine: dataOf }), pages);
}

/** The records of any other kind, in the same way. */
export function usePagedList(kind: ListKind, query: Query, first: number, last: number): PagedRows {
  const pageOf = (page: number) => queries.list(kind, { ...query, limit: pageRows, offset: page * pageRows });
  const head = useQuery(pageOf(0));
  const pages = usePages(first, last);
  return usePagedRows(head, useQueries({ queries: pages.map((page) => ({ ...pageOf(page), placeholderData: undefined })), combine: dataOf }), pages);
}

function usePages(first: number, last: number): number[] {
  return useMemo(() => pagesFor(first, last).filter((page) => page !== 0), [first, last]);
}

interface ReadPage {
  data: Page<Row> | undefined;
}

/** The same list as long as its pages are the same, so that a moving cursor draws no row again. */
const dataOf = (results: readonly ReadPage[]): (Page<Row> | undefined)[] => results.map((result) => result.data);
const noFacets: Record<string, Facet[]> = {};

function usePagedRows(head: ReadPage & { error: unknown; refetch: () => unknown }, rest: readonly (Page<Row> | undefined)[], pages: readonly number[]): PagedRows {
  const headRows = head.data?.rows;
  const rowAt = useCallback(
    (index: number) => {
      const page = Math.floor(index / pageRows);
      const rows = page === 0 ? headRows : rest[pages.indexOf(page)]?.rows;
      return rows?.[index - page * pageRows];
    },
    [headRows, rest, pages],
  );
  return {
    total: head.data?.total,
    facets: head.data?.facets ?? noFacets,
    rowAt,
    error: head.error,
    refetch: () => void head.refetch(),
  };
}
