import { useState } from 'react';
import type { Row } from '@/bridge/contract';
import { readStoredJson, writeStoredJson } from '@/lib/storage';
import { placeIn, rememberPlace } from '@/state/listMemory';
import { hiddenAtFirst } from './columns';

type Visibility = Record<string, boolean>;

function isVisibility(value: unknown): value is Visibility {
  return typeof value === 'object' && value !== null && Object.values(value).every((one) => typeof one === 'boolean');
}

/** Which columns a person sees, kept on this device. */
export function useColumns(): [Visibility, (column: string, visible: boolean) => void] {
  const [visibility, setVisibility] = useState<Visibility>(() => readStoredJson('columns:tickets', isVisibility) ?? hiddenAtFirst);
  return [
    visibility,
    (column, visible) => {
      const next = { ...visibility, [column]: visible };
      setVisibility(next);
      writeStoredJson('columns:tickets', next);
    },
  ];
}

/** The active row and the selected ones, remembered for when the list is opened again. */
export function useListPlace(list: string, rowAt: (index: number) => Row | undefined) {
  const [state, setState] = useState(() => ({ list, ...placeIn(list) }));
  if (state.list !== list) setState({ list, ...placeIn(list) });
  const update = (part: { cursor?: number; selected?: ReadonlySet<string> }) => {
    setState((before) => ({ ...before, ...part }));
    rememberPlace(list, part);
  };
  const select = (row: Row, index: number, range: boolean) => {
    const next = new Set(state.selected);
    if (range) {
      const [from, to] = [Math.min(state.cursor, index), Math.max(state.cursor, index)];
      for (let i = from; i <= to; i++) {
        const between = rowAt(i);
        if (between !== undefined) next.add(between.id);
      }
    } else if (!next.delete(row.id)) next.add(row.id);
    update({ selected: next, cursor: index });
  };
  return {
    cursor: state.cursor,
    selected: state.selected,
    select,
    selectAll: (rows: Row[]) => { update({ selected: new Set(rows.map((row) => row.id)) }); },
    clear: () => { update({ selected: new Set() }); },
    point: (cursor: number) => { update({ cursor }); },
  };
}
