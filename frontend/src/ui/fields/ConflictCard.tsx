import { Button } from '@mantine/core';
import { IconGitMerge } from '@tabler/icons-react';
import type { FieldState, HeldValue, Value } from '@/bridge/contract';
import { shortened } from '@/lib/shortened';
import { useText } from '@/state/language';
import { Ago } from '../Ago';
import classes from './property.module.css';
import { TextMerge } from './TextMerge';

export interface Side {
  key: string;
  value: Value;
  display: string;
  by: string;
  at: string | null;
  device: string;
  /** of a text: what its author saw before */
  base?: string | undefined;
}

interface ConflictCardProps {
  label: string;
  shown: Side;
  others: Side[];
  settle: (value: Value, display: string) => void;
  /** opens the field's editor, for a value that is neither */
  edit?: (() => void) | undefined;
  /** the values are long texts, to be merged */
  text?: boolean;
}

const shortMax = 28;
const short = (text: string): string => shortened(text, shortMax);

/** Both values of a field, who set them and when, and one click for each. */
export function ConflictCard({ label, shown, others, settle, edit, text = false }: ConflictCardProps) {
  const t = useText();
  if (text) {
    return (
      <div className={classes.card} role="group" aria-label={t.ticket.conflictTitle(label)}>
        <div className={classes.cardTitle}><IconGitMerge size={16} stroke={1.5} aria-hidden /><span>{t.ticket.conflictTitle(label)}</span></div>
        <TextMerge key={[shown, ...others].map((side) => side.key).join()} label={label} shown={shown} others={others} settle={(value) => { settle(value, value); }} />
      </div>
    );
  }
  return (
    <div className={classes.card} role="group" aria-label={t.ticket.conflictTitle(label)}>
      <div className={classes.cardTitle}>
        <IconGitMerge size={16} stroke={1.5} aria-hidden />
        <span>{t.ticket.conflictTitle(label)}</span>
      </div>
      <div className={classes.sides}>
      {[shown, ...others].map((side, i) => {
        const words = side.display === '' ? t.ticket.emptyValue : side.display;
        return (
          <div key={side.key} className={classes.held}>
            <div className={classes.heldMeta}>{i === 0 ? t.ticket.shownNow : t.ticket.other}</div>
            <div className={classes.heldValue} dir="auto">{words}</div>
            <div className={classes.heldMeta}>
              {t.ticket.by(side.by)} · <Ago at={side.at} />{side.device === '' ? '' : ` · ${t.ticket.on(side.device)}`}
            </div>
            <div className={classes.heldActions}>
              <Button size="compact-xs" variant={i === 0 ? 'default' : 'filled'} onClick={() => { settle(side.value, side.display); }}>
                {i === 0 ? t.ticket.keep(short(words)) : t.ticket.use(short(words))}
              </Button>
            </div>
          </div>
        );
      })}
      </div>
      {edit !== undefined && <Button className={classes.cardFoot ?? ''} size="compact-xs" variant="subtle" onClick={edit}>{t.ticket.mergeBoth}</Button>}
    </div>
  );
}

/** One side of a conflict; words says what a value is called. */
export function sideOf(held: HeldValue, unknown: string, words: (display: string) => string = (display) => display): Side {
  return { key: held.edit, value: held.value, display: words(held.display), by: held.by?.title ?? unknown, at: held.at, device: held.device, base: held.base };
}

/** The conflict of a field on its record; nothing when there is none. */
export function FieldConflict({ field, label, display, settle, edit }: {
  field: FieldState;
  label: string;
  display: string;
  settle: (value: Value, display: string) => void;
  edit?: () => void;
}) {
  const t = useText();
  if (field.conflicts.length === 0) return null;
  const shown: Side = { key: 'shown', value: field.value, display, by: field.by?.title ?? t.common.unknownPerson, at: field.at ?? null, device: '' };
  return <ConflictCard label={label} shown={shown} others={field.conflicts.map((held) => sideOf(held, t.common.unknownPerson, field.type === 'choice' ? t.common.word : undefined))} settle={settle} edit={edit} text={field.rule === 'text'} />;
}
