import { QueryClient } from '@tanstack/react-query';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { api } from './api';
import type { Changed } from './contract';
import { browserFeed, readChanged } from './events';
import { addressOf, ApiError, call, to } from './http';
import { keys } from './keys';
import { keysFor, refetchOnChange } from './refetch';

const change = (part: Partial<Changed>): Changed => ({ revision: '1', ids: [], kinds: [], sync: false, config: false, ...part });

describe('addressOf', () => {
  it('repeats lists, and leaves out what is empty', () => {
    expect(addressOf('/tickets', { view: 'open', status: ['new', 'held'], q: '', limit: 50, mine: false, cursor: undefined })).toBe('/api/v1/tickets?view=open&status=new&status=held&limit=50');
    expect(addressOf('/me')).toBe('/api/v1/me');
  });

  it('fills in the parts of a route, escaped', () => {
    expect(to('/records/{id}/changes', { id: 'a/b' })).toBe('/records/a%2Fb/changes');
  });
});

describe('call', () => {
  const answer = (status: number, body: string) => {
    const fetched = vi.fn((_address: string, _options: RequestInit) => Promise.resolve(new Response(body, { status })));
    vi.stubGlobal('fetch', fetched);
    return fetched;
  };
  afterEach(() => { vi.unstubAllGlobals(); });

  it('gives the JSON', async () => {
    const fetched = answer(200, '{"a":1}');
    await expect(call('POST', '/x', { body: { b: 2 } })).resolves.toEqual({ a: 1 });
    expect(fetched.mock.calls[0]?.[1].body).toBe('{"b":2}');
  });

  it('gives up as many changes at once as the program takes', async () => {
    const fetched = answer(200, '{}');
    fetched.mockImplementation(() => Promise.resolve(new Response('{}')));
    const edits = Array.from({ length: 450 }, (_, i) => `edit ${String(i)}`);
    await api.giveUp(edits);
    const asked = fetched.mock.calls.map((c) => (JSON.parse(c[1].body as string) as { edits: string[] }).edits);
    expect(asked.map((some) => some.length)).toEqual([200, 200, 50]);
    expect(asked.flat()).toEqual(edits);
  });

  it('gives the sentence and the code of a problem', async () => {
    answer(507, '{"title":"Insufficient","detail":"The disk is full.","code":"disk_full","errors":[{"location":"body","message":"m"}]}');
    const error = await call('GET', '/x').catch((e: unknown) => e);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ sentence: 'The disk is full.', code: 'disk_full', status: 507, problems: [{ location: 'body', message: 'm' }] });
  });

  it('names a status when the answer is no problem document', async () => {
    answer(502, '<html>');
    await expect(call('GET', '/x')).rejects.toMatchObject({ code: 'http_502', sentence: '' });
  });

  it('tells that nothing answered', async () => {
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('failed to fetch')));
    await expect(call('GET', '/x')).rejects.toMatchObject({ code: 'unreachable', status: 0 });
  });

  it('passes on that a call was given up', async () => {
    const stop = new AbortController();
    stop.abort();
    vi.stubGlobal('fetch', () => Promise.reject(new DOMException('aborted', 'AbortError')));
    await expect(call('GET', '/x', { signal: stop.signal })).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('keysFor', () => {
  it('maps a ticket to its page, the lists and what counts them', () => {
    const found = keysFor([change({ ids: ['a'], kinds: ['incident'] })]);
    expect(found).toEqual(expect.arrayContaining([keys.record('a'), keys.tickets, keys.syncAll, keys.searches, keys.allConflicts, keys.recent]));
    expect(found).not.toContainEqual(keys.lists);
    expect(found).not.toContainEqual(keys.records);
  });

  it('fetches all records when there are too many to name', () => {
    expect(keysFor([change({ kinds: ['incident', 'service'] })])).toEqual(expect.arrayContaining([keys.records, keys.tickets, keys.listOf('service')]));
  });

  it('leaves data alone when only sharing moved on', () => {
    expect(keysFor([change({ sync: true })])).toEqual([keys.syncAll]);
  });

  it('takes up choices and rights after a publication', () => {
    expect(keysFor([change({ config: true })])).toEqual(expect.arrayContaining([keys.configAll, keys.meta, keys.me]));
  });

  it('fetches everything when nothing is said', () => {
    expect(keysFor([change({})])).toEqual([[]]);
  });

  it('names each key once', () => {
    const found = keysFor([change({ ids: ['a'], kinds: ['incident'] }), change({ ids: ['a'], kinds: ['incident'] })]);
    expect(new Set(found.map((key) => JSON.stringify(key))).size).toBe(found.length);
  });
});

describe('refetchOnChange', () => {
  beforeEach(() => { vi.useFakeTimers(); });
  afterEach(() => { vi.useRealTimers(); });

  it('fetches once for a burst of changes, and not after it is stopped', () => {
    const client = new QueryClient();
    const invalidated = vi.spyOn(client, 'invalidateQueries').mockResolvedValue();
    let tell: (c: Changed) => void = () => {};
    const stop = refetchOnChange(client, { subscribe: (listener) => { tell = listener; return () => { tell = () => {}; }; } });
    for (let i = 0; i < 50; i++) tell(change({ sync: true }));
    vi.advanceTimersByTime(30);
    expect(invalidated).toHaveBeenCalledTimes(1);
    tell(change({ sync: true }));
    stop();
    vi.advanceTimersByTime(100);
    expect(invalidated).toHaveBeenCalledTimes(1);
  });
});

describe('readChanged', () => {
  it('reads an event as text or as an object', () => {
    const event = { revision: '7', ids: ['a'], kinds: ['team'], sync: true, config: false };
    expect(readChanged(JSON.stringify(event))).toEqual(event);
    expect(readChanged(event)).toEqual(event);
  });

  it('takes what it does not understand for "everything"', () => {
    const everything = change({ revision: '' });
    expect(readChanged('no json')).toEqual(everything);
    expect(readChanged(null)).toEqual(everything);
    expect(readChanged({ ids: 'a', kinds: [3] })).toEqual(everything);
  });
});

class Stream extends EventTarget {
  onmessage: ((event: MessageEvent) => void) | null = null;
  onopen: (() => void) | null = null;
  onerror: (() => void) | null = null;
  closed = false;
  close(): void { this.closed = true; }
}

describe('browserFeed', () => {
  it('shares one stream, fetches everything each time that it opens, and closes it at last', () => {
    const streams: Stream[] = [];
    const feed = browserFeed(() => {
      const stream = new Stream();
      streams.push(stream);
      return stream as unknown as EventSource;
    });
    const seen: Changed[] = [];
    const states: boolean[] = [];
    feed.onConnection((up) => { states.push(up); });
    const stops = [feed.subscribe((c) => { seen.push(c); }), feed.subscribe(() => {})];
    const [stream] = streams;
    stream?.onopen?.();
    stream?.onmessage?.(new MessageEvent('message', { data: '{"revision":"1","ids":["a"],"kinds":[]}' }));
    stream?.onerror?.();
    stream?.onopen?.();
    expect(streams).toHaveLength(1);
    expect(seen).toEqual([change({ revision: '' }), change({ ids: ['a'] }), change({ revision: '' })]);
    expect(states).toEqual([true, false, true]);
    for (const stop of stops) stop();
    expect(stream?.closed).toBe(true);
  });
});
