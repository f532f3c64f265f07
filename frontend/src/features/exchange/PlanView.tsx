import type { ImportPlan } from '@/bridge/contract';
import { useLanguage, useText } from '@/state/language';
import classes from './exchange.module.css';

const shownErrors = 200;

/** What an import would do, or has done: by kind, what is skipped and why, and which lines could not be read. */
export function PlanView({ title, plan, done }: { title: string; plan: ImportPlan; done: boolean }) {
  const t = useText();
  const language = useLanguage();
  const figure = (n: number) => n.toLocaleString(language);
  const order = Object.keys(t.exchange.kinds);
  const place = (kind: string) => (order.includes(kind) ? order.indexOf(kind) : order.length);
  const created = Object.entries(plan.create).filter(([, n]) => n > 0).sort(([a], [b]) => place(a) - place(b));
  const reasons = Object.entries(plan.reasons ?? {});
  const samples = plan.samples ?? [];
  const lacking = Object.entries(plan.lacking ?? {});
  const matches = plan.matches ?? [];
  const kindName = (kind: string) => (t.exchange.kinds as Record<string, string>)[kind] ?? kind;
  const rows: [string, number][] = [
    ...created.map(([kind, n]): [string, number] => [`${kindName(kind)} ${done ? t.exchange.created : t.exchange.willCreate}`, n]),
    ...(plan.steps === undefined || plan.steps === 0 ? [] : [[t.exchange.steps, plan.steps] as [string, number]]),
    [done ? t.exchange.changed : t.exchange.willChange, plan.change],
    [done ? t.exchange.skip : t.exchange.willSkip, plan.skip],
  ];
  return (
    <section aria-label={title} className={classes.plan}>
      <table className={classes.figures}>
        <caption>{title}</caption>
        <thead className="srOnly"><tr><th scope="col">{t.exchange.what}</th><th scope="col">{t.exchange.howMany}</th></tr></thead>
        <tbody>{rows.map(([name, n]) => <tr key={name} data-none={n === 0}><th scope="row">{name}</th><td>{n === 0 ? t.exchange.none : figure(n)}</td></tr>)}</tbody>
      </table>
      {reasons.length > 0 && (
        <div>
          <h4>{t.exchange.skippedWhy}</h4>
          <ul className={classes.reasons}>{reasons.map(([reason, n]) => <li key={reason}><span className="num">{figure(n)}</span> {reason}</li>)}</ul>
        </div>
      )}
      <Errors errors={plan.errors} />
      {lacking.length > 0 && (
        <div>
          <h4>{t.exchange.lacking}</h4>
          <ul className={classes.reasons}>{lacking.map(([field, n]) => <li key={field}><span className="num">{figure(n)}</span> {t.exchange.without(field)}</li>)}</ul>
        </div>
      )}
      {matches.length > 0 && (
        <details open={matches.length <= 8}>
          <summary>{t.exchange.matches(matches.length)}</summary>
          <ul className={classes.reasons}>{matches.map((one) => <li key={`${one.kind}/${one.name}`}>{t.exchange.match(one.name, one.title, kindName(one.kind))}</li>)}</ul>
        </details>
      )}
      {samples.length > 0 && (
        <div>
          <h4>{t.exchange.samples}</h4>
          <ul className={classes.samples}>{samples.slice(0, 5).map((one, i) => <li key={i}>{one}</li>)}</ul>
        </div>
      )}
    </section>
  );
}

function Errors({ errors }: { errors: ImportPlan['errors'] }) {
  const t = useText();
  if (errors.length === 0) return null;
  return (
    <details className={classes.errors} open={errors.length <= 8}>
      <summary>{t.exchange.errors(errors.length)}</summary>
      <p className="muted">{t.exchange.errorsHint}</p>
      <div className={classes.errorRows}>
        <table aria-label={t.exchange.errors(errors.length)}>
          <thead><tr><th scope="col">{t.exchange.line}</th><th scope="col">{t.exchange.reason}</th></tr></thead>
          <tbody>{errors.slice(0, shownErrors).map((one, i) => <tr key={i}><td className="num">{one.line}</td><td>{one.reason}</td></tr>)}</tbody>
        </table>
        {errors.length > shownErrors && <p className="muted">{t.exchange.moreErrors(errors.length - shownErrors)}</p>}
      </div>
    </details>
  );
}
