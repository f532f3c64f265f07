import { useMemo, useSyncExternalStore } from 'react';

const tickMs = 20_000;
let now = Date.now();
let timer: ReturnType<typeof setInterval> | null = null;
const listeners = new Set<() => void>();

function tick(): void {
  now = Date.now();
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  if (timer === null) {
    now = Date.now();
    timer = setInterval(tick, tickMs);
  }
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0 || timer === null) return;
    clearInterval(timer);
    timer = null;
  };
}

/** The time, renewed every 20 seconds for what shows times relative to it. */
export function useNow(): Date {
  const at = useSyncExternalStore(subscribe, () => now);
  return useMemo(() => new Date(at), [at]);
}
