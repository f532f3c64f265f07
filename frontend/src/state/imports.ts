import { api } from '@/bridge/api';
import type { ImportForm, ImportJob } from '@/bridge/contract';
import { toBase64 } from '@/lib/base64';

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

/** Whether the program still works on an import. */
export function isBusy(job: ImportJob | undefined): boolean {
  return job !== undefined && ['receiving', 'planning', 'running'].includes(job.state);
}
