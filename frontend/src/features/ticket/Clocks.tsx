import { IconAlertTriangle, IconCircleCheck, IconClock, IconPlayerPause, type Icon } from '@tabler/icons-react';
import { useState } from 'react';
import type { SlaClock } from '@/bridge/contract';
import { parseInstant } from '@/lib/time';
import { useNow } from '@/state/clock';
import { useText } from '@/state/language';
import { Ago } from '@/ui/Ago';
import type { Tone } from '@/ui/tokens';
import classes from './ticket.module.css';

const looks: Record<SlaClock['state'], [Tone, Icon]> = {
  running: ['busy', IconClock],
  paused: ['idle', IconPlayerPause],
  met: ['good', IconCircleCheck],
  breached: ['bad', IconAlertTriangle],
};

const riskMs = 4 * 3_600_000;

/** How much of the time from start to due has gone, 0 to 1. */
export function spentShare(start: string, due: string | null, now: Date): number {
  const [from, to] = [parseInstant(start), parseInstant(due)];
  if (from === null || to === null || to <= from) return 1;
  return Math.min(1, Math.max(0, (now.getTime() - from.getTime()) / (to.getTime() - from.getTime())));
}

/** The service-level clocks as thin bars, each with its due time and the words that explain it. */
export function Clocks({ clocks, start }: { clocks: readonly SlaClock[]; start: string }) {
  const t = useText();
  if (clocks.length === 0) return <span className="faint">{t.ticket.noClocks}</span>;
  return <>{clocks.map((clock) => <Clock key={clock.name} clock={clock} start={start} />)}</>;
}

function Clock({ clock, start }: { clock: SlaClock; start: string }) {
  const t = useText();
  const now = useNow();
  const [open, setOpen] = useState(false);
  const due = parseInstant(clock.due);
  const near = clock.state === 'running' && due !== null && due.getTime() - now.getTime() < riskMs;
  const [calm, Picture] = looks[clock.state];
  const tone = near ? 'risk' : calm;
  const share = clock.state === 'met' || clock.state === 'breached' ? 1 : spentShare(start, clock.due, now);
  return (
    <div className={classes.clock} style={{ ['--tone' as string]: `var(--hf-${tone})` }}>
      <div className={classes.clockHead}>
        <Picture size={14} stroke={1.5} color={`var(--hf-${tone})`} aria-hidden />
        <span>{t.common.word(clock.label)}</span>
        <span className="muted">{t.ticket.clockState[clock.state]}</span>
        <span className={classes.clockWhen}>{due !== null && <Ago at={clock.due} />}</span>
      </div>
      <div className={classes.bar} aria-hidden><div className={classes.fill} style={{ width: `${String(Math.round(share * 100))}%` }} /></div>
      {clock.explain !== '' && (
        <button type="button" className={classes.why} aria-expanded={open} onClick={() => { setOpen(!open); }}>{t.ticket.why}</button>
      )}
      {open && <div className={classes.reason}>{t.errors.said('', clock.explain)}</div>}
    </div>
  );
}
