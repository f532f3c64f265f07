import { columnVisibilityFeature, createColumnHelper, tableFeatures } from '@tanstack/react-table';
import { IconAlertTriangle, IconGitMerge, IconHandStop } from '@tabler/icons-react';
import type { Row } from '@/bridge/contract';
import type { Catalogue } from '@/lib/i18n';
import { parseInstant } from '@/lib/time';
import { useNow } from '@/state/clock';
import { useText } from '@/state/language';
import { Ago } from '@/ui/Ago';
import { numberOf, RecordLink, RowLink } from '@/ui/links';
import { PersonName, PriorityMark, StatusMark } from '@/ui/marks';
import { PendingDot } from '@/ui/Pending';
import classes from './list.module.css';

export const features = tableFeatures({ columnVisibilityFeature });
const helper = createColumnHelper<typeof features, Row>();

/** Widths for a grid, by column; the title takes what is left. */
export const widths: Record<string, string> = {
  number: '136px', title: 'minmax(0, 1fr)', status: '118px', priority: '104px', assignee: '136px', team: '140px', due: '112px', changedAt: '98px',
  createdAt: '98px', kind: '84px', category: '120px', site: '72px', service: '140px',
};

const titleMin = 240;
const checkWidth = 36;

/** The grid's columns, and the width below which the list scrolls sideways. */
export function gridOf(columns: readonly string[]): { template: string; minWidth: number } {
  const all = columns.map((column) => widths[column] ?? '120px');
  const fixed = all.reduce((sum, width) => sum + (width.endsWith('px') ? Number.parseInt(width, 10) : titleMin), checkWidth);
  return { template: [`${String(checkWidth)}px`, ...all].join(' '), minWidth: fixed };
}

/** Columns that the program does not sort by. */
export const unsorted: ReadonlySet<string> = new Set(['kind', 'site']);

/** Columns that nobody asked for yet. */
export const hiddenAtFirst = { team: false, createdAt: false, kind: false, category: false, site: false, service: false };

const riskMs = 4 * 3_600_000;

function Due({ at }: { at: string | null }) {
  const t = useText();
  const now = useNow();
  const instant = parseInstant(at);
  if (instant === null) return <span className="faint">{t.common.unset}</span>;
  const left = instant.getTime() - now.getTime();
  const tone = left < 0 ? classes.bad : left < riskMs ? classes.risk : undefined;
  return (
    <span className={`${classes.due ?? ''} ${tone ?? ''}`}>
      {left < 0 && <IconAlertTriangle size={14} stroke={1.5} aria-label={t.tickets.overdue} />}
      <Ago at={at} />
    </span>
  );
}

function Title({ row }: { row: Row }) {
  const t = useText();
  return (
    <span className={classes.titleCell}>
      <RowLink record={row} className={classes.title ?? ''}>{row.title === '' ? t.ticket.noTitle : row.title}</RowLink>
      {row.pending && <PendingDot />}
      {row.conflicts > 0 && <IconGitMerge size={15} stroke={1.5} className={classes.risk ?? ''} aria-label={t.tickets.rowConflicts(row.conflicts)} />}
      {row.parked > 0 && <IconHandStop size={15} stroke={1.5} className={classes.risk ?? ''} aria-label={t.tickets.rowParked(row.parked)} />}
      {(row.tags ?? []).slice(0, 3).map((tag) => <span key={tag} className={classes.tag}>{tag}</span>)}
    </span>
  );
}

/** The columns of the ticket list, in the interface's language. */
export function ticketColumns(t: Catalogue) {
  const unset = <span className="faint">{t.common.unset}</span>;
  return helper.columns([
    helper.display({ id: 'number', header: t.tickets.number, enableHiding: false, cell: ({ row }) => <span className={`num ${row.original.number === null ? 'muted' : ''}`}>{numberOf(row.original)}</span> }),
    helper.display({ id: 'title', header: t.tickets.titleColumn, enableHiding: false, cell: ({ row }) => <Title row={row.original} /> }),
    helper.display({
      id: 'status', header: t.tickets.status,
      cell: ({ row: { original: r } }) => r.status === undefined ? unset : <StatusMark status={r.status} label={r.statusLabel ?? r.status} phase={r.statusPhase ?? ''} />,
    }),
    helper.display({
      id: 'priority', header: t.tickets.priority,
      cell: ({ row: { original: r } }) => r.priority === null || r.priority === '' ? unset : <PriorityMark priority={r.priority} label={r.priorityLabel ?? r.priority} />,
    }),
    helper.display({
      id: 'assignee', header: t.tickets.assignee,
      cell: ({ row: { original: r } }) => r.assignee === null ? <span className="faint">{t.tickets.unassignedCell}</span> : <PersonName name={r.assignee.title} />,
    }),
    helper.display({ id: 'team', header: t.tickets.team, cell: ({ row: { original: r } }) => r.team?.title ?? unset }),
    helper.display({ id: 'due', header: t.tickets.due, cell: ({ row }) => <Due at={row.original.due} /> }),
    helper.display({ id: 'changedAt', header: t.tickets.changed, cell: ({ row }) => <Ago at={row.original.changedAt} className="muted" /> }),
    helper.display({ id: 'createdAt', header: t.tickets.created, cell: ({ row }) => <Ago at={row.original.createdAt} className="muted" /> }),
    helper.display({ id: 'kind', header: t.tickets.kind, cell: ({ row }) => (row.original.kind === 'request' ? t.tickets.request : t.tickets.incident) }),
    helper.display({ id: 'category', header: t.tickets.category, cell: ({ row: { original: r } }) => (r.category === undefined || r.category === '' ? unset : r.category) }),
    helper.display({ id: 'site', header: t.tickets.site, cell: ({ row }) => row.original.site }),
    helper.display({ id: 'service', header: t.tickets.service, cell: ({ row: { original: r } }) => (r.service === null ? unset : <RecordLink record={r.service} />) }),
  ]);
}
