import { Button, Textarea } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck, IconPlayerStop } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type KeyboardEvent, useEffect } from 'react';
import { api } from '@/bridge/api';
import type { ImportJob } from '@/bridge/contract';
import { ApiError } from '@/bridge/http';
import { keys } from '@/bridge/keys';
import { useDraftText } from '@/state/drafts';
import { isBusy } from '@/state/imports';
import { useText } from '@/state/language';
import { useMeta } from '@/state/queries';
import { toast, toastError } from '@/state/toasts';
import { Mark } from '@/ui/marks';
import { Loaded } from '@/ui/states';
import classes from './exchange.module.css';
import { PlanView } from './PlanView';
import { ProgressLine } from './ProgressLine';

const pollMs = 400;

/** One import from check to result. */
export function ImportProgress({ id, again }: { id: string; again: () => void }) {
  const t = useText();
  const client = useQueryClient();
  const query = useQuery({
    queryKey: keys.importJob(id), queryFn: ({ signal }) => api.importJob(id, signal), retry: false,
    refetchInterval: (q) => (isBusy(q.state.data) ? pollMs : false),
  });
  const act = useMutation({
    mutationFn: (what: () => Promise<ImportJob>) => what(),
    onSuccess: (job) => { client.setQueryData(keys.importJob(id), job); },
    onError: toastError,
  });
  const over = query.error instanceof ApiError && query.error.code === 'not_found';
  const { gone } = t.exchange;
  useEffect(() => {
    if (!over) return;
    toast({ tone: 'idle', sentence: gone });
    again();
  }, [over, gone, again]);
  return <Loaded query={query} lines={3}>{(job) => <Stage job={job} again={again} run={(what) => { act.mutate(what); }} />}</Loaded>;
}

interface StageProps {
  job: ImportJob;
  again: () => void;
  run: (what: () => Promise<ImportJob>) => void;
}

/** What an import shows in each of its states. */
export function Stage({ job, again, run }: StageProps) {
  const t = useText();
  const cancel = () => { run(() => api.cancelImport(job.id)); };
  const progress = (label: string, total: number) => <ProgressLine label={`${label}: ${job.name}`} done={job.done} total={total} rate={job.rate} hint={t.exchange.mayLeave} cancel={cancel} />;
  const more = <div className={classes.line}><Button variant="default" onClick={again}>{t.exchange.again}</Button></div>;
  switch (job.state) {
    case 'receiving':
      return progress(t.exchange.sending, 0);
    case 'planning':
      return progress(t.exchange.planning, job.total);
    case 'running':
      return progress(t.exchange.running, job.total);
    case 'planned':
      return <Planned job={job} again={again} run={run} />;
    case 'done':
      return <Done job={job} again={again} />;
    case 'cancelled':
      return (
        <div className={classes.form}>
          <Mark tone="idle" icon={IconPlayerStop} label={job.name} />
          <p role="status">{t.exchange.cancelled}</p>
          {job.result !== undefined && job.result !== null && <PlanView done title={t.exchange.resultSoFar} plan={job.result} />}
          {more}
        </div>
      );
    case 'failed':
      return (
        <div className={classes.form}>
          <div role="alert" className={classes.failed}>
            <Mark tone="bad" icon={IconAlertTriangle} label={`${t.exchange.failed}: ${job.name}`} />
            <p>{t.errors.said(job.problem?.code ?? '', job.problem?.detail ?? '')} <span className="faint mono">{job.problem?.code}</span></p>
          </div>
          <Mapping job={job} run={run} open />
          {more}
        </div>
      );
  }
}

function Done({ job, again }: Pick<StageProps, 'job' | 'again'>) {
  const t = useText();
  const navigate = useNavigate();
  return (
    <div className={classes.form}>
      <div role="status"><Mark tone="good" icon={IconCircleCheck} label={`${t.exchange.done}: ${job.name}`} /></div>
      {job.result !== undefined && job.result !== null && <PlanView done title={t.exchange.resultTitle} plan={job.result} />}
      <div className={classes.line}><Button onClick={() => void navigate({ to: '/tickets', search: { view: 'all' } })}>{t.exchange.seeTickets}</Button><Button variant="default" onClick={again}>{t.exchange.again}</Button></div>
    </div>
  );
}

function Planned({ job, again, run }: StageProps) {
  const t = useText();
  const plan = job.plan ?? { create: {}, change: 0, skip: 0, steps: 0, reasons: {}, errors: [], samples: [] };
  const nothing = Object.values(plan.create).every((n) => n === 0) && plan.change === 0;
  const leave = () => {
    run(() => api.cancelImport(job.id));
    again();
  };
  return (
    <div className={classes.form}>
      <PlanView done={false} title={`${t.exchange.planTitle}: ${job.name}`} plan={plan} />
      {nothing && plan.errors.length === 0 && <p role="status">{t.exchange.nothingNew}</p>}
      <Mapping key={job.mapping ?? ''} job={job} run={run} open={(job.columns ?? []).length > 0} />
      <div className={classes.line}>
        <Button onClick={() => { run(() => api.runImport(job.id)); }} disabled={nothing}>{t.exchange.run}</Button>
        <Button variant="subtle" color="gray" onClick={leave}>{t.common.cancel}</Button>
      </div>
    </div>
  );
}

/** How columns become fields, to change and check again. Files that bring their own fields have none. */
function Mapping({ job, run, open }: Pick<StageProps, 'job' | 'run'> & { open: boolean }) {
  const t = useText();
  const meta = useMeta();
  const mapping = useDraftText(`import/${job.id}`, job.mapping ?? '');
  if (mapping.text === '' && (job.mapping ?? '') === '') return null;
  const kind = /^kind: *([a-z]+)/m.exec(mapping.text)?.[1];
  const fields = (meta?.kinds.find((one) => one.name === kind)?.fields ?? []).filter((one) => one.rule !== 'number' && one.rule !== 'list').map((one) => one.name);
  const changed = mapping.text !== job.mapping;
  const check = () => {
    run(async () => {
      const planned = await api.planImport(job.id, mapping.text);
      // The program now holds the mapping and gives it back, in its own order.
      mapping.drop();
      return planned;
    });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    check();
  };
  return (
    <details open={open} className={classes.mapping}>
      <summary>{t.exchange.mapping}</summary>
      <Names label={t.exchange.columns} names={job.columns ?? []} />
      {(job.columns ?? []).length > 0 && <Names label={t.exchange.fields} names={fields} />}
      <Textarea aria-label={t.exchange.mapping} description={t.exchange.mappingHint} value={mapping.text} onChange={(e) => { mapping.set(e.currentTarget.value); }} onKeyDown={onKeyDown} autosize minRows={8} maxRows={20} spellCheck={false} styles={{ input: { fontFamily: 'var(--hf-code)' } }} />
      <div className={classes.line}>
        <Button variant="default" onClick={check} disabled={!changed && job.state !== 'failed'}>{t.exchange.checkAgain}</Button>
        {changed && <Button variant="subtle" color="gray" onClick={mapping.drop}>{t.exchange.resetMapping}</Button>}
      </div>
    </details>
  );
}

function Names({ label, names }: { label: string; names: readonly string[] }) {
  if (names.length === 0) return null;
  return <p className="muted">{label}: {names.map((one) => <code key={one}>{one}</code>)}</p>;
}
