import { Button } from '@mantine/core';
import { IconArchive, IconBolt, IconCircleDashed, IconEye, type Icon } from '@tabler/icons-react';
import { useState } from 'react';
import type { FieldState, NextStatus, RecordView } from '@/bridge/contract';
import { fieldLabel } from '@/lib/i18n';
import type { RecordEdits } from '@/state/edits';
import { useText } from '@/state/language';
import { FieldConflict } from './fields/ConflictCard';
import { Mark } from './marks';
import { PendingDot } from './Pending';
import classes from './StateButtons.module.css';
import type { Tone } from './tokens';
import { TransitionForm } from './TransitionForm';

const looks: Record<string, [Tone, Icon]> = {
  pipeline: ['idle', IconCircleDashed], draft: ['idle', IconCircleDashed], review: ['busy', IconEye], live: ['good', IconBolt], published: ['good', IconBolt], retired: ['idle', IconArchive],
};

export function StateMark({ state, label, filled = true }: { state: string; label: string; filled?: boolean }) {
  const t = useText();
  const [tone, icon] = looks[state] ?? ['idle', IconCircleDashed];
  return <Mark tone={tone} icon={icon} label={t.common.word(label)} filled={filled} />;
}

interface StateButtonsProps {
  record: RecordView;
  field: FieldState;
  /** the ways on from the state */
  next: readonly NextStatus[];
  edits: RecordEdits;
  /** what the button to a state says */
  label: (to: string, name: string) => string;
}

/** The state of a service or an article, with a button for each state that it may be moved to. */
export function StateButtons({ record, field, next, edits, label }: StateButtonsProps) {
  const t = useText();
  const [chosen, setChosen] = useState<NextStatus | null>(null);
  const now = typeof field.value === 'string' ? field.value : '';
  const shown = field.display !== undefined && field.display !== '' ? field.display : now;
  const move = (step: NextStatus) => {
    if ((step.required ?? []).length > 0) setChosen(step);
    else void edits.save('transition', [{ op: 'transition', to: step.to, from: now, with: {} }], { final: true });
  };
  return (
    <div className={classes.states}>
      <div className={classes.line}>
        <StateMark state={now} label={shown} />
        {field.pending && <PendingDot />}
      </div>
      <div className={classes.line}>
        {next.map((step, i) => (
          <Button key={step.to} size="compact-sm" variant={i === 0 ? 'filled' : 'default'} disabled={!step.allowed} title={step.allowed ? undefined : t.errors.said('', step.reason ?? '')} onClick={() => { move(step); }}>
            {label(step.to, step.label)}
          </Button>
        ))}
      </div>
      {chosen !== null && <TransitionForm record={record} from={now} next={chosen} edits={edits} close={() => { setChosen(null); }} />}
      <FieldConflict field={field} label={fieldLabel(t, field.name, field.label)} display={t.common.word(shown)} settle={(value, display) => void edits.settle(field, value, display)} />
    </div>
  );
}
