import type { QueryClient } from '@tanstack/react-query';
import { api } from '@/bridge/api';
import type { Change, FieldState, RecordView } from '@/bridge/contract';
import { keys } from '@/bridge/keys';
import { inverseOf } from './changes';
import { toastError } from './toasts';
import { pushUndo } from './undo';

export interface BulkResult {
  changed: number;
  failed: number;
}

/**
 * Makes the same kind of change on several records, one edit each, against what each of them holds now. A record that
 * refuses stops none of the others.
 */
export async function changeMany(
  client: QueryClient,
  ids: readonly string[],
  action: string,
  changeOf: (record: RecordView) => Change | null,
): Promise<BulkResult> {
  const done: { id: string; before: FieldState; change: Change }[] = [];
  let failed = 0;
  let reason: unknown = null;
  for (const id of ids) {
    try {
      const record = await api.record(id);
      const change = changeOf(record);
      if (change === null) continue;
      await api.change(id, { action, changes: [change] });
      const before = record.fields.find((field) => 'field' in change && field.name === change.field);
      if (before !== undefined) done.push({ id, before, change });
    } catch (error) {
      failed++;
      reason = error;
    }
  }
  if (reason !== null) toastError(reason);
  void client.invalidateQueries({ queryKey: keys.tickets });
  for (const { id } of done) void client.invalidateQueries({ queryKey: keys.record(id) });
  if (done.length > 0) pushUndo({ label: action, title: '', undo: () => undoMany(client, done) });
  return { changed: done.length, failed };
}

async function undoMany(client: QueryClient, done: readonly { id: string; before: FieldState; change: Change }[]): Promise<void> {
  for (const { id, before, change } of done) {
    const now = (await api.record(id)).fields.find((field) => field.name === before.name);
    const back = now === undefined ? null : inverseOf(change, before, now);
    if (back !== null) await api.change(id, { action: 'undo', changes: [back] });
    void client.invalidateQueries({ queryKey: keys.record(id) });
  }
  void client.invalidateQueries({ queryKey: keys.tickets });
}

/** Sets a register of a record as it is now; null where it has that value already. */
export function setOn(record: RecordView, name: string, value: string | null): Change | null {
  const field = record.fields.find((one) => one.name === name);
  if (field === undefined || (field.value ?? '') === (value ?? '')) return null;
  return { op: 'set', field: name, value, seen: field.seen };
}
