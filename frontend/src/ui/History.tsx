import { useQuery } from '@tanstack/react-query';
import type { HistoryRow } from '@/bridge/contract';
import { queries } from '@/bridge/queries';
import { actionLabel, type Catalogue, fieldLabel } from '@/lib/i18n';
import { useText } from '@/state/language';
import { Ago } from './Ago';
import classes from './History.module.css';
import { RecordLink } from './links';
import { PendingDot } from './Pending';
import { Empty, Loaded } from './states';

const shownMax = 120;

function shown(display: string | undefined, value: unknown): string {
  if (display !== undefined && display !== '') return display;
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value === 'object' && value !== null && 'text' in value && typeof value.text === 'string') return value.text;
  return Array.isArray(value) ? value.join(', ') : '';
}

function cut(text: string): string {
  return text.length > shownMax ? `${text.slice(0, shownMax)}…` : text;
}

/** One change in words: who did what to which field, from what to what. */
export function ChangeLine({ row, withRecord = false }: { row: HistoryRow; withRecord?: boolean }) {
  const t = useText();
  const from = cut(shown(row.fromDisplay, row.from));
  const to = cut(shown(row.toDisplay, row.to));
  return (
    <li className={`${classes.line ?? ''} ${withRecord ? (classes.stacked ?? '') : ''}`}>
      <span className={withRecord ? 'ellipsis' : undefined}>
        <span className={classes.who}>{row.by?.title ?? t.common.system}</span>{' '}
        <span className={classes.what}>
          {row.field === undefined || row.field === '' ? actionLabel(t, row.action) : fieldLabel(t, row.field, row.label ?? row.field)}
        </span>
      </span>
      <span className={classes.values}>
        {from !== '' && <del className={classes.from}>{from}</del>}
        {from !== '' && to !== '' && <span aria-hidden>→</span>}
        {to !== '' && <ins className={classes.to}>{to}</ins>}
      </span>
      {withRecord && row.record !== undefined && <RecordLink record={row.record} className={classes.record ?? ''} />}
      <span className={classes.meta}>
        <ResultNote row={row} t={t} />
        <span title={`${t.ticket.device}: ${row.device.name}`}><Ago at={row.at} /></span>
      </span>
    </li>
  );
}

function ResultNote({ row, t }: { row: HistoryRow; t: Catalogue }) {
  if (row.commit === null) return <PendingDot />;
  if (row.result === null || row.result === 'applied') return null;
  return <span className={classes.result}>{t.ticket.resultLabel[row.result]}</span>;
}

/** Everything that happened to a record, newest first. */
export function History({ id }: { id: string }) {
  const t = useText();
  const query = useQuery(queries.history(id));
  return (
    <Loaded query={query} lines={4}>
      {({ changes }) => {
        const rows = [...(changes ?? [])].sort((a, b) => b.at.localeCompare(a.at));
        if (rows.length === 0) return <Empty compact title={t.ticket.historyEmpty} />;
        return <ul className={classes.list}>{rows.map((row, i) => <ChangeLine key={`${row.edit}-${String(i)}`} row={row} />)}</ul>;
      }}
    </Loaded>
  );
}
