import { Checkbox } from '@mantine/core';
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import { useTable, type ColumnVisibilityState } from '@tanstack/react-table';
import type { Virtualizer } from '@tanstack/react-virtual';
import { type MouseEvent, useMemo } from 'react';
import type { Row } from '@/bridge/contract';
import { useText } from '@/state/language';
import { features, gridOf, ticketColumns, unsorted } from './columns';
import classes from './list.module.css';

interface RowsProps {
  virtualizer: Virtualizer<HTMLDivElement, Element>;
  rowAt: (index: number) => Row | undefined;
  visibility: ColumnVisibilityState;
  sort: string;
  onSort: (column: string) => void;
  cursor: number;
  selected: ReadonlySet<string>;
  onSelect: (row: Row, index: number, range: boolean) => void;
  onSelectAll: (rows: Row[]) => void;
  onPoint: (index: number) => void;
  onOpen: (row: Row) => void;
}

export const rowId = (index: number): string => `row-${String(index)}`;

/** The head and the visible rows of the list. */
export function Rows(props: RowsProps) {
  const { virtualizer, rowAt, visibility, cursor, selected } = props;
  const t = useText();
  const columns = useMemo(() => ticketColumns(t), [t]);
  const items = virtualizer.getVirtualItems();
  const loaded = items.flatMap((item) => {
    const row = rowAt(item.index);
    return row === undefined ? [] : [row];
  });
  const table = useTable({ features, columns, data: loaded, state: { columnVisibility: visibility }, getRowId: (row: Row) => row.id });
  const heads = table.getHeaderGroups()[0]?.headers ?? [];
  const { template, minWidth } = gridOf(heads.map((head) => head.column.id));
  const byId = new Map(table.getRowModel().rows.map((row) => [row.id, row]));
  const allChosen = loaded.length > 0 && loaded.every((row) => selected.has(row.id));

  const press = (event: MouseEvent, row: Row, index: number) => {
    if ((event.target as Element).closest('a, button, input, label') !== null) return;
    if (event.ctrlKey || event.metaKey || event.shiftKey) props.onSelect(row, index, event.shiftKey);
    else props.onPoint(index);
  };

  return (
    <>
      <div className={classes.head} role="row" style={{ gridTemplateColumns: template, minWidth }} aria-rowindex={1}>
        <div role="columnheader" className={classes.check}>
          <Checkbox size="xs" tabIndex={-1} aria-label={t.tickets.selectAll} checked={allChosen} onChange={() => { props.onSelectAll(allChosen ? [] : loaded); }} />
        </div>
        {heads.map((head) => (
          <HeadCell key={head.id} column={head.column.id} label={head.column.columnDef.header as string} sort={props.sort} onSort={props.onSort} />
        ))}
      </div>
      <div className={classes.rows} role="rowgroup" style={{ height: virtualizer.getTotalSize(), minWidth }}>
        {items.map((item) => {
          const data = rowAt(item.index);
          const row = data === undefined ? undefined : byId.get(data.id);
          const style = { gridTemplateColumns: template, minWidth, height: item.size, transform: `translateY(${String(item.start)}px)` };
          if (data === undefined || row === undefined) {
            return (
              <div key={item.key} className={classes.row} style={style} role="row" aria-rowindex={item.index + 2} aria-busy>
                <div role="gridcell" /><div role="gridcell" className={classes.cell}><div className={classes.skeleton} /></div>
              </div>
            );
          }
          return (
            // Keys come to the grid, which names the active row.
            // eslint-disable-next-line jsx-a11y/click-events-have-key-events
            <div
              key={item.key} id={rowId(item.index)} className={classes.row} style={style} role="row" tabIndex={-1} aria-rowindex={item.index + 2}
              aria-selected={selected.has(data.id)} data-cursor={item.index === cursor}
              onClick={(event) => { press(event, data, item.index); }} onDoubleClick={() => { props.onOpen(data); }}
            >
              <div role="gridcell" className={classes.check}>
                <Checkbox size="xs" tabIndex={-1} aria-label={t.tickets.selectRow(data.title)} checked={selected.has(data.id)} onChange={(e) => { props.onSelect(data, item.index, (e.nativeEvent as unknown as { shiftKey?: boolean }).shiftKey === true); }} />
              </div>
              {row.getVisibleCells().map((cell) => (
                <div key={cell.id} role="gridcell" className={classes.cell}><table.FlexRender cell={cell} /></div>
              ))}
            </div>
          );
        })}
      </div>
    </>
  );
}

function HeadCell({ column, label, sort, onSort }: { column: string; label: string; sort: string; onSort: (column: string) => void }) {
  const t = useText();
  const active = sort === column || sort === `-${column}`;
  const down = sort.startsWith('-');
  const Arrow = down ? IconArrowDown : IconArrowUp;
  if (unsorted.has(column)) return <div role="columnheader" className={classes.headCell}><span className={classes.sort}>{label}</span></div>;
  return (
    <div role="columnheader" className={classes.headCell} aria-sort={active ? (down ? 'descending' : 'ascending') : 'none'}>
      <button type="button" className={classes.sort} tabIndex={-1} onClick={() => { onSort(column); }} aria-label={t.common.sortBy(label)} title={t.common.sortBy(label)}>
        {label}
        {active && <Arrow size={13} stroke={2} aria-label={down ? t.common.sortedDown : t.common.sortedUp} />}
      </button>
    </div>
  );
}
