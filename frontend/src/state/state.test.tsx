import { act, fireEvent, render, renderHook, screen } from '@testing-library/react';
import { QueryClient } from '@tanstack/react-query';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { keys } from '@/bridge/keys';
import { ApiError } from '@/bridge/http';
import { field, problem, program, record } from '@test/world';
import { draftsOf, readDraft, useDraft } from './drafts';
import { saveEdit } from './edits';
import { pagesFor } from './pages';
import { activeShortcuts, handleKey, type Shortcut, useShortcuts } from './shortcuts';
import { describeError, dismissToast, toast, toasts } from './toasts';
import { popUndo, undoStack } from './undo';

afterEach(() => {
  vi.unstubAllGlobals();
  toasts.set([]);
  undoStack.set([]);
});

const isText = (value: unknown): value is string => typeof value === 'string';

describe('useDraft', () => {
  beforeEach(() => { vi.useFakeTimers(); });
  afterEach(() => { vi.useRealTimers(); });

  it('brings back what was typed, for the record that it was typed for', () => {
    const first = renderHook(() => useDraft('t1/note', '', isText));
    act(() => { first.result.current[1]('half a sen'); });
    first.unmount();
    expect(renderHook(() => useDraft('t1/note', '', isText)).result.current[0]).toBe('half a sen');
    expect(renderHook(() => useDraft('t2/note', '', isText)).result.current[0]).toBe('');
  });

  it('writes soon, without waiting for the page to be left', () => {
    const { result } = renderHook(() => useDraft('t1/note', '', isText));
    act(() => { result.current[1]('x'); });
    vi.advanceTimersByTime(200);
    expect(readDraft('t1/note')).toBe('x');
  });

  it('writes at once when the page is hidden', () => {
    const { result } = renderHook(() => useDraft('t1/note', '', isText));
    act(() => { result.current[1]('x'); });
    window.dispatchEvent(new Event('pagehide'));
    expect(readDraft('t1/note')).toBe('x');
  });

  it('forgets what is dropped, and what was emptied', () => {
    const { result } = renderHook(() => useDraft('t1/note', '', isText));
    act(() => { result.current[1]('x'); });
    act(() => { result.current[2](); });
    vi.advanceTimersByTime(200);
    expect(readDraft('t1/note')).toBeUndefined();
    act(() => { result.current[1]('y'); });
    vi.advanceTimersByTime(200);
    act(() => { result.current[1](''); });
    vi.advanceTimersByTime(200);
    expect(draftsOf('t1/')).toEqual([]);
  });

  it('follows the key to another record', () => {
    const { result, rerender } = renderHook(({ key }) => useDraft(key, '', isText), { initialProps: { key: 'a' } });
    act(() => { result.current[1]('for a'); });
    vi.advanceTimersByTime(200);
    rerender({ key: 'b' });
    expect(result.current[0]).toBe('');
    rerender({ key: 'a' });
    expect(result.current[0]).toBe('for a');
  });
});

describe('saveEdit', () => {
  const stored = record([field('title', { value: 'old', seen: ['e1'] })], { title: 'old' });
  const changed = record([field('title', { value: 'new', seen: ['e2'], pending: true })], { title: 'new' });
  const set = { op: 'set' as const, field: 'title', value: 'new', seen: ['e1'] };
  const clientWith = () => {
    const client = new QueryClient();
    client.setQueryData(keys.ticket('r1'), stored);
    return client;
  };

  it('paints before the program answers, then shows the answer', async () => {
    const client = clientWith();
    const shownThen: unknown[] = [];
    program({ 'POST /records/r1/changes': () => { shownThen.push(client.getQueryData(keys.ticket('r1'))); return changed; } });
    await expect(saveEdit(client, 'r1', 'edit', [set])).resolves.toBe(true);
    expect(shownThen).toMatchObject([{ title: 'new', pending: 1 }]);
    expect(client.getQueryData(keys.ticket('r1'))).toMatchObject({ title: 'new', fields: [{ seen: ['e2'] }] });
  });

  it('takes back what could not be stored, and says why', async () => {
    const client = clientWith();
    program({ 'POST /records/r1/changes': () => problem(507, 'disk_full', 'The disk is full.') });
    await expect(saveEdit(client, 'r1', 'edit', [set])).resolves.toBe(false);
    expect(client.getQueryData(keys.ticket('r1'))).toEqual(stored);
    expect(toasts.get()).toMatchObject([{ tone: 'bad', sentence: 'The disk is full.', code: 'disk_full' }]);
  });

  it('can be taken back as a new edit that has seen the field as it is now', async () => {
    const client = clientWith();
    const asked = program({ 'POST /records/r1/changes': changed, 'GET /records/r1': changed });
    await saveEdit(client, 'r1', 'edit', [set]);
    await popUndo()?.undo();
    expect(asked.at(-1)?.body).toEqual({ action: 'undo', changes: [{ op: 'set', field: 'title', value: 'old', seen: ['e2'] }] });
    expect(undoStack.get()).toEqual([]);
  });

  it('asks nothing when nothing changed', async () => {
    const asked = program({});
    await expect(saveEdit(new QueryClient(), 'r1', 'edit', [])).resolves.toBe(true);
    expect(asked).toEqual([]);
  });
});

function Keys({ list }: { list: Shortcut[] }) {
  useShortcuts(list);
  return <input aria-label="box" />;
}

describe('shortcuts', () => {
  const runs = vi.fn<(name: string) => void>();
  const key = (keys: string, more: Partial<Shortcut> = {}): Shortcut => ({ keys, label: keys, group: 'everywhere', run: () => { runs(keys); }, ...more });
  beforeEach(() => { window.addEventListener('keydown', handleKey); });
  afterEach(() => {
    window.removeEventListener('keydown', handleKey);
    runs.mockReset();
  });
  const press = (pressed: string, target: Element = document.body, more: KeyboardEventInit = {}) => fireEvent.keyDown(target, { key: pressed, ...more });

  it('runs keys, chords and sequences', () => {
    render(<Keys list={[key('c'), key('g t'), key('mod+k', { whileTyping: true })]} />);
    press('c');
    press('g');
    press('t');
    press('k', document.body, { ctrlKey: true });
    expect(runs.mock.calls.flat()).toEqual(['c', 'g t', 'mod+k']);
  });

  it('lets people type', () => {
    render(<Keys list={[key('c'), key('mod+k', { whileTyping: true }), key('mod+z')]} />);
    const box = screen.getByLabelText('box');
    press('c', box);
    press('z', box, { ctrlKey: true });
    press('k', box, { ctrlKey: true });
    expect(runs.mock.calls.flat()).toEqual(['mod+k']);
  });

  it('asks the screen opened last first, and forgets a screen that is gone', () => {
    const below = render(<Keys list={[key('x', { run: () => { runs('below'); } })]} />);
    const above = render(<Keys list={[key('x', { run: () => { runs('above'); } })]} />);
    press('x');
    above.unmount();
    press('x');
    below.unmount();
    press('x');
    expect(runs.mock.calls.flat()).toEqual(['above', 'below']);
    expect(activeShortcuts.get()).toEqual([]);
  });
});

describe('toasts', () => {
  it('keep errors until they are closed', () => {
    vi.useFakeTimers();
    toast({ tone: 'bad', sentence: 'a' });
    toast({ tone: 'good', sentence: 'b' });
    vi.advanceTimersByTime(60_000);
    expect(toasts.get().map((one) => one.sentence)).toEqual(['a']);
    dismissToast(toasts.get()[0]?.id ?? 0);
    expect(toasts.get()).toEqual([]);
    vi.useRealTimers();
  });

  it('say what the program said', () => {
    expect(describeError(new ApiError('No.', 'forbidden', 403))).toEqual({ sentence: 'No.', code: 'forbidden' });
    expect(describeError(new TypeError('x'))).toEqual({ sentence: '', code: 'TypeError' });
  });
});

describe('pagesFor', () => {
  it('names the pages that hold what is visible', () => {
    expect(pagesFor(0, 40)).toEqual([0]);
    expect(pagesFor(190, 230)).toEqual([0, 1]);
    expect(pagesFor(99_990, 100_030)).toEqual([499, 500]);
  });
});
