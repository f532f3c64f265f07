import { Button, Checkbox, Popover } from '@mantine/core';
import { IconColumns3, IconInbox, IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import type { Row, TicketKind } from '@/bridge/contract';
import { queries } from '@/bridge/queries';
import { formatSearch } from '@/lib/search';
import { nextSort, ticketParams, type TicketQuery, ticketRequest } from '@/lib/ticketQuery';
import { useLanguage, useText } from '@/state/language';
import { placeIn, rememberNeighbours, rememberPlace } from '@/state/listMemory';
import { usePagedTickets } from '@/state/pages';
import { usePrefs } from '@/state/prefs';
import { type Shortcut, useShortcuts } from '@/state/shortcuts';
import { Page } from '@/ui/page';
import { Empty, ErrorState, LoadingLines } from '@/ui/states';
import { rowHeight } from '@/ui/tokens';
import { BulkBar, type BulkDialog } from './BulkBar';
import { ticketColumns } from './columns';
import { FilterBar, ViewMenu } from './FilterBar';
import classes from './list.module.css';
import { rowId, Rows } from './Rows';
import { useColumns, useListPlace } from './useListState';

interface TicketsScreenProps {
  query: TicketQuery;
  onQuery: (query: TicketQuery) => void;
  title: string;
  /** shows this kind alone */
  only?: TicketKind;
}

const headRow = 31;
const overscan = 12;

/** Every ticket this device holds: filtered, sorted, and moved through by keyboard. */
export function TicketsScreen({ query, onQuery, title, only }: TicketsScreenProps) {
  const t = useText();
  const language = useLanguage();
  const navigate = useNavigate();
  const address = `${only === undefined ? '/tickets' : '/requests'}${formatSearch(ticketParams(query))}`;
  const list = address;
  const size = rowHeight[usePrefs().density];
  const scroller = useRef<HTMLDivElement>(null);
  const searchBox = useRef<HTMLInputElement>(null);
  const [range, setRange] = useState<[number, number]>(() => {
    const first = Math.floor(placeIn(list).scroll / size);
    return [first, first + 40];
  });
  const [dialog, setDialog] = useState<BulkDialog>(null);
  const [visibility, setVisible] = useColumns();
  const pages = usePagedTickets({ ...ticketRequest(query), ...(only === undefined ? {} : { kind: [only] }) }, range[0], range[1]);
  const { rowAt } = pages;
  const total = pages.total ?? 0;
  const place = useListPlace(list, rowAt);
  const virtualizer = useVirtualizer<HTMLDivElement, Element>({
    count: total,
    getScrollElement: () => scroller.current,
    estimateSize: () => size,
    overscan,
    scrollMargin: 0,
    scrollPaddingStart: headRow,
    initialOffset: placeIn(list).scroll,
    onChange: (instance) => {
      const shown = instance.range;
      if (shown === null) return;
      setRange((before) => (before[0] === shown.startIndex && before[1] === shown.endIndex ? before : [shown.startIndex, shown.endIndex + overscan]));
    },
  });
  useEffect(() => {
    virtualizer.measure();
  }, [size, virtualizer]);
  useEffect(() => {
    scroller.current?.scrollTo({ top: placeIn(list).scroll });
    scroller.current?.focus({ preventScroll: true });
  }, [list]);

  const cursor = Math.max(0, Math.min(place.cursor, total - 1));
  const active = rowAt(cursor);
  const move = (to: number) => {
    const index = Math.max(0, Math.min(total - 1, to));
    place.point(index);
    virtualizer.scrollToIndex(index);
    scroller.current?.focus({ preventScroll: true });
  };
  const open = (row: Row, focus?: string) => {
    const ids: string[] = [];
    for (let i = Math.max(0, cursor - 200); i < Math.min(total, cursor + 200); i++) {
      const near = rowAt(i);
      if (near !== undefined) ids.push(near.id);
    }
    rememberNeighbours({ ids, from: address });
    void navigate({ to: '/tickets/$id', params: { id: row.id }, search: focus === undefined ? {} : { focus } });
  };
  const create = () => void navigate({ to: '/tickets/new', search: only === 'request' ? { kind: only } : {} });
  const chosen = place.selected.size > 0 ? [...place.selected] : active === undefined ? [] : [active.id];
  useShortcuts(listShortcuts());

  function listShortcuts(): Shortcut[] {
    const key = (keys: string, label: string, run: () => void): Shortcut => ({ keys, label, group: 'list', run });
    const onActive = (run: (row: Row) => void) => () => { if (active !== undefined) run(active); };
    return [
      key('j', t.shortcuts.next, () => { move(cursor + 1); }),
      key('k', t.shortcuts.previous, () => { move(cursor - 1); }),
      key('x', t.shortcuts.select, onActive((row) => { place.select(row, cursor, false); })),
      key('Enter', t.shortcuts.openRow, onActive((row) => { open(row); })),
      key('e', t.shortcuts.editRow, onActive((row) => { open(row, 'title'); })),
      key('a', t.shortcuts.assign, () => { if (chosen.length > 0) setDialog('assign'); }),
      key('s', t.shortcuts.status, onActive((row) => { open(row, 'status'); })),
      key('/', t.shortcuts.search, () => { searchBox.current?.focus(); }),
      { keys: 'Escape', label: t.common.clear, group: 'list', run: place.clear },
    ];
  }

  const onKeyDown = (event: KeyboardEvent) => {
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 400) / size) - 2);
    const steps: Record<string, number> = { ArrowDown: cursor + 1, ArrowUp: cursor - 1, PageDown: cursor + page, PageUp: cursor - page, Home: 0, End: total - 1 };
    const to = steps[event.key];
    if (to !== undefined) {
      event.preventDefault();
      move(to);
    } else if (event.key === ' ' && active !== undefined && event.target === scroller.current) {
      event.preventDefault();
      place.select(active, cursor, event.shiftKey);
    }
  };

  return (
    <Page
      title={title} bare count={pages.total?.toLocaleString(language)} tools={<ViewMenu query={query} onChange={onQuery} />}
      actions={
        <>
          <ColumnChooser visibility={visibility} onChange={setVisible} />
          <Button leftSection={<IconPlus size={14} stroke={1.5} aria-hidden />} variant="default" onClick={create}>{t.frame.newTicket}</Button>
        </>
      }
    >
      <FilterBar query={query} facets={pages.facets} onChange={onQuery} searchBox={searchBox} {...(only === undefined ? {} : { without: 'kind' as const })} />
      <BulkBar ids={chosen} dialog={dialog} setDialog={setDialog} clear={place.clear} bar={place.selected.size > 0} />
      <span className="srOnly" role="status">{pages.total === undefined ? '' : t.tickets.resultCount(total)}</span>
      {pages.total === undefined && (pages.error === null ? <LoadingLines count={10} /> : <ErrorState error={pages.error} retry={pages.refetch} />)}
      {pages.total === 0 && <NoTickets query={query} onQuery={onQuery} create={create} {...(only === undefined ? {} : { only })} />}
      {total > 0 && (
        // A grid takes the focus and the arrow keys for its rows, as the ARIA practices describe it.
         
        <div ref={scroller} className={classes.scroller} role="grid" tabIndex={0} aria-label={title} aria-rowcount={total + 1} aria-multiselectable aria-activedescendant={rowId(cursor)}
          onKeyDown={onKeyDown} onScroll={(e) => { rememberPlace(list, { scroll: e.currentTarget.scrollTop }); }}
        >
          <Rows
            virtualizer={virtualizer} rowAt={rowAt} visibility={visibility} sort={query.sort} onSort={(column) => { onQuery({ ...query, sort: nextSort(query.sort, column) }); }}
            cursor={cursor} selected={place.selected} onSelect={place.select} onSelectAll={place.selectAll} onPoint={place.point} onOpen={open}
          />
        </div>
      )}
    </Page>
  );
}

function NoTickets({ query, onQuery, create, only }: Pick<TicketsScreenProps, 'query' | 'onQuery' | 'only'> & { create: () => void }) {
  const t = useText();
  const any = useQuery({ ...queries.ticketCount({ view: 'all', ...(only === undefined ? {} : { kind: [only] }) }), enabled: query.view === 'open' }).data ?? 0;
  if (query.q !== '' || Object.keys(query.filters).length > 0) {
    return <Empty icon={IconInbox} title={t.tickets.emptyFiltered} action={{ label: t.common.clearFilters, run: () => { onQuery({ ...query, q: '', filters: {} }); } }} />;
  }
  if (query.view === 'open' && any > 0) return <Empty icon={IconInbox} title={t.tickets.emptyOpen} hint={t.tickets.emptyOpenHint} action={{ label: t.tickets.showAll, run: () => { onQuery({ ...query, view: 'all' }); } }} />;
  if (query.view !== 'open' && query.view !== 'all') return <Empty icon={IconInbox} title={t.tickets.emptyView} hint={t.tickets.emptyViewHint} />;
  return <Empty icon={IconInbox} title={t.tickets.emptyTitle} hint={t.tickets.emptyHint} action={{ label: t.frame.newTicket, run: create, key: 'c' }} />;
}

function ColumnChooser({ visibility, onChange }: { visibility: Record<string, boolean>; onChange: (column: string, visible: boolean) => void }) {
  const t = useText();
  const columns = ticketColumns(t).filter((column) => column.enableHiding !== false);
  return (
    <Popover position="bottom-end" trapFocus returnFocus>
      <Popover.Target>
        <Button variant="subtle" color="gray" leftSection={<IconColumns3 size={16} stroke={1.5} aria-hidden />}>{t.common.columns}</Button>
      </Popover.Target>
      <Popover.Dropdown p={10}>
        <div role="group" aria-label={t.common.columns} style={{ display: 'grid', gap: 8 }}>
          {columns.map((column) => {
            const id = column.id ?? '';
            return <Checkbox key={id} size="xs" label={column.header as string} checked={visibility[id] !== false} onChange={(e) => { onChange(id, e.currentTarget.checked); }} />;
          })}
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}
