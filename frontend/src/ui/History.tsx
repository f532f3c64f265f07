import { useQuery } from '@tanstack/react-query';
import type { HistoryRow, Ref } from '@/bridge/contract';
import { queries } from '@/bridge/queries';
import { groupRuns } from '@/lib/groups';
import { didLabel, fieldLabel } from '@/lib/i18n';
import { exactTime, parseInstant } from '@/lib/time';
import { shortened } from '@/lib/shortened';
import { useLanguage, useText } from '@/state/language';
import { Ago } from './Ago';
import classes from './History.module.css';
import { RecordLink } from './links';
import { PendingDot } from './Pending';
import { Empty, Loaded } from './states';

const shownMax = 120;
const partsMax = 4;
const recordsMax = 3;
/** More fields than this in one edit are folded. */
const openMax = 6;

function shown(display: string | undefined, value: unknown): string {
  if (display !== undefined && display !== '') return display;
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value === 'object' && value !== null && 'text' in value && typeof value.text === 'string') return value.text;
  return Array.isArray(value) ? value.join(', ') : '';
}

const instant = /^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$/;

/** A value short enough for a line; instants as people write them. */
function cut(text: string, language: string): string {
  const at = instant.test(text) ? parseInstant(text) : null;
  if (at !== null) return exactTime(at, language);
  return shortened(text, shownMax);
}

/** What is kept for the machine, such as a figure of a log or what only the recovery key opens, has no words. */
function hasWords(row: HistoryRow): boolean {
  return row.action !== 'keep_authority' && row.action !== 'back_up' && row.field !== undefined && row.field !== '' && shown(row.fromDisplay, row.from) + shown(row.toDisplay, row.to) !== '';
}

/** The steps that rows of a history belong to, each with its rows. An import is one edit of many steps, each by its person at its time. */
export function editsOf(rows: readonly HistoryRow[]): HistoryRow[][] {
  return groupRuns(rows, (row) => [row.edit, row.at, row.by?.id ?? ''].join(' '));
}

/** The same for work on many records: what one person imported in a run is one step, because nobody reads a thousand. */
export function workOf(rows: readonly HistoryRow[]): HistoryRow[][] {
  return groupRuns(rows, (row) => (row.action === 'import' ? `import ${row.by?.id ?? ''}` : [row.edit, row.at, row.by?.id ?? ''].join(' ')));
}

/** Several values of one field, such as tags, as one row. */
function joined(rows: readonly HistoryRow[]): HistoryRow[] {
  return groupRuns(rows, (row) => (row.fromDisplay === undefined && row.from === undefined ? (row.field ?? '') : `${row.edit} ${row.field ?? ''} ${shown(row.fromDisplay, row.from)}`)).flatMap((same) => {
    const [first] = same;
    if (first === undefined) return [];
    return same.length === 1 ? [first] : [{ ...first, toDisplay: same.map((row) => shown(row.toDisplay, row.to)).join(', ') }];
  });
}

/** One edit in words: who did what, and each field from what to what. */
export function EditLine({ rows, withRecord = false }: { rows: readonly HistoryRow[]; withRecord?: boolean }) {
  const t = useText();
  const [first] = rows;
  if (first === undefined) return null;
  const parts = joined(rows.filter(hasWords));
  const born = first.action === 'create' || first.action === 'import';
  const listed = withRecord && born ? [] : parts.slice(0, withRecord ? partsMax : parts.length);
  const only = !born && listed.length === 1 && parts.length === 1 ? listed[0] : undefined;
  const lines = listed.map((row) => <Part key={`${row.field ?? ''}-${shown(row.toDisplay, row.to)}`} row={row} named={only === undefined} />);
  const records = withRecord ? recordsOf(rows) : [];
  return (
    <li className={classes.edit}>
      <div className={classes.head}>
        <span className="ellipsis">
          <span className={classes.who}>{first.by?.title ?? t.common.system}</span>{' '}
          <span className={classes.what}>{only === undefined ? didLabel(t, first.action) : fieldLabel(t, only.field ?? '', only.label ?? '')}</span>
        </span>
        <span className={classes.meta}>
          <ResultNote row={first} />
          <span title={`${t.ticket.device}: ${first.device.name}`}><Ago at={first.at} /></span>
        </span>
      </div>
      {lines.length > openMax ? <details className={classes.more}><summary>{t.ticket.fieldCount(lines.length)}</summary>{lines}</details> : lines}
      {records.slice(0, recordsMax).map((record) => <RecordLink key={record.id} record={record} className={classes.record ?? ''} />)}
      {records.length > recordsMax && <span className="muted">{t.ticket.andMore}</span>}
    </li>
  );
}

function recordsOf(rows: readonly HistoryRow[]): Ref[] {
  return [...new Map(rows.flatMap((row) => (row.record === undefined ? [] : [[row.record.id, row.record] as const]))).values()];
}

/** Fields in which people write as they like: a title "Monitor" is no category. */
const typed = new Set(['title', 'description', 'body', 'location', 'tags']);

function Part({ row, named: withName }: { row: HistoryRow; named: boolean }) {
  const t = useText();
  const language = useLanguage();
  const named = (words: string) => (typed.has(row.field ?? '') ? words : t.common.word(words));
  const words = (display: string | undefined, value: unknown) => (typeof value === 'boolean' ? (value ? t.common.yes : t.common.no) : cut(named(shown(display, value)), language));
  const from = words(row.fromDisplay, row.from);
  const to = words(row.toDisplay, row.to);
  return (
    <div className={classes.part}>
      {withName && <span className={classes.what}>{fieldLabel(t, row.field ?? '', row.label ?? row.field ?? '')}</span>}
      {from !== '' && <del className={classes.from}>{from}</del>}
      {from !== '' && to !== '' && <span aria-hidden>→</span>}
      {to !== '' && <ins className={classes.to}>{to}</ins>}
    </div>
  );
}

function ResultNote({ row }: { row: HistoryRow }) {
  const t = useText();
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
        const edits = editsOf([...(changes ?? [])].sort((a, b) => b.at.localeCompare(a.at)));
        if (edits.length === 0) return <Empty compact title={t.ticket.historyEmpty} />;
        return <ul className={classes.list}>{edits.map((rows, i) => <EditLine key={`${rows[0]?.edit ?? ''}-${String(i)}`} rows={rows} />)}</ul>;
      }}
    </Loaded>
  );
}
