import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { toBase64 } from './base64';
import { burst } from './burst';
import { byFolder } from './folders';
import { groupRuns } from './groups';
import { newId } from './ids';
import { readStored, readStoredJson, storedKeys, writeStored, writeStoredJson } from './storage';
import { createStore } from './store';

describe('newId', () => {
  it('is a UUIDv7 that sorts by time', () => {
    const early = newId(1_700_000_000_000);
    const late = newId(1_700_000_000_001);
    expect(early).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(early < late).toBe(true);
    expect(early.slice(0, 13)).toBe('018bcfe5-6800');
  });

  it('differs within one millisecond', () => {
    const made = new Set(Array.from({ length: 200 }, () => newId(5)));
    expect(made.size).toBe(200);
  });
});

describe('burst', () => {
  beforeEach(() => { vi.useFakeTimers(); });
  afterEach(() => { vi.useRealTimers(); });

  it('hands on together what comes within the delay', () => {
    const seen: number[][] = [];
    const gather = burst<number>(30, (items) => { seen.push(items); });
    gather.add(1);
    vi.advanceTimersByTime(29);
    gather.add(2);
    expect(seen).toEqual([]);
    vi.advanceTimersByTime(1);
    gather.add(3);
    vi.advanceTimersByTime(30);
    expect(seen).toEqual([[1, 2], [3]]);
  });

  it('drops what waits when closed', () => {
    const flush = vi.fn();
    const gather = burst<number>(30, flush);
    gather.add(1);
    gather.close();
    vi.advanceTimersByTime(100);
    expect(flush).not.toHaveBeenCalled();
  });
});

describe('storage', () => {
  it('keeps, lists and forgets', () => {
    writeStoredJson('draft:a', { text: 'x' });
    writeStored('draft:b', 'y');
    expect(storedKeys('draft:').sort()).toEqual(['draft:a', 'draft:b']);
    writeStored('draft:b', null);
    expect(readStored('draft:b')).toBeNull();
  });

  it('counts what it does not recognise as absent', () => {
    const isNumber = (value: unknown): value is number => typeof value === 'number';
    writeStored('n', 'no json');
    expect(readStoredJson('n', isNumber)).toBeNull();
    writeStored('n', '"text"');
    expect(readStoredJson('n', isNumber)).toBeNull();
    writeStored('n', '7');
    expect(readStoredJson('n', isNumber)).toBe(7);
  });

  it('survives a storage that is full', () => {
    vi.spyOn(Storage.prototype, 'setItem').mockImplementation(() => { throw new DOMException('full', 'QuotaExceededError'); });
    expect(writeStored('a', 'b')).toBe(false);
  });
});

describe('createStore', () => {
  it('tells listeners of changes only', () => {
    const store = createStore(1);
    const listener = vi.fn();
    const stop = store.subscribe(listener);
    store.set(1);
    expect(listener).not.toHaveBeenCalled();
    store.set((n) => n + 1);
    stop();
    store.set(9);
    expect(listener).toHaveBeenCalledTimes(1);
    expect(store.get()).toBe(9);
  });
});

describe('small helpers', () => {
  it('groups neighbours by key', () => {
    expect(groupRuns(['a1', 'a2', 'b1', 'a3'], (x) => x[0] ?? '')).toEqual([['a1', 'a2'], ['b1'], ['a3']]);
  });

  it('sorts files by folder', () => {
    const found = byFolder([{ path: 'a.yaml' }, { path: 'sla/x.yaml' }, { path: 'b.yaml' }, { path: 'sla/deep/y.yaml' }]);
    expect([...found].map(([folder, files]) => [folder, files.length])).toEqual([['', 2], ['sla', 1], ['sla/deep', 1]]);
  });

  it('writes base64 of any bytes, beyond what one call takes', () => {
    const bytes = Uint8Array.from({ length: 100_000 }, (_, i) => i % 256);
    expect(Buffer.from(toBase64(bytes), 'base64').equals(Buffer.from(bytes))).toBe(true);
    expect(toBase64(new Uint8Array())).toBe('');
  });
});
