import type { Changed } from './contract';
import { onWindowEvent } from './window';

/** Tells what changed. `connected` says whether news still arrives. */
export interface ChangeFeed {
  subscribe(listener: (change: Changed) => void): () => void;
  onConnection(listener: (connected: boolean) => void): () => void;
}

/** Means: everything may have changed. */
const everything: Changed = { revision: '', ids: [], kinds: [], sync: false, config: false };

/** Reads an event whatever program version wrote it: a part that is missing or strange counts as "everything". */
export function readChanged(data: unknown): Changed {
  let value: unknown = data;
  if (typeof data === 'string') {
    try {
      value = JSON.parse(data);
    } catch {
      return everything;
    }
  }
  if (typeof value !== 'object' || value === null) return everything;
  const v = value as Record<string, unknown>;
  const words = (x: unknown) => (Array.isArray(x) ? x.filter((one): one is string => typeof one === 'string') : []);
  return {
    revision: typeof v['revision'] === 'string' ? v['revision'] : '',
    ids: words(v['ids']),
    kinds: words(v['kinds']),
    sync: v['sync'] === true,
    config: v['config'] === true,
  };
}

/** News by server-sent events. Each time that the stream opens everything is fetched again: what was fetched before, at the start too, may have changed before there was news of it. */
export function browserFeed(open: () => EventSource = () => new EventSource('/api/v1/events')): ChangeFeed {
  const listeners = new Set<(change: Changed) => void>();
  const watchers = new Set<(connected: boolean) => void>();
  let source: EventSource | null = null;
  const tell = (event: MessageEvent) => {
    const change = readChanged(event.data);
    for (const listener of listeners) listener(change);
  };
  const start = () => {
    source = open();
    source.onmessage = tell;
    source.addEventListener('changed', tell);
    source.onopen = () => {
      for (const watch of watchers) watch(true);
      for (const listener of listeners) listener(everything);
    };
    source.onerror = () => {
      for (const watch of watchers) watch(false);
    };
  };
  return {
    subscribe(listener) {
      listeners.add(listener);
      if (source === null) start();
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        source?.close();
        source = null;
      };
    },
    onConnection(listener) {
      watchers.add(listener);
      return () => watchers.delete(listener);
    },
  };
}

/** News by events of the native window, which cannot be cut off from the program inside it. */
export function windowFeed(): ChangeFeed {
  return {
    subscribe: (listener) =>
      onWindowEvent('holdfast:changed', (data) => {
        listener(readChanged(data));
      }),
    onConnection: () => () => {},
  };
}
