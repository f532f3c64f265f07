import { CloseButton } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck, IconHourglass, IconInfoCircle, type Icon } from '@tabler/icons-react';
import type { Published } from '@/bridge/contract';
import { useText } from '@/state/language';
import type { Tone } from '@/ui/tokens';
import classes from './config.module.css';

const looks: Record<Published['state'], [Tone, Icon]> = {
  published: ['good', IconCircleCheck], merged: ['good', IconCircleCheck], waiting: ['busy', IconHourglass], conflict: ['risk', IconAlertTriangle], refused: ['bad', IconAlertTriangle], nothing: ['idle', IconInfoCircle],
};

interface PublishOutcomeProps {
  outcome: Published;
  open: (path: string, line?: number) => void;
  close: () => void;
}

/** What became of a publication, in a sentence, with the way on where there is something to do. */
export function PublishOutcome({ outcome, open, close }: PublishOutcomeProps) {
  const t = useText();
  const [tone, Picture] = looks[outcome.state];
  const bad = outcome.state === 'conflict' || outcome.state === 'refused';
  const problems = outcome.problems ?? [];
  const conflicts = outcome.conflicts ?? [];
  return (
    <div className={classes.outcome} role={bad ? 'alert' : 'status'} style={{ ['--tone' as string]: `var(--hf-${tone})`, ['--soft' as string]: `var(--hf-${tone}Soft)` }}>
      <Picture size={18} stroke={1.5} aria-hidden />
      <div>
        <p>{t.config.result[outcome.state]}</p>
        {problems.length > 0 && (
          <ul>{problems.map((one, i) => <li key={i}><button type="button" onClick={() => { open(one.file, one.line); }}>{one.file}, {t.config.line(one.line)}</button> {one.what}{one.allowed !== undefined && one.allowed !== '' && ` ${t.config.allowed(one.allowed)}`}</li>)}</ul>
        )}
        {conflicts.length > 0 && <ul aria-label={t.config.conflictFiles}>{conflicts.map((path) => <li key={path}><button type="button" onClick={() => { open(path); }}>{path}</button></li>)}</ul>}
      </div>
      <CloseButton size="sm" aria-label={t.config.dismiss} onClick={close} />
    </div>
  );
}
