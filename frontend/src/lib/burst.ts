/** Gathers what arrives within `delayMs` and hands it on together. `close` drops what waits. */
export function burst<T>(delayMs: number, flush: (items: T[]) => void): { add(item: T): void; close(): void } {
  let items: T[] = [];
  let timer: ReturnType<typeof setTimeout> | null = null;
  return {
    add(item) {
      items.push(item);
      timer ??= setTimeout(() => {
        const batch = items;
        items = [];
        timer = null;
        flush(batch);
      }, delayMs);
    },
    close() {
      if (timer !== null) clearTimeout(timer);
      timer = null;
      items = [];
    },
  };
}
