import { Checkbox } from '@mantine/core';
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import { type ColumnVisibilityState, FlexRender, type Row as TableRow, useTable } from '@tanstack/react-table';
import type { Virtualizer } from '@tanstack/react-virtual';
import { memo, type MouseEvent, type RefObject, useEffect, useMemo, useRef } from 'react';
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
  const loaded = useLoaded(rowAt, items[0]?.index ?? 0, items.at(-1)?.index ?? -1);
  const table = useTable({ features, columns, data: loaded, state: { columnVisibility: visibility }, getRowId: (row: Row) => row.id });
  const heads = table.getHeaderGroups()[0]?.headers ?? [];
  const { template, minWidth } = gridOf(heads.map((head) => head.column.id));
  const byId = new Map(table.getRowModel().rows.map((row) => [row.id, row]));
  const allChosen = loaded.length > 0 && loaded.every((row) => selected.has(row.id));
  const acts = useRef<RowActs>(props);
  useEffect(() => {
    acts.current = props;
  });

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
          const at = { index: item.index, size: item.size, start: item.start, template, minWidth };
          if (row === undefined) return <WaitingRow key={item.key} {...at} />;
          return <TicketRow key={item.key} {...at} row={row} columns={columns} cursor={item.index === cursor} selected={selected.has(row.id)} acts={acts} />;
        })}
      </div>
    </>
  );
}

/** The rows that are here already, the same list as long as they are the same. */
function useLoaded(rowAt: RowsProps['rowAt'], first: number, last: number): Row[] {
  return useMemo(() => {
    const rows: Row[] = [];
    for (let i = first; i <= last; i++) {
      const row = rowAt(i);
      if (row !== undefined) rows.push(row);
    }
    return rows;
  }, [rowAt, first, last]);
}

type RowActs = Pick<RowsProps, 'onSelect' | 'onPoint' | 'onOpen'>;

interface RowPlace {
  index: number;
  size: number;
  start: number;
  template: string;
  minWidth: number;
}

const placed = ({ template, minWidth, size, start }: RowPlace) => ({ gridTemplateColumns: template, minWidth, height: size, transform: `translateY(${String(start)}px)` });

function WaitingRow(place: RowPlace) {
  return (
    <div className={classes.row} style={placed(place)} role="row" aria-rowindex={place.index + 2} aria-busy>
      <div role="gridcell" /><div role="gridcell" className={classes.cell}><div className={classes.skeleton} /></div>
    </div>
  );
}

interface TicketRowProps extends RowPlace {
  row: TableRow<typeof features, Row>;
  /** what the cells are drawn by: another language brings others */
  columns: unknown;
  cursor: boolean;
  selected: boolean;
  /** what the list does now; kept in a ref so that moving the cursor draws two rows and not all */
  acts: RefObject<RowActs>;
}

const TicketRow = memo(function TicketRow(props: TicketRowProps) {
  const { row, index, cursor, selected, acts } = props;
  const t = useText();
  const data = row.original;
  const press = (event: MouseEvent) => {
    if ((event.target as Element).closest('a, button, input, label') !== null) return;
    if (event.ctrlKey || event.metaKey || event.shiftKey) acts.current.onSelect(data, index, event.shiftKey);
    else acts.current.onPoint(index);
  };
  return (
    // Keys come to the grid, which names the active row.
    // eslint-disable-next-line jsx-a11y/click-events-have-key-events
    <div
      id={rowId(index)} className={classes.row} style={placed(props)} role="row" tabIndex={-1} aria-rowindex={index + 2} aria-selected={selected} data-cursor={cursor}
      onClick={press} onDoubleClick={() => { acts.current.onOpen(data); }}
    >
      <div role="gridcell" className={classes.check}>
        <input
          type="checkbox" className={classes.tick} tabIndex={-1} aria-label={t.tickets.selectRow(data.title)} checked={selected}
          onChange={(e) => { acts.current.onSelect(data, index, (e.nativeEvent as unknown as { shiftKey?: boolean }).shiftKey === true); }}
        />
      </div>
      {row.getVisibleCells().map((cell) => (
        <div key={cell.id} role="gridcell" className={classes.cell}><FlexRender cell={cell} /></div>
      ))}
    </div>
  );
}, sameRow);

/** The table makes its row anew each time, so what it shows is compared and not the row itself. */
function sameRow(a: TicketRowProps, b: TicketRowProps): boolean {
  return a.row.original === b.row.original && a.columns === b.columns && a.cursor === b.cursor && a.selected === b.selected
    && a.index === b.index && a.start === b.start && a.size === b.size && a.template === b.template;
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
