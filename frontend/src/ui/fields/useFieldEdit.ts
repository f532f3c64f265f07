import { useState } from 'react';
import type { FieldState, Seen, Value } from '@/bridge/contract';
import type { Before } from '@/state/changes';
import { dropDraft, readDraft, writeDraft } from '@/state/drafts';
import type { RecordEdits } from '@/state/edits';

interface KeptEdit {
  value: Value;
  before: Value;
  seen: Seen;
}

function isKeptEdit(value: unknown): value is KeptEdit {
  return typeof value === 'object' && value !== null && 'value' in value && 'before' in value && 'seen' in value && Array.isArray(value.seen);
}

interface Editing {
  value: Value;
  display: string | undefined;
  before: Before;
}

export interface FieldEdit {
  editing: Editing | null;
  begin: () => void;
  change: (value: Value, display?: string) => void;
  /** stores it and closes; stays open when that fails */
  commit: (value?: Value, display?: string) => Promise<void>;
  /** closes; what was typed stays as a draft */
  leave: () => void;
  discard: () => void;
  hasDraft: boolean;
}

/**
 * One field edited in place. What its author saw is taken when editing begins, and kept with the draft, so that a change
 * made meanwhile by somebody else is never mistaken for seen.
 */
export function useFieldEdit(recordId: string, field: FieldState, edits: RecordEdits): FieldEdit {
  const key = `${recordId}/${field.name}`;
  const [editing, setEditing] = useState<Editing | null>(null);
  const [hasDraft, setHasDraft] = useState(() => isKeptEdit(readDraft(key)));

  const begin = () => {
    const kept = readDraft(key);
    setEditing(
      isKeptEdit(kept)
        ? { value: kept.value, display: undefined, before: { value: kept.before, seen: kept.seen } }
        : { value: field.value, display: field.display, before: { value: field.value, seen: field.seen } },
    );
  };
  const discard = () => {
    dropDraft(key);
    setHasDraft(false);
    setEditing(null);
  };
  const change = (value: Value, display?: string) => {
    setEditing((now) => {
      if (now === null) return null;
      writeDraft(key, { value, before: now.before.value, seen: now.before.seen } satisfies KeptEdit);
      return { ...now, value, display };
    });
  };
  const commit = async (value?: Value, display?: string) => {
    if (editing === null) return;
    const next = value === undefined ? editing.value : value;
    const shown = value === undefined ? editing.display : display;
    setEditing(null);
    if (await edits.setField(field, editing.before, next, { display: shown })) {
      dropDraft(key);
      setHasDraft(false);
      return;
    }
    writeDraft(key, { value: next, before: editing.before.value, seen: editing.before.seen } satisfies KeptEdit);
    setEditing({ ...editing, value: next, display: shown });
  };
  const leave = () => {
    setHasDraft(isKeptEdit(readDraft(key)));
    setEditing(null);
  };
  return { editing, begin, change, commit, leave, discard, hasDraft };
}
