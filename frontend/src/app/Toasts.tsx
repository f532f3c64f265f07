import { CloseButton, Portal, UnstyledButton } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck, IconInfoCircle } from '@tabler/icons-react';
import { useStore } from '@/lib/store';
import { useText } from '@/state/language';
import { dismissToast, type Toast, toasts } from '@/state/toasts';
import classes from './toasts.module.css';

const icons = { bad: IconAlertTriangle, good: IconCircleCheck, idle: IconInfoCircle };

/** Messages in the corner; errors stay until they are closed. */
export function Toasts() {
  const shown = useStore(toasts);
  return (
    <Portal>
      <div className={classes.stack} aria-live="polite">
        {shown.map((entry) => <Message key={entry.id} entry={entry} />)}
      </div>
    </Portal>
  );
}

function Message({ entry }: { entry: Toast }) {
  const t = useText();
  const Picture = icons[entry.tone];
  const fallback = entry.code === 'unreachable' ? t.errors.unreachable : t.errors.unknown;
  return (
    <div className={classes.toast} data-tone={entry.tone} role={entry.tone === 'bad' ? 'alert' : 'status'}>
      <Picture size={18} stroke={1.5} aria-hidden />
      <div className={classes.text}>
        <div>{entry.sentence === '' ? fallback : t.errors.said(entry.code ?? '', entry.sentence)}</div>
        {entry.code !== undefined && entry.code !== '' && <div className={classes.code}>{t.errors.code(entry.code)}</div>}
      </div>
      {entry.action !== undefined && (
        <UnstyledButton className={classes.action ?? ''} onClick={() => { entry.action?.run(); dismissToast(entry.id); }}>{entry.action.label}</UnstyledButton>
      )}
      <CloseButton size="sm" aria-label={t.common.close} onClick={() => { dismissToast(entry.id); }} />
    </div>
  );
}
