import { Button, Progress, Textarea } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect } from 'react';
import { api } from '@/bridge/api';
import type { ImportJob, ImportPlan } from '@/bridge/contract';
import { keys } from '@/bridge/keys';
import { spanText } from '@/lib/time';
import { useDraftText } from '@/state/drafts';
import { isBusy } from '@/state/imports';
import { useLanguage, useText } from '@/state/language';
import { toastError } from '@/state/toasts';
import { Mark } from '@/ui/marks';
import { Loaded } from '@/ui/states';
import classes from './exchange.module.css';

const pollMs = 400;

/** One import from check to result. */
export function ImportProgress({ id, again }: { id: string; again: () => void }) {
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
  const missing = query.error !== null && query.data === undefined;
  useEffect(() => {
    if (missing) again();
  }, [missing, again]);
  return <Loaded query={query} lines={3}>{(job) => <Stage job={job} again={again} run={(what) => { act.mutate(what); }} />}</Loaded>;
}

type Run = (what: () => Promise<ImportJob>) => void;

function Stage({ job, again, run }: { job: ImportJob; again: () => void; run: Run }) {
  const t = useText();
  const navigate = useNavigate();
  const cancel = () => { run(() => api.cancelImport(job.id)); };
  const more = <Button variant="default" onClick={again}>{t.exchange.again}</Button>;
  switch (job.state) {
    case 'receiving':
      return <ProgressLine label={t.exchange.sending} done={job.done} total={job.total} rate={job.rate} cancel={cancel} />;
    case 'planning':
      return <ProgressLine label={t.exchange.planning} done={job.done} total={job.total} rate={job.rate} cancel={cancel} />;
    case 'running':
      return <ProgressLine label={t.exchange.running} done={job.done} total={job.total} rate={job.rate} cancel={cancel} />;
    case 'planned':
      return <Planned job={job} again={again} run={run} />;
    case 'done':
      return (
        <div className={classes.form}>
          <Mark tone="good" icon={IconCircleCheck} label={t.exchange.done} />
          {job.result !== undefined && job.result !== null && <PlanView title={t.exchange.resultTitle} plan={job.result} />}
          <div className={classes.line}><Button onClick={() => void navigate({ to: '/tickets', search: { view: 'all' } })}>{t.exchange.seeTickets}</Button>{more}</div>
        </div>
      );
    case 'cancelled':
      return <div className={classes.form}><p>{t.exchange.cancelled}</p><div className={classes.line}>{more}</div></div>;
    case 'failed':
      return (
        <div className={classes.form} role="alert">
          <Mark tone="bad" icon={IconAlertTriangle} label={t.exchange.failed} />
          <p>{job.problem?.detail} <span className="faint mono">{job.problem?.code}</span></p>
          <div className={classes.line}>{more}</div>
        </div>
      );
  }
}

function Planned({ job, again, run }: { job: ImportJob; again: () => void; run: Run }) {
  const t = useText();
  const mapping = useDraftText(`import/${job.id}`, job.mapping ?? '');
  const plan = job.plan ?? { create: {}, change: 0, skip: 0, steps: 0, reasons: {}, errors: [], samples: [] };
  const nothing = Object.values(plan.create ?? {}).every((n) => n === 0) && plan.change === 0;
  return (
    <div className={classes.form}>
      <PlanView title={t.exchange.planTitle} plan={plan} />
      {nothing && <p>{t.exchange.nothingNew}</p>}
      {mapping.text !== '' && (
        <details>
          <summary className="muted">{t.exchange.mapping}</summary>
          {(job.columns ?? []).length > 0 && <p className="muted">{t.exchange.columns}: {(job.columns ?? []).join(', ')}</p>}
          <Textarea label={t.exchange.mapping} description={t.exchange.mappingHint} value={mapping.text} onChange={(e) => { mapping.set(e.currentTarget.value); }} autosize minRows={8} maxRows={20} spellCheck={false} styles={{ input: { fontFamily: 'var(--hf-code)' } }} />
          <Button variant="default" mt="xs" onClick={() => { run(() => api.planImport(job.id, mapping.text)); }}>{t.exchange.checkAgain}</Button>
        </details>
      )}
      <div className={classes.line}>
        <Button onClick={() => { run(() => api.runImport(job.id)); }} disabled={nothing}>{t.exchange.run}</Button>
        <Button variant="subtle" color="gray" onClick={again}>{t.common.cancel}</Button>
      </div>
    </div>
  );
}

function PlanView({ title, plan }: { title: string; plan: ImportPlan }) {
  const t = useText();
  const language = useLanguage();
  const figure = (n: number) => n.toLocaleString(language);
  const errors = plan.errors ?? [];
  return (
    <section aria-label={title}>
      <h3 className={classes.planTitle}>{title}</h3>
      <dl className={classes.figures}>
        {Object.entries(plan.create ?? {}).map(([kind, n]) => <div key={kind}><dt>{t.exchange.create}: {kind}</dt><dd>{figure(n)}</dd></div>)}
        <div><dt>{t.exchange.change}</dt><dd>{figure(plan.change)}</dd></div>
        <div><dt>{t.exchange.skip}</dt><dd>{figure(plan.skip)}</dd></div>
        {plan.steps > 0 && <div><dt>{t.exchange.steps}</dt><dd>{figure(plan.steps)}</dd></div>}
      </dl>
      {Object.entries(plan.reasons ?? {}).map(([reason, n]) => <p key={reason} className="muted">{figure(n)} × {reason}</p>)}
      {(plan.samples ?? []).length > 0 && <p className="muted">{t.exchange.samples}: {(plan.samples ?? []).slice(0, 5).join(' · ')}</p>}
      {errors.length > 0 && (
        <details className={classes.errors} open={errors.length <= 5}>
          <summary>{t.exchange.errors(errors.length)}</summary>
          <ul>{errors.slice(0, 200).map((one) => <li key={`${String(one.line)}-${one.reason}`}>{t.exchange.line} {one.line}: {one.reason}</li>)}</ul>
        </details>
      )}
    </section>
  );
}

/** Long work: how far, how fast, how much longer, and the way out. */
export function ProgressLine({ label, done, total, rate, cancel }: { label: string; done: number; total: number; rate: number; cancel: () => void }) {
  const t = useText();
  const share = total > 0 ? (100 * done) / total : 0;
  return (
    <div className={classes.form} role="status">
      <div className={classes.line}><b>{label}</b><span className="num muted">{total > 0 ? t.exchange.progress(done, total) : ''}</span></div>
      <Progress value={share} aria-label={label} animated={total === 0} size="sm" transitionDuration={100} />
      <div className={classes.line}>
        {rate > 0 && <span className="num muted">{t.exchange.rate(rate)} · {t.exchange.left(spanText((total - done) / rate))}</span>}
        <Button variant="default" size="compact-sm" onClick={cancel}>{t.exchange.cancel}</Button>
      </div>
    </div>
  );
}
