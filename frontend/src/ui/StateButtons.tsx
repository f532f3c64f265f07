import { Button } from '@mantine/core';
import type { FieldState } from '@/bridge/contract';
import type { RecordEdits } from '@/state/edits';
import { useText } from '@/state/language';
import { choicesOf, useMeta } from '@/state/queries';
import { Mark } from './marks';
import { IconArchive, IconBolt, IconCircleDashed, IconEye, type Icon } from '@tabler/icons-react';
import type { Tone } from './tokens';
import { PendingDot } from './Pending';
import { FieldConflict } from './fields/ConflictCard';
import { fieldLabel } from '@/lib/i18n';

const looks: Record<string, [Tone, Icon]> = {
  pipeline: ['idle', IconCircleDashed], draft: ['idle', IconCircleDashed], review: ['busy', IconEye], live: ['good', IconBolt], published: ['good', IconBolt], retired: ['idle', IconArchive],
};

export function StateMark({ state, label, filled = true }: { state: string; label: string; filled?: boolean }) {
  const [tone, icon] = looks[state] ?? ['idle', IconCircleDashed];
  return <Mark tone={tone} icon={icon} label={label} filled={filled} />;
}

/** The state of a service or an article, with a button for each state it may be moved to. */
export function StateButtons({ kind, field, edits, label, disabled = [] }: {
  kind: string;
  field: FieldState;
  edits: RecordEdits;
  /** what the button to a state says */
  label: (to: string, name: string) => string;
  disabled?: readonly string[];
}) {
  const t = useText();
  const meta = useMeta();
  const now = typeof field.value === 'string' ? field.value : '';
  const choices = choicesOf(meta, kind, field.name);
  const place = choices.findIndex((one) => one.key === now);
  const name = (key: string) => choices.find((one) => one.key === key)?.label ?? key;
  return (
    <div style={{ display: 'flex', flexDirection: 'column', gap: 8 }}>
      <div style={{ display: 'flex', alignItems: 'center', gap: 8, flexWrap: 'wrap' }}>
        <StateMark state={now} label={field.display !== undefined && field.display !== '' ? field.display : name(now)} />
        {field.pending && <PendingDot />}
      </div>
      <div style={{ display: 'flex', gap: 6, flexWrap: 'wrap' }}>
        {choices.filter((one) => one.key !== now).map((one) => (
          <Button
            key={one.key} size="compact-sm" variant={choices[place + 1]?.key === one.key ? 'filled' : 'default'} disabled={disabled.includes(one.key)}
            onClick={() => void edits.save('transition', [{ op: 'transition', to: one.key, from: now, with: {} }], { final: true })}
          >
            {label(one.key, one.label)}
          </Button>
        ))}
      </div>
      <FieldConflict field={field} label={fieldLabel(t, field.name, field.label)} display={name(now)} settle={(value, display) => void edits.settle(field, value, display)} />
    </div>
  );
}
