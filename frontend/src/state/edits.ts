import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { api } from '@/bridge/api';
import type { Change, FieldState, RecordView, Value } from '@/bridge/contract';
import { keys } from '@/bridge/keys';
import { type Before, changesOf, inverseOf, seenOfAll, settleChange, withChanges } from './changes';
import { toastError } from './toasts';
import { pushUndo } from './undo';

interface SaveOptions {
  /** what the new value is called, for the first paint */
  display?: string | undefined;
  /** makes no entry for Ctrl+Z */
  final?: boolean;
}

export interface RecordEdits {
  /** Saves one edit. Gives whether it is stored; when not, a message says why and nothing typed is lost. */
  save: (action: string, changes: Change[], options?: SaveOptions) => Promise<boolean>;
  setField: (field: FieldState, before: Before, value: Value, options?: SaveOptions) => Promise<boolean>;
  settle: (field: FieldState, value: Value, display?: string) => Promise<boolean>;
  dismiss: (edit: string) => Promise<boolean>;
}

function isRecord(value: unknown): value is RecordView {
  return typeof value === 'object' && value !== null && 'fields' in value && 'provisional' in value;
}

/** Shows a record that the program just answered everywhere it is cached, and has the rest fetched again. */
export function showRecord(client: QueryClient, record: RecordView): void {
  client.setQueriesData<unknown>({ queryKey: keys.record(record.id) }, (old: unknown) => (isRecord(old) ? { ...old, ...record } : old));
  void client.invalidateQueries({ queryKey: keys.record(record.id) });
  for (const key of [keys.tickets, keys.lists, keys.allConflicts, keys.sync, keys.waiting]) void client.invalidateQueries({ queryKey: key });
}

/** Stores one edit of a record, painted before it is stored and taken back when it cannot be. */
export async function saveEdit(client: QueryClient, id: string, action: string, changes: Change[], options: SaveOptions = {}): Promise<boolean> {
  if (changes.length === 0) return true;
  const queryKey = keys.record(id);
  await client.cancelQueries({ queryKey });
  const before = client.getQueriesData<unknown>({ queryKey });
  client.setQueriesData<unknown>({ queryKey }, (old: unknown) => (isRecord(old) ? withChanges(old, changes, options.display) : old));
  try {
    showRecord(client, await api.change(id, { action, changes }));
  } catch (error) {
    for (const [key, value] of before) client.setQueryData(key, value);
    toastError(error);
    return false;
  }
  if (options.final !== true) offerUndo(client, id, action, changes, before);
  return true;
}

function cachedField(data: readonly (readonly [unknown, unknown])[], name: string): FieldState | undefined {
  for (const [, value] of data) {
    const found = isRecord(value) ? value.fields.find((field) => field.name === name) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

function offerUndo(client: QueryClient, id: string, action: string, changes: Change[], before: readonly (readonly [unknown, unknown])[]): void {
  const title = before.map(([, value]) => (isRecord(value) ? value.title : '')).find((one) => one !== '') ?? '';
  const undoable = changes.every((change) => ['set', 'text', 'add', 'remove', 'count'].includes(change.op));
  if (!undoable) return;
  pushUndo({
    label: action,
    title,
    undo: async () => {
      const now = await api.record(id);
      const inverse = changes.flatMap((change) => {
        const name = 'field' in change ? change.field : '';
        const [was, is] = [cachedField(before, name), now.fields.find((field) => field.name === name)];
        const back = was === undefined || is === undefined ? null : inverseOf(change, was, is);
        return back === null ? [] : [back];
      });
      await saveEdit(client, id, 'undo', inverse, { final: true });
    },
  });
}

/** How a record is changed: one field, one edit, each stating what its author saw. */
export function useRecordEdits(id: string): RecordEdits {
  const client = useQueryClient();
  return useMemo(() => {
    const save: RecordEdits['save'] = (action, changes, options) => saveEdit(client, id, action, changes, options);
    return {
      save,
      setField: (field, before, value, options) => save(field.name === 'assignee' ? 'assign' : 'edit', changesOf(field, before, value), options),
      settle: (field, value, display) => save('settle', [settleChange(field, seenOfAll(field), value)], { final: true, display }),
      dismiss: (edit) => save('settle', [{ op: 'settle', edit }], { final: true }),
    };
  }, [client, id]);
}
