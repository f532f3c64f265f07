import { api } from '@/bridge/api';
import type { BundleJob } from '@/bridge/contract';
import { ApiError } from '@/bridge/http';
import { toBase64 } from '@/lib/base64';
import { chunkBytes } from './imports';

const pollMs = 300;

/** Waits until a bundle is written or read, and tells how far it is. Aborting stops it. Throws what went wrong. */
export async function bundleDone(job: BundleJob, progress: (done: number) => void, signal: AbortSignal): Promise<BundleJob> {
  let now = job;
  while (now.state === 'running') {
    if (signal.aborted) return api.cancelBundle(job.id);
    await new Promise((resolve) => { setTimeout(resolve, pollMs); });
    now = await api.bundleJob(job.id);
    progress(now.done);
  }
  if (now.state === 'failed') throw new ApiError(now.problem?.detail ?? '', now.problem?.code ?? 'unknown', 0);
  return now;
}

/** Hands files in piece by piece and gives their ids; null when aborted. `sent` is told the bytes so far, of all files. */
export async function sendBundleFiles(files: readonly File[], sent: (bytes: number) => void, signal: AbortSignal): Promise<string[] | null> {
  const ids: string[] = [];
  let before = 0;
  for (const file of files) {
    const { id = '' } = await api.announceBundleFile({ name: file.name, size: file.size });
    for (let n = 0; n * chunkBytes < file.size; n++) {
      if (signal.aborted) return null;
      const piece = await file.slice(n * chunkBytes, (n + 1) * chunkBytes).arrayBuffer();
      await api.bundleChunk(id, n, toBase64(new Uint8Array(piece)));
      sent(before + Math.min(file.size, (n + 1) * chunkBytes));
    }
    before += file.size;
    ids.push(id);
  }
  return ids;
}
