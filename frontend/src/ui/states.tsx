import { Button, Kbd, Skeleton } from '@mantine/core';
import { IconAlertTriangle, IconPlugConnectedX, type Icon } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { describeError } from '@/state/toasts';
import { useText } from '@/state/language';
import classes from './states.module.css';

interface EmptyProps {
  title: string;
  hint?: string;
  icon?: Icon;
  action?: { label: string; run: () => void; key?: string };
  compact?: boolean;
  /** it is all that the screen shows, so its title is the screen's */
  screen?: boolean;
}

/** Nothing to show: one sentence, one button, one key. */
export function Empty({ title, hint, icon: Picture, action, compact = false, screen = false }: EmptyProps) {
  const Title = screen ? 'h1' : 'div';
  return (
    <div className={`${classes.state ?? ''} ${compact ? (classes.compact ?? '') : ''}`}>
      {Picture !== undefined && !compact && <Picture className={classes.icon} size={32} stroke={1.5} aria-hidden />}
      <Title className={compact ? 'muted' : classes.title}>{title}</Title>
      {hint !== undefined && <div className={classes.text}>{hint}</div>}
      {action !== undefined && (
        <div className={classes.keys}>
          <Button onClick={action.run}>{action.label}</Button>
          {action.key !== undefined && <Kbd>{action.key}</Kbd>}
        </div>
      )}
    </div>
  );
}

/** What went wrong, what it means and a way on; the code small at the end. */
export function ErrorState({ error, retry, screen = false }: { error: unknown; retry?: () => void; screen?: boolean }) {
  const t = useText();
  const Title = screen ? 'h1' : 'div';
  const { sentence, code } = describeError(error);
  const away = code === 'unreachable';
  const Picture = away ? IconPlugConnectedX : IconAlertTriangle;
  return (
    <div className={classes.state} role="alert">
      <Picture className={classes.bad} size={32} stroke={1.5} aria-hidden />
      <Title className={classes.title}>{away ? t.errors.unreachableTitle : t.errors.loadFailed}</Title>
      <div className={classes.text}>{away ? t.errors.unreachableHelp : t.errors.said(code, sentence)}</div>
      {retry !== undefined && (
        <div className={classes.keys}>
          <Button variant="default" onClick={retry}>{t.common.retry}</Button>
          {screen && <Button variant="subtle" color="gray" onClick={() => { history.back(); }}>{t.common.back}</Button>}
        </div>
      )}
      <div className={classes.code}>{t.errors.code(code)}</div>
    </div>
  );
}

/** Grey lines in place of what is about to come; only seen when the disk is slow. */
export function LoadingLines({ count = 6 }: { count?: number }) {
  const t = useText();
  return (
    <div className={classes.lines} role="status" aria-label={t.common.loading}>
      {Array.from({ length: count }, (_, i) => (
        <Skeleton key={i} height={14} width={`${String(88 - ((i * 17) % 40))}%`} radius={4} />
      ))}
    </div>
  );
}

interface Loadable<T> {
  data: T | undefined;
  error: unknown;
  refetch: () => unknown;
}

/** Shows the data, or that it is on its way, or why it is not. Data once shown stays while it is fetched again. */
export function Loaded<T>({ query, children, lines, screen = false }: { query: Loadable<T>; children: (data: T) => ReactNode; lines?: number; screen?: boolean }) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.error !== null && query.error !== undefined) return <ErrorState error={query.error} retry={() => void query.refetch()} screen={screen} />;
  return <LoadingLines {...(lines === undefined ? {} : { count: lines })} />;
}
