import { Button, Textarea } from '@mantine/core';
import { useState } from 'react';
import { diffWords, mergeWords, type Piece } from '@/lib/words';
import { useText } from '@/state/language';
import { Ago } from '../Ago';
import type { Side } from './ConflictCard';
import classes from './textMerge.module.css';

interface TextMergeProps {
  label: string;
  shown: Side;
  others: Side[];
  settle: (text: string) => void;
}

const textOf = (side: Side): string => (typeof side.value === 'string' ? side.value : '');

/** Versions of a long text beside what they began from, with their changes marked, and both together to be edited by hand. */
export function TextMerge({ label, shown, others, settle }: TextMergeProps) {
  const t = useText();
  const base = others.find((side) => side.base !== undefined)?.base ?? shown.base;
  const merged = others.reduce((sum, side) => {
    const next = mergeWords(base ?? '', sum.text, textOf(side));
    return { text: next.text, clashes: sum.clashes + next.clashes };
  }, { text: textOf(shown), clashes: 0 });
  const [text, setText] = useState<string | null>(null);
  return (
    <>
      <div className={classes.columns}>
        {base !== undefined && <div className={classes.column}><div className={classes.head}>{t.merge.before}</div><div className={classes.text}>{base === '' ? t.ticket.emptyValue : base}</div></div>}
        {[shown, ...others].map((side, i) => (
          <Version key={side.key} side={side} current={i === 0} pieces={base === undefined ? (i === 0 ? [{ op: ' ', text: textOf(side) }] : diffWords(textOf(shown), textOf(side))) : diffWords(base, textOf(side))} take={() => { settle(textOf(side)); }} />
        ))}
      </div>
      <div className="muted"><ins className={classes.added}>{t.merge.added}</ins> · <del className={classes.removed}>{t.merge.removed}</del></div>
      <Textarea
        label={t.merge.together(label)} description={merged.clashes === 0 ? t.merge.apart : t.merge.clashes(merged.clashes)} value={text ?? merged.text} autosize minRows={3} maxRows={14}
        onChange={(event) => { setText(event.currentTarget.value); }}
      />
      <Button size="compact-xs" className={classes.foot ?? ''} onClick={() => { settle(text ?? merged.text); }}>{t.merge.use}</Button>
    </>
  );
}

function Version({ side, current, pieces, take }: { side: Side; current: boolean; pieces: Piece[]; take: () => void }) {
  const t = useText();
  return (
    <div className={classes.column}>
      <div className={classes.head}><b>{current ? t.ticket.shownNow : t.ticket.other}</b> {t.ticket.by(side.by)} · <Ago at={side.at} />{side.device === '' ? '' : ` · ${t.ticket.on(side.device)}`}</div>
      <div className={classes.text}>
        {pieces.length === 0 && t.ticket.emptyValue}
        {pieces.map((piece, i) => (piece.op === '+' ? <ins key={i} className={classes.added}>{piece.text}</ins> : piece.op === '-' ? <del key={i} className={classes.removed}>{piece.text}</del> : <span key={i}>{piece.text}</span>))}
      </div>
      <Button size="compact-xs" className={classes.foot ?? ''} variant={current ? 'default' : 'filled'} onClick={take}>{current ? t.merge.keepOf(side.by) : t.merge.useOf(side.by)}</Button>
    </div>
  );
}
