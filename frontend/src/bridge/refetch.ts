import type { QueryClient } from '@tanstack/react-query';
import { burst } from '@/lib/burst';
import type { Changed } from './contract';
import { type Key, keys } from './keys';

/** How long changes are gathered before anything is fetched again. */
export const gatherMs = 30;

const ticketKinds = new Set(['incident', 'request']);

/** What must be fetched again after these changes, without repetition. */
export function keysFor(changes: readonly Changed[]): Key[] {
  const found = new Map<string, Key>();
  const add = (key: Key) => found.set(JSON.stringify(key), key);
  for (const change of changes) {
    const data = change.ids.length > 0 || change.kinds.length > 0;
    if (change.config) [keys.configAll, keys.meta, keys.me, keys.setup].forEach(add);
    if (change.sync || data) add(keys.syncAll);
    if (!data && !change.sync && !change.config) return [[]];
    if (!data) continue;
    if (change.ids.length === 0) add(keys.records);
    for (const id of change.ids) add(keys.record(id));
    const kinds = change.kinds;
    if (kinds.length === 0) [keys.tickets, keys.lists].forEach(add);
    if (kinds.some((kind) => ticketKinds.has(kind))) add(keys.tickets);
    for (const kind of kinds) if (!ticketKinds.has(kind)) add(keys.listOf(kind));
    if (kinds.includes('site')) add(keys.meta);
    if (kinds.includes('person')) add(keys.me);
    [keys.searches, keys.allConflicts, keys.recent].forEach(add);
  }
  return [...found.values()];
}

/** Fetches again what the changes touch; several within `gatherMs` count as one. Gives what stops it. */
export function refetchOnChange(client: QueryClient, feed: { subscribe(listener: (c: Changed) => void): () => void }): () => void {
  const gather = burst<Changed>(gatherMs, (changes) => {
    for (const queryKey of keysFor(changes)) void client.invalidateQueries({ queryKey });
  });
  const stop = feed.subscribe((change) => {
    gather.add(change);
  });
  return () => {
    stop();
    gather.close();
  };
}
