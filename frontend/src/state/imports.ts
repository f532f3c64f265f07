import { api } from '@/bridge/api';
import type { ImportForm, ImportJob } from '@/bridge/contract';
import { toBase64 } from '@/lib/base64';
import { readStored, writeStored } from '@/lib/storage';
import { createStore } from '@/lib/store';

/** The most that one request may carry; the window cannot take more. */
export const chunkBytes = 256 * 1024;

export interface ImportWish {
  as: ImportForm;
  file: File;
  /** csv: what the rows are */
  kind?: string;
}

/** Hands a file to the program piece by piece, then has it checked. `sent` is told the bytes so far. */
export async function sendFile(wish: ImportWish, sent: (bytes: number) => void, signal: AbortSignal): Promise<ImportJob> {
  const { as, file, kind } = wish;
  const job = await api.startImport({ as, name: file.name, size: file.size, ...(kind === undefined ? {} : { kind }) });
  for (let n = 0; n * chunkBytes < file.size; n++) {
    if (signal.aborted) return api.cancelImport(job.id);
    const part = await file.slice(n * chunkBytes, (n + 1) * chunkBytes).arrayBuffer();
    await api.importChunk(job.id, n, toBase64(new Uint8Array(part)));
    sent(Math.min(file.size, (n + 1) * chunkBytes));
  }
  return api.planImport(job.id);
}

export interface Sending {
  name: string;
  sent: number;
  total: number;
  /** bytes a second, on the mean */
  rate: number;
  stop: AbortController;
}

/** The file that is on its way to the program; going to another screen does not stop it. */
export const sending = createStore<Sending | null>(null);

/** The import that the screen shows, "" for none. */
export const currentImport = createStore<string>(readStored('import') ?? '');

export function rememberImport(id: string): void {
  currentImport.set(id);
  writeStored('import', id === '' ? null : id);
}

/** Sends a file and shows its import. Throws what went wrong. */
export async function beginImport(wish: ImportWish): Promise<void> {
  const stop = new AbortController();
  const begun = performance.now();
  sending.set({ name: wish.file.name, sent: 0, total: wish.file.size, rate: 0, stop });
  try {
    const job = await sendFile(wish, (sent) => { sending.set((now) => (now === null ? null : { ...now, sent, rate: (1000 * sent) / Math.max(1, performance.now() - begun) })); }, stop.signal);
    rememberImport(job.id);
  } finally {
    sending.set(null);
  }
}

/** Whether the program still works on an import. */
export function isBusy(job: ImportJob | undefined): boolean {
  return job !== undefined && ['receiving', 'planning', 'running'].includes(job.state);
}
