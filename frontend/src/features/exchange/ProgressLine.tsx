import { Button, Progress } from '@mantine/core';
import { spanText } from '@/lib/time';
import { useText } from '@/state/language';
import classes from './exchange.module.css';

interface ProgressLineProps {
  label: string;
  done: number;
  /** 0 while nobody knows */
  total: number;
  /** what is counted, after the figures */
  unit?: string;
  /** a second */
  rate: number;
  rateText?: (n: number) => string;
  hint?: string;
  cancel: () => void;
}

/** Long work: how far, how fast, how much longer, and the way out. */
export function ProgressLine({ label, done, total, unit = '', rate, rateText, hint, cancel }: ProgressLineProps) {
  const t = useText();
  const known = total > 0;
  const figures = known ? t.exchange.progress(Math.min(done, total), total) : done > 0 ? t.exchange.rows(done) : '';
  const left = known && rate > 0 && done < total ? t.exchange.left(spanText((total - done) / rate)) : '';
  const speed = rate > 0 ? (rateText ?? t.exchange.rate)(rate) : '';
  return (
    <div className={classes.form}>
      <div className={classes.line} role="status"><b>{label}</b></div>
      <Progress value={known ? Math.min(100, (100 * done) / total) : 100} aria-label={label} animated={!known} size="sm" transitionDuration={100} />
      <div className={classes.line}>
        <span className={classes.figuresLine}>{[figures === '' ? '' : `${figures}${known && unit !== '' ? ` ${unit}` : ''}`, speed, left].filter((part) => part !== '').join(' · ')}</span>
        <Button variant="default" size="compact-sm" onClick={cancel}>{t.exchange.cancel}</Button>
      </div>
      {hint !== undefined && <p className="faint">{hint}</p>}
    </div>
  );
}
