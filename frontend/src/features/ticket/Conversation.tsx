import { useQuery } from '@tanstack/react-query';
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react';
import { useState } from 'react';
import type { Entry, HistoryRow } from '@/bridge/contract';
import { queries } from '@/bridge/queries';
import { useText } from '@/state/language';
import { Ago } from '@/ui/Ago';
import { EditLine, editsOf } from '@/ui/History';
import { Html } from '@/ui/Html';
import { RemoveForGood, wasRemoved } from '@/ui/RemoveForGood';
import { Initials } from '@/ui/marks';
import { PendingDot } from '@/ui/Pending';
import { Empty } from '@/ui/states';
import classes from './ticket.module.css';

const spoken = new Set(['replies', 'notes', 'title', 'number']);

export type Strand = { kind: 'said'; entry: Entry } | { kind: 'events'; rows: HistoryRow[] };

/** Replies and notes in order of time, with what happened between them gathered. */
export function weave(entries: readonly Entry[], history: readonly HistoryRow[]): Strand[] {
  const said: Strand[] = entries.map((entry) => ({ kind: 'said', entry }));
  const events: Strand[] = history.filter((row) => !spoken.has(row.field ?? '')).map((row) => ({ kind: 'events', rows: [row] }));
  const at = (strand: Strand) => Date.parse(strand.kind === 'said' ? strand.entry.at : (strand.rows[0]?.at ?? ''));
  const all = [...said, ...events].sort((a, b) => at(a) - at(b));
  return all.reduce<Strand[]>((woven, strand) => {
    const last = woven.at(-1);
    if (strand.kind === 'events' && last?.kind === 'events') last.rows.push(...strand.rows);
    else woven.push(strand);
    return woven;
  }, []);
}

export function Conversation({ id, entries }: { id: string; entries: readonly Entry[] }) {
  const t = useText();
  const history = useQuery(queries.history(id));
  const strands = weave(entries, history.data?.changes ?? []);
  return (
    <>
      <ul className={classes.conversation} aria-label={t.ticket.conversation}>
        {strands.map((strand, i) => (strand.kind === 'said' ? <Said key={strand.entry.item} id={id} entry={strand.entry} /> : <Events key={`events-${String(i)}`} rows={strand.rows} />))}
      </ul>
      {entries.length === 0 && <Empty compact title={`${t.ticket.noConversation}. ${t.ticket.noConversationHint}`} />}
    </>
  );
}

function Said({ id, entry }: { id: string; entry: Entry }) {
  const t = useText();
  const reply = entry.kind === 'reply';
  const name = entry.by?.title ?? t.common.system;
  return (
    <li className={`${classes.entry ?? ''} ${(reply ? classes.reply : classes.note) ?? ''}`} data-entry={entry.kind}>
      <div className={classes.entryHead}>
        <Initials name={name} size={22} />
        <b>{name}</b>
        <span className={classes.entryMeta}>{reply ? t.ticket.wroteReply : t.ticket.wroteNote}</span>
        <span className={classes.entryRight}>
          {entry.pending && <PendingDot />}
          <span title={entry.device ?? ''}><Ago at={entry.at} /></span>
          {!entry.pending && !wasRemoved(entry.text) && <RemoveForGood record={id} field={reply ? 'replies' : 'notes'} item={entry.item} what={reply ? t.ticket.reply : t.ticket.note} />}
        </span>
      </div>
      {wasRemoved(entry.text) ? <span className="faint">{t.removal.removed}</span> : entry.html === '' ? <div className="prose" style={{ whiteSpace: 'pre-wrap' }}>{entry.text}</div> : <Html html={entry.html} />}
    </li>
  );
}

function Events({ rows }: { rows: HistoryRow[] }) {
  const t = useText();
  const [open, setOpen] = useState(false);
  const edits = editsOf(rows);
  const Arrow = open ? IconChevronDown : IconChevronRight;
  return (
    <li className={classes.events}>
      <button type="button" className={classes.eventsButton} aria-expanded={open} onClick={() => { setOpen(!open); }}>
        <Arrow size={13} stroke={1.5} aria-hidden /> {t.ticket.events(edits.length)}
      </button>
      {open && <ul className={classes.eventList}>{edits.map((one, i) => <EditLine key={`${one[0]?.edit ?? ''}-${String(i)}`} rows={one} />)}</ul>}
    </li>
  );
}
