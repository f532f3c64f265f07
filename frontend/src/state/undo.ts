import { createStore } from '@/lib/store';

/** A change of this person that can be taken back, as a new edit like any other. */
export interface Undoable {
  label: string;
  /** where it was: shown when undone from elsewhere */
  title: string;
  undo: () => Promise<unknown>;
}

const keptMax = 30;

export const undoStack = createStore<readonly Undoable[]>([]);

export function pushUndo(entry: Undoable): void {
  undoStack.set((before) => [...before, entry].slice(-keptMax));
}

/** Takes the newest entry off. */
export function popUndo(): Undoable | null {
  const entry = undoStack.get().at(-1) ?? null;
  if (entry !== null) undoStack.set((before) => before.slice(0, -1));
  return entry;
}
