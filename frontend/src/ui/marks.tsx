import {
  IconAlertTriangleFilled, IconArrowRight, IconChevronDown, IconChevronsDown, IconChevronsUp, IconChevronUp, IconCircle, IconCircleCheck, IconCircleDotted,
  IconCircleX, IconEqual, IconLoader2, IconPlayerPause, type Icon,
} from '@tabler/icons-react';
import type { CSSProperties } from 'react';
import { useText } from '@/state/language';
import classes from './marks.module.css';
import type { Tone } from './tokens';

const toneStyle = (tone: Tone): CSSProperties => ({
  ['--tone' as string]: `var(--hf-${tone})`,
  ['--soft' as string]: `var(--hf-${tone}Soft)`,
});

interface MarkProps {
  tone: Tone;
  icon: Icon;
  label: string;
  /** on a soft ground; otherwise only the icon has the colour */
  filled?: boolean;
  /** may take several lines */
  wrap?: boolean;
}

/** A meaning: colour, icon and word together. */
export function Mark({ tone, icon: Picture, label, filled = false, wrap = false }: MarkProps) {
  return (
    <span className={`${classes.badge ?? ''} ${(filled ? classes.filled : classes.plain) ?? ''} ${wrap ? (classes.wrap ?? '') : ''}`} style={toneStyle(tone)}>
      <Picture size={14} stroke={2} aria-hidden />
      <span>{label}</span>
    </span>
  );
}

const phases: Record<string, [Tone, Icon]> = {
  open: ['busy', IconCircle],
  paused: ['idle', IconPlayerPause],
  resolved: ['good', IconCircleCheck],
  closed: ['idle', IconCircleX],
  moved: ['idle', IconArrowRight],
};

/** How far a ticket is. New work is an empty circle, work under way a busy one. */
export function StatusMark({ status, label, phase, filled }: { status: string; label: string; phase: string; filled?: boolean }) {
  const [tone, icon] = phases[phase] ?? ['idle', IconCircleDotted];
  const t = useText();
  const fresh = phase === 'open' && status === 'new';
  return <Mark tone={fresh ? 'idle' : tone} icon={phase === 'open' && !fresh ? IconLoader2 : icon} label={phase === 'moved' ? t.moving.phase : t.common.word(label)} {...(filled === undefined ? {} : { filled })} />;
}

/** Priorities are keys of the configuration; what begins with 1 or sounds like it is the highest. */
const levels: [RegExp, Tone, Icon][] = [
  [/^(p?1|critical|urgent|very_high)/i, 'bad', IconAlertTriangleFilled],
  [/^(p?2|high)/i, 'risk', IconChevronsUp],
  [/^(p?3|medium|moderate|normal)/i, 'busy', IconEqual],
  [/^(p?4|low)/i, 'idle', IconChevronDown],
  [/^(p?5|very_low|planning|lowest)/i, 'idle', IconChevronsDown],
];

export function PriorityMark({ priority, label, filled }: { priority: string; label: string; filled?: boolean }) {
  const found = levels.find(([pattern]) => pattern.test(priority));
  const [, tone, icon] = found ?? [null, 'idle', IconChevronUp];
  const t = useText();
  return <Mark tone={tone} icon={icon} label={t.common.word(label)} {...(filled === undefined ? {} : { filled })} />;
}

/** The first letters of a name's first and last word. */
export function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/).filter((word) => word !== '');
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map((word) => (word === undefined ? '' : [...word][0] ?? ''));
  return letters.join('').toUpperCase() || '?';
}

export function Initials({ name, size = 20 }: { name: string; size?: number }) {
  return (
    <span className={classes.avatar} style={{ width: size, height: size, fontSize: Math.round(size * 0.42) }} aria-hidden>
      {initialsOf(name)}
    </span>
  );
}

export function PersonName({ name }: { name: string }) {
  return (
    <span className={classes.person}>
      <Initials name={name} />
      <span>{name}</span>
    </span>
  );
}
