import { ApiError } from '@/bridge/http';
import { createStore } from '@/lib/store';

export interface Toast {
  id: number;
  tone: 'bad' | 'good' | 'idle';
  /** empty means: the sentence for `code` from the catalogue */
  sentence: string;
  code?: string;
  action?: { label: string; run: () => void };
}

/** What is shown in the corner, oldest first. */
export const toasts = createStore<readonly Toast[]>([]);

const shownMs = 6000;
const keptMax = 4;
let last = 0;

export function toast(entry: Omit<Toast, 'id'>): void {
  const id = ++last;
  toasts.set((before) => [...before, { ...entry, id }].slice(-keptMax));
  if (entry.tone !== 'bad') setTimeout(() => { dismissToast(id); }, shownMs);
}

/** Shows what went wrong: the program's sentence and, small, its code. Errors stay until someone closes them. */
export function toastError(error: unknown): void {
  const { sentence, code } = describeError(error);
  toast({ tone: 'bad', sentence, code });
}

export function dismissToast(id: number): void {
  toasts.set((before) => before.filter((one) => one.id !== id));
}

/** The sentence and the code of an error; an empty sentence means that the program gave none. */
export function describeError(error: unknown): { sentence: string; code: string } {
  if (error instanceof ApiError) return { sentence: error.sentence, code: error.code };
  return { sentence: '', code: error instanceof Error ? error.name : 'unknown' };
}
