import { createStore } from '@/lib/store';
import { readStoredJson, writeStoredJson } from '@/lib/storage';

export interface Opened {
  id: string;
  kind: string;
  title: string;
  number: string;
}

const key = 'recent';
const keptMax = 8;

function isOpenedList(value: unknown): value is Opened[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'object' && one !== null && 'id' in one && 'title' in one);
}

/** Records opened on this device, newest first. */
export const recentlyOpened = createStore<readonly Opened[]>(readStoredJson(key, isOpenedList) ?? []);

export function rememberOpened(entry: Opened): void {
  recentlyOpened.set((before) => {
    const next = [entry, ...before.filter((one) => one.id !== entry.id)].slice(0, keptMax);
    writeStoredJson(key, next);
    return next;
  });
}
