import { useCallback, useEffect, useRef, useState } from 'react';
import { readStoredJson, storedKeys, writeStored, writeStoredJson } from '@/lib/storage';

interface Kept {
  at: number;
  value: unknown;
}

function isKept(value: unknown): value is Kept {
  return typeof value === 'object' && value !== null && 'at' in value && 'value' in value;
}

const place = (key: string) => `draft:${key}`;

export function readDraft(key: string): unknown {
  return readStoredJson(place(key), isKept)?.value;
}

export function writeDraft(key: string, value: unknown): void {
  writeStoredJson(place(key), { at: Date.now(), value });
}

export function dropDraft(key: string): void {
  writeStored(place(key), null);
}

/** The drafts whose key begins with start, newest first. */
export function draftsOf(start: string): { key: string; at: number; value: unknown }[] {
  return storedKeys(place(start))
    .map((stored) => ({ key: stored.slice('draft:'.length), kept: readStoredJson(stored, isKept) }))
    .flatMap(({ key, kept }) => (kept === null ? [] : [{ key, at: kept.at, value: kept.value }]))
    .sort((a, b) => b.at - a.at);
}

const writeDelayMs = 150;

interface DraftText {
  text: string;
  set: (text: string) => void;
  /** forgets the draft, after it was saved or on purpose */
  drop: () => void;
  /** whether the text came back from an earlier visit */
  restored: boolean;
}

/** A text that survives leaving the page, reloads and crashes, under the record and field that it is for. */
export function useDraftText(key: string, initial: string): DraftText {
  const [state, set, drop, restored] = useDraft<string>(key, initial, (v): v is string => typeof v === 'string');
  return { text: state, set, drop, restored };
}

/**
 * A form's value that survives leaving the page. `initial` is what nothing typed means: going back to it forgets the draft.
 * A draft that `accept` does not recognise counts as absent.
 */
export function useDraft<T>(
  key: string,
  initial: T,
  accept: (value: unknown) => value is T,
): [value: T, set: (value: T) => void, drop: () => void, restored: boolean] {
  const [state, setState] = useState(() => load(key, initial, accept));
  if (state.key !== key) setState(load(key, initial, accept));
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  const pending = useRef<(() => void) | null>(null);
  const flush = useCallback(() => {
    if (timer.current !== null) clearTimeout(timer.current);
    timer.current = null;
    pending.current?.();
    pending.current = null;
  }, []);
  useEffect(() => {
    window.addEventListener('pagehide', flush);
    return () => {
      window.removeEventListener('pagehide', flush);
      flush();
    };
  }, [flush]);

  const empty = JSON.stringify(initial);
  const set = useCallback(
    (value: T) => {
      setState((before) => ({ ...before, value }));
      pending.current = () => {
        if (JSON.stringify(value) === empty) dropDraft(key);
        else writeDraft(key, value);
      };
      timer.current ??= setTimeout(flush, writeDelayMs);
    },
    [key, empty, flush],
  );
  const drop = useCallback(() => {
    pending.current = null;
    dropDraft(key);
    setState({ key, value: JSON.parse(empty) as T, restored: false });
  }, [key, empty]);
  return [state.value, set, drop, state.restored];
}

function load<T>(key: string, initial: T, accept: (value: unknown) => value is T): { key: string; value: T; restored: boolean } {
  const kept = readDraft(key);
  return accept(kept) ? { key, value: kept, restored: true } : { key, value: initial, restored: false };
}
