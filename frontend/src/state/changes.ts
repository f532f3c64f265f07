import type { Change, FieldRule, FieldState, RecordView, Seen, Value } from '@/bridge/contract';

/** What the author saw in a field when editing began. */
export interface Before {
  value: Value;
  seen: Seen;
}

const asText = (value: Value): string => (typeof value === 'string' ? value : '');
export const asList = (value: Value): string[] => (Array.isArray(value) ? value : []);

export function sameValue(a: Value, b: Value): boolean {
  if (Array.isArray(a) || Array.isArray(b)) {
    const [left, right] = [[...asList(a)].sort(), [...asList(b)].sort()];
    return left.length === right.length && left.every((one, i) => one === right[i]);
  }
  return (a ?? '') === (b ?? '');
}

/** The changes that bring a field from what its author saw to next; none when nothing differs. */
export function changesOf(field: { name: string; rule: FieldRule }, before: Before, next: Value): Change[] {
  if (sameValue(before.value, next)) return [];
  switch (field.rule) {
    case 'text':
      return [{ op: 'text', field: field.name, value: asText(next), base: asText(before.value), seen: before.seen }];
    case 'set': {
      const had = new Set(asList(before.value));
      const has = new Set(asList(next));
      return [
        ...[...has].filter((one) => !had.has(one)).map((value): Change => ({ op: 'add', field: field.name, value })),
        ...[...had].filter((one) => !has.has(one)).map((value): Change => ({ op: 'remove', field: field.name, value, seen: before.seen })),
      ];
    }
    case 'counter':
      return [{ op: 'count', field: field.name, delta: Number(next ?? 0) - Number(before.value ?? 0) }];
    case 'state':
      return [{ op: 'transition', to: asText(next), from: asText(before.value), with: {} }];
    case 'register':
    case 'unique':
      return [{ op: 'set', field: field.name, value: next, seen: before.seen }];
    case 'list':
    case 'number':
      return [];
  }
}

/** The edit ids that settling a field's conflict must have seen: those of all its values. */
export function seenOfAll(field: Pick<FieldState, 'seen' | 'conflicts'>): Seen {
  return [...new Set([...field.seen, ...field.conflicts.map((held) => held.edit)])];
}

/** The change that leaves one value in a field that holds several. */
export function settleChange(field: { name: string; rule: FieldRule; value: Value }, seen: Seen, value: Value): Change {
  if (field.rule === 'text') return { op: 'text', field: field.name, value: asText(value), base: asText(field.value), seen };
  return { op: 'set', field: field.name, value, seen };
}

/** The change that takes another one back, made against the field as it is now; null where that is not simple. */
export function inverseOf(change: Change, before: Before, now: FieldState): Change | null {
  switch (change.op) {
    case 'set':
      return { op: 'set', field: change.field, value: before.value, seen: now.seen };
    case 'text':
      return { op: 'text', field: change.field, value: asText(before.value), base: asText(now.value), seen: now.seen };
    case 'add':
      return { op: 'remove', field: change.field, value: change.value, seen: now.seen };
    case 'remove':
      return { op: 'add', field: change.field, value: change.value };
    case 'count':
      return { op: 'count', field: change.field, delta: -change.delta };
    default:
      return null;
  }
}

/** The record as it will look once the changes are stored: painted at once, marked as waiting. */
export function withChanges<R extends RecordView>(record: R, changes: readonly Change[], display: string | undefined): R {
  const touched = new Map<string, Change[]>();
  for (const change of changes) {
    const name = change.op === 'transition' ? 'status' : 'field' in change ? change.field : null;
    if (name !== null) touched.set(name, [...(touched.get(name) ?? []), change]);
  }
  const fields = record.fields.map((field) => {
    const own = touched.get(field.name);
    if (own === undefined) return field;
    const value = own.reduce<Value>(nextValue, field.value);
    const settled = own.some((change) => 'seen' in change && field.conflicts.every((held) => change.seen?.includes(held.edit)));
    return { ...field, value, pending: true, conflicts: settled ? [] : field.conflicts, display: display ?? shownAs(field, value) };
  });
  const title = fields.find((field) => field.name === 'title')?.value;
  return { ...record, fields, title: typeof title === 'string' ? title : record.title, pending: record.pending + 1 };
}

function nextValue(value: Value, change: Change): Value {
  switch (change.op) {
    case 'set':
    case 'text':
    case 'claim':
      return change.value;
    case 'add':
      return [...asList(value).filter((one) => one !== change.value), change.value];
    case 'remove':
      return asList(value).filter((one) => one !== change.value);
    case 'count':
      return Number(value ?? 0) + change.delta;
    case 'transition':
      return change.to;
    default:
      return value;
  }
}

function shownAs(field: FieldState, value: Value): string | undefined {
  if (sameValue(field.value, value)) return field.display;
  return typeof value === 'string' && (field.type === 'text' || field.type === 'markdown') ? value : undefined;
}
