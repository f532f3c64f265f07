import type { QueryClient } from '@tanstack/react-query';
import { api } from '@/bridge/api';
import { ApiError } from '@/bridge/http';
import { keys } from '@/bridge/keys';
import { toBase64 } from '@/lib/base64';
import { newId } from '@/lib/ids';
import { createStore } from '@/lib/store';

/** The most that one request may carry; the window cannot take more. */
const chunkBytes = 256 * 1024;
/** How often a piece that came to the wrong place is followed by asking how much is there. */
const turnsMax = 5;

/** A file on its way to the program; going to another screen does not stop it. */
export interface Sending {
  /** also the id of what will be attached, so that trying again attaches it once */
  item: string;
  record: string;
  file: File;
  name: string;
  sent: number;
  error: unknown;
  stop: AbortController;
}

/** The files on their way, oldest first. */
export const sendings = createStore<readonly Sending[]>([]);

function note(item: string, part: Partial<Sending>): void {
  sendings.set((all) => all.map((one) => (one.item === item ? { ...one, ...part } : one)));
}

function drop(item: string): void {
  sendings.set((all) => all.filter((one) => one.item !== item));
}

/** Hands a file in and attaches it. Resolves to whether it is attached; why it is not stands in `sendings`. */
export async function attachFile(client: QueryClient, record: string, file: File, name: string): Promise<boolean> {
  const one: Sending = { item: newId(), record, file, name, sent: 0, error: null, stop: new AbortController() };
  sendings.set((all) => [...all, one]);
  return send(client, one);
}

/** Goes on with a file that failed, from where it was. */
export function retrySending(client: QueryClient, item: string): Promise<boolean> {
  const one = sendings.get().find((each) => each.item === item);
  if (one === undefined) return Promise.resolve(false);
  note(item, { error: null });
  return send(client, { ...one, error: null });
}

/** Takes a file back that is not attached yet. */
export function cancelSending(item: string): void {
  const one = sendings.get().find((each) => each.item === item);
  one?.stop.abort();
  drop(item);
  // What was handed in goes by itself after a week where this does not arrive.
  if (one !== undefined) api.cancelUpload(one.record, item).catch(() => undefined);
}

async function send(client: QueryClient, one: Sending): Promise<boolean> {
  const { item, record, file, stop } = one;
  try {
    await hand(one);
    if (stop.signal.aborted) return false;
    const sha256 = await sumOf(file);
    if (stop.signal.aborted) return false;
    const all = await api.attach(record, item, { name: one.name, size: file.size, media: file.type, ...(sha256 === '' ? {} : { sha256 }) });
    client.setQueryData(keys.attachments(record), all);
    drop(item);
    return true;
  } catch (error) {
    if (!stop.signal.aborted) note(item, { error });
    return false;
  }
}

/** Files up to this size are summed up: the browser can only do so with all of a file in memory. */
const summedBytes = 64 * 1024 * 1024;

/**
 * The SHA-256 of a file as it is now, so that one that changed while it was handed in is refused; '' for a large one, or where the page may not compute it. The program sums up what it
 * got in any case, and that is what other devices verify.
 */
async function sumOf(file: File): Promise<string> {
  // The types promise it everywhere; a page that does not come from a secure origin has none.
  const { subtle } = globalThis.crypto as { subtle?: SubtleCrypto };
  if (subtle === undefined || file.size > summedBytes) return '';
  const sum = await subtle.digest('SHA-256', new Uint8Array(await file.arrayBuffer()));
  return [...new Uint8Array(sum)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

async function hand({ item, record, file, name, stop }: Sending): Promise<void> {
  const ask = () => api.beginUpload(record, item, { name, size: file.size, media: file.type });
  let { received, attached } = await ask();
  for (let turns = 0; !attached && received < file.size && !stop.signal.aborted; ) {
    note(item, { sent: received });
    const part = await file.slice(received, received + chunkBytes).arrayBuffer();
    try {
      ({ received } = await api.uploadBytes(record, item, received, toBase64(new Uint8Array(part))));
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 409 || ++turns > turnsMax) throw error;
      ({ received, attached } = await ask());
    }
  }
  note(item, { sent: file.size });
}
