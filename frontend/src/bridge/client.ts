import { QueryClient } from '@tanstack/react-query';
import { ApiError } from './http';

/** The cache of what was read. Nothing goes stale by time: change events say what to fetch again. */
export function newQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: Infinity,
        gcTime: 10 * 60_000,
        // The program is on this machine: the browser's idea of being online says nothing about it.
        networkMode: 'always',
        refetchOnWindowFocus: false,
        retry: (count, error) => error instanceof ApiError && error.status === 0 && count < 3,
        retryDelay: (count) => 300 * 2 ** count,
      },
      mutations: { networkMode: 'always', retry: false },
    },
  });
}
