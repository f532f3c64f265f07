import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import { Link, useNavigate } from '@tanstack/react-router';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import type { Row } from '@/bridge/contract';
import type { Catalogue } from '@/lib/i18n';
import { useText } from '@/state/language';
import { usePrefs } from '@/state/prefs';
import { useShortcuts } from '@/state/shortcuts';
import { Ago } from '@/ui/Ago';
import { Initials } from '@/ui/marks';
import { PendingDot } from '@/ui/Pending';
import { rowHeight } from '@/ui/tokens';
import type { PeopleKind } from './PeopleScreen';
import classes from './people.module.css';

interface PeopleListProps {
  kind: PeopleKind;
  total: number;
  rowAt: (index: number) => Row | undefined;
  sort: string;
  onSort: (sort: string) => void;
  range: [number, number];
  onRange: (range: [number, number]) => void;
}

type Column = 'title' | 'team' | 'roles' | 'site' | 'changedAt';
const columnsOf: Record<PeopleKind, readonly Column[]> = { person: ['title', 'team', 'roles', 'site', 'changedAt'], team: ['title', 'site', 'changedAt'], site: ['title', 'changedAt'] };
const sortable: readonly Column[] = ['title', 'changedAt'];
const widths: Record<Column, string> = { title: 'minmax(0, 1fr)', team: '180px', roles: '220px', site: '80px', changedAt: '120px' };
const headRow = 31;
const overscan = 12;
const rowId = (index: number): string => `person-row-${String(index)}`;

/** People, teams or sites in rows; arrow keys or j and k move, Enter opens. */
export function PeopleList({ kind, total, rowAt, sort, onSort, range, onRange }: PeopleListProps) {
  const t = useText();
  const navigate = useNavigate();
  const size = rowHeight[usePrefs().density];
  const scroller = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState(0);
  const virtualizer = useVirtualizer<HTMLDivElement, Element>({
    count: total, getScrollElement: () => scroller.current, estimateSize: () => size, overscan, scrollPaddingStart: headRow,
    onChange: (instance) => {
      const shown = instance.range;
      if (shown !== null && (range[0] !== shown.startIndex || range[1] !== shown.endIndex + overscan)) onRange([shown.startIndex, shown.endIndex + overscan]);
    },
  });
  useEffect(() => { virtualizer.measure(); }, [size, virtualizer]);
  const cursor = Math.max(0, Math.min(at, total - 1));
  const move = (to: number) => {
    const index = Math.max(0, Math.min(total - 1, to));
    setAt(index);
    virtualizer.scrollToIndex(index);
    scroller.current?.focus({ preventScroll: true });
  };
  const open = () => {
    const row = rowAt(cursor);
    if (row !== undefined) void navigate({ to: '/people/$kind/$id', params: { kind, id: row.id } });
  };
  useShortcuts([
    { keys: 'j', label: t.shortcuts.next, group: 'list', run: () => { move(cursor + 1); } },
    { keys: 'k', label: t.shortcuts.previous, group: 'list', run: () => { move(cursor - 1); } },
    { keys: 'Enter', label: t.shortcuts.openRow, group: 'list', run: open },
  ]);
  const onKeyDown = (event: KeyboardEvent) => {
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 400) / size) - 2);
    const steps: Record<string, number> = { ArrowDown: cursor + 1, ArrowUp: cursor - 1, PageDown: cursor + page, PageUp: cursor - page, Home: 0, End: total - 1 };
    const to = steps[event.key];
    if (to === undefined) return;
    event.preventDefault();
    move(to);
  };
  const columns = columnsOf[kind];
  const template = columns.map((column) => widths[column]).join(' ');
  return (
    <div ref={scroller} className={classes.scroller} role="grid" tabIndex={0} aria-label={t.people[kind]} aria-rowcount={total + 1} aria-activedescendant={rowId(cursor)} onKeyDown={onKeyDown}>
      <div className={classes.head} role="row" aria-rowindex={1} style={{ gridTemplateColumns: template }}>
        {columns.map((column) => <Head key={column} column={column} sort={sort} onSort={onSort} />)}
      </div>
      <div className={classes.rows} role="rowgroup" style={{ height: virtualizer.getTotalSize() }}>
        {virtualizer.getVirtualItems().map((item) => {
          const row = rowAt(item.index);
          return (
            <div key={item.key} id={rowId(item.index)} role="row" aria-rowindex={item.index + 2} className={classes.row} data-cursor={item.index === cursor} aria-busy={row === undefined} style={{ gridTemplateColumns: template, height: item.size, transform: `translateY(${String(item.start)}px)` }}>
              {row === undefined ? <div role="gridcell" className={classes.cell}><div className={classes.skeleton} /></div> : columns.map((column) => <div key={column} role="gridcell" className={classes.cell}><Cell row={row} kind={kind} column={column} /></div>)}
            </div>
          );
        })}
      </div>
    </div>
  );
}

function Cell({ row, kind, column }: { row: Row; kind: PeopleKind; column: Column }) {
  const t = useText();
  switch (column) {
    case 'title':
      return (
        <span className={classes.name}>
          {kind === 'person' && <Initials name={row.title} />}
          <Link to="/people/$kind/$id" params={{ kind, id: row.id }} tabIndex={-1} className={classes.link ?? ''}>{row.title}</Link>
          {row.pending && <PendingDot />}
        </span>
      );
    case 'team':
      return <span className="muted">{row.team?.title}</span>;
    case 'roles':
      return <span className="muted">{(row.roles ?? []).map(t.common.word).join(', ')}</span>;
    case 'site':
      return <span className="muted">{row.site}</span>;
    case 'changedAt':
      return <Ago at={row.changedAt} className="muted" />;
  }
}

const headOf = (t: Catalogue, column: Column): string => ({ title: t.common.name, team: t.people.teamColumn, roles: t.people.rolesColumn, site: t.people.siteColumn, changedAt: t.people.changed })[column];

function Head({ column, sort, onSort }: { column: Column; sort: string; onSort: (sort: string) => void }) {
  const t = useText();
  const label = headOf(t, column);
  const active = sort === column || sort === `-${column}`;
  const down = sort.startsWith('-');
  const Arrow = down ? IconArrowDown : IconArrowUp;
  if (!sortable.includes(column)) return <div role="columnheader" className={classes.headCell}>{label}</div>;
  return (
    <div role="columnheader" className={classes.headCell} aria-sort={active ? (down ? 'descending' : 'ascending') : 'none'}>
      <button type="button" className={classes.sort} onClick={() => { onSort(sort === column ? `-${column}` : column); }} aria-label={t.common.sortBy(label)}>
        {label}
        {active && <Arrow size={13} stroke={2} aria-label={down ? t.common.sortedDown : t.common.sortedUp} />}
      </button>
    </div>
  );
}
