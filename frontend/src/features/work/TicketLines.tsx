import { IconGitMerge } from '@tabler/icons-react';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { Row } from '@/bridge/contract';
import { parseInstant } from '@/lib/time';
import { useNow } from '@/state/clock';
import { useText } from '@/state/language';
import { useShortcuts } from '@/state/shortcuts';
import { Ago } from '@/ui/Ago';
import { numberOf } from '@/ui/links';
import { PriorityMark, StatusMark } from '@/ui/marks';
import { PendingDot } from '@/ui/Pending';
import classes from './work.module.css';

/** Tickets as short lines: how urgent, what, how far, until when. */
export function TicketLines({ rows, label, onOpen, keyboard = false }: { rows: readonly Row[]; label: string; onOpen: () => void; keyboard?: boolean }) {
  const t = useText();
  const [cursor, setCursor] = useState(-1);
  const navigate = useNavigate();
  const move = (by: number) => { setCursor((now) => Math.max(0, Math.min(rows.length - 1, now + by))); };
  useShortcuts(keyboard ? [
    { keys: 'j', label: t.shortcuts.next, group: 'list', run: () => { move(1); } },
    { keys: 'k', label: t.shortcuts.previous, group: 'list', run: () => { move(-1); } },
    {
      keys: 'Enter', label: t.shortcuts.openRow, group: 'list',
      run: () => {
        const row = rows[cursor];
        if (row === undefined) return;
        onOpen();
        void navigate({ to: '/tickets/$id', params: { id: row.id } });
      },
    },
  ] : []);
  return (
    <ul className={classes.lines} aria-label={label}>
      {rows.map((row, i) => (
        <li key={row.id}><Line row={row} active={i === cursor} onOpen={onOpen} /></li>
      ))}
    </ul>
  );
}

const riskMs = 4 * 3_600_000;

function Line({ row, active, onOpen }: { row: Row; active: boolean; onOpen: () => void }) {
  const t = useText();
  const now = useNow();
  const due = parseInstant(row.due);
  const left = due === null ? null : due.getTime() - now.getTime();
  const tone = left === null ? 'faint' : left < 0 ? classes.bad : left < riskMs ? classes.risk : 'muted';
  return (
    <Link to="/tickets/$id" params={{ id: row.id }} className={classes.line ?? ''} data-cursor={active} onClick={onOpen}>
      <span>{row.priority === null || row.priority === '' ? null : <PriorityMark priority={row.priority} label="" />}</span>
      <span className={`num ${row.number === null ? 'muted' : ''}`}>{numberOf(row)}</span>
      <span className={classes.title}>
        <span dir="auto">{row.title === '' ? t.ticket.noTitle : row.title}</span>
        {row.pending && <PendingDot />}
        {row.conflicts > 0 && <IconGitMerge size={15} stroke={1.5} className={classes.risk ?? ''} aria-label={t.tickets.rowConflicts(row.conflicts)} />}
      </span>
      <span className="ellipsis">{row.status === undefined ? null : <StatusMark status={row.status} label={row.statusLabel ?? row.status} phase={row.statusPhase ?? ''} />}</span>
      <span className={`${classes.right ?? ''} ${tone ?? ''}`}>{due === null ? t.common.unset : <Ago at={row.due} />}</span>
    </Link>
  );
}
