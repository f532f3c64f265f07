import { NumberInput, SegmentedControl } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { api } from '@/bridge/api';
import type { FilePolicy as Policy, Keep } from '@/bridge/contract';
import { keys } from '@/bridge/keys';
import { queries } from '@/bridge/queries';
import { fileSize } from '@/lib/fileSize';
import { useLanguage, useText } from '@/state/language';
import { toastError } from '@/state/toasts';
import { Section } from '@/ui/page';
import { Loaded } from '@/ui/states';
import classes from './files.module.css';

const kept = (value: string): Keep => (value === 'recent' || value === 'demand' ? value : 'all');

/** Which attached files this device keeps. */
export function FilePolicy() {
  const t = useText();
  const query = useQuery(queries.filePolicy());
  return (
    <Section title={t.attachments.policy} hint={t.attachments.policyHint}>
      <Loaded query={query} lines={2}>{(policy) => <Choice policy={policy} />}</Loaded>
    </Section>
  );
}

function Choice({ policy }: { policy: Policy }) {
  const t = useText();
  const language = useLanguage();
  const client = useQueryClient();
  const save = (part: Partial<Pick<Policy, 'keep' | 'days' | 'megabytes'>>) => {
    const { keep, days, megabytes } = { ...policy, ...part };
    client.setQueryData(keys.filePolicy, { ...policy, keep, days, megabytes });
    api.saveFilePolicy({ keep, days, megabytes }).then(
      (saved) => client.setQueryData(keys.filePolicy, saved),
      (error: unknown) => {
        client.setQueryData(keys.filePolicy, policy);
        toastError(error);
      },
    );
  };
  const whole = (value: string | number, most: number, keep: (n: number) => void) => {
    const n = Math.round(Number(value));
    if (n >= 1 && n <= most) keep(n);
  };
  const { files, here, bytes } = policy.figures;
  return (
    <div className={classes.policy}>
      {policy.fixed ? <p className="muted">{t.attachments.fixed}</p> : (
        <>
          <SegmentedControl
            size="xs" aria-label={t.attachments.keep} value={policy.keep} onChange={(keep) => { save({ keep: kept(keep) }); }}
            data={[{ value: 'all', label: t.attachments.all }, { value: 'recent', label: t.attachments.recent }, { value: 'demand', label: t.attachments.demand }]}
          />
          <p className="muted">{{ all: t.attachments.allHint, recent: t.attachments.recentHint, demand: t.attachments.demandHint }[policy.keep]}</p>
          {policy.keep === 'recent' && (
            <div className={classes.numbers}>
              <NumberInput label={t.attachments.days} value={policy.days} min={1} max={3650} allowDecimal={false} onChange={(value) => { whole(value, 3650, (days) => { save({ days }); }); }} />
              <NumberInput label={t.attachments.megabytes} value={policy.megabytes} min={1} max={1024} allowDecimal={false} onChange={(value) => { whole(value, 1024, (megabytes) => { save({ megabytes }); }); }} />
            </div>
          )}
        </>
      )}
      <p className="muted num">{t.attachments.figures(here, files, fileSize(bytes, language))}</p>
    </div>
  );
}
