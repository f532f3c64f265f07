import { CloseButton, Portal, UnstyledButton } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck, IconInfoCircle } from '@tabler/icons-react';
import type { Catalogue } from '@/lib/i18n';
import { type Remedy, remedyOf } from '@/lib/i18n/areas/faults';
import { useStore } from '@/lib/store';
import { useText } from '@/state/language';
import { dismissToast, type Toast, toasts } from '@/state/toasts';
import classes from './toasts.module.css';

const icons = { bad: IconAlertTriangle, good: IconCircleCheck, idle: IconInfoCircle };

/** Messages in the corner; errors stay until they are closed. */
export function Toasts({ go }: { go: (path: string) => void }) {
  const shown = useStore(toasts);
  return (
    <Portal>
      <div className={classes.stack} aria-live="polite">
        {shown.map((entry) => <Message key={entry.id} entry={entry} go={go} />)}
      </div>
    </Portal>
  );
}

const places: Partial<Record<Remedy, string>> = { sync: '/sync', waiting: '/sync?tab=waiting', nodes: '/sync?tab=members', invites: '/sync?tab=invites', devices: '/sync?tab=devices', decisions: '/sync?tab=decisions', backup: '/sync', key: '/sync', check: '/settings' };

/** The one button of a fault that says nothing of its own: to where it can be mended, or to hand it on. What is to be tried again is still on the screen. */
function wayOn(t: Catalogue, entry: Toast, go: (path: string) => void): Toast['action'] {
  const remedy = remedyOf(entry.code ?? '');
  const place = places[remedy];
  if (place !== undefined) return { label: t.remedies[remedy], run: () => { go(place); } };
  if (remedy === 'copy') return { label: t.remedies.copy, run: () => void navigator.clipboard.writeText(`${entry.sentence} (${entry.code ?? ''})`).catch(() => undefined) };
  return { label: t.remedies.understood, run: () => {} };
}

function Message({ entry, go }: { entry: Toast; go: (path: string) => void }) {
  const t = useText();
  const Picture = icons[entry.tone];
  const fallback = entry.code === 'unreachable' ? t.errors.unreachable : t.errors.unknown;
  const action = entry.action ?? (entry.tone === 'bad' && entry.code !== undefined ? wayOn(t, entry, go) : undefined);
  return (
    <div className={classes.toast} data-tone={entry.tone} role={entry.tone === 'bad' ? 'alert' : 'status'}>
      <Picture size={18} stroke={1.5} aria-hidden />
      <div className={classes.text}>
        <div>{entry.sentence === '' ? fallback : t.errors.said(entry.code ?? '', entry.sentence)}</div>
        {entry.code !== undefined && entry.code !== '' && <div className={classes.code}>{t.errors.code(entry.code)}</div>}
      </div>
      {action !== undefined && (
        <UnstyledButton className={classes.action ?? ''} onClick={() => { action.run(); dismissToast(entry.id); }}>{action.label}</UnstyledButton>
      )}
      <CloseButton size="sm" aria-label={t.common.close} onClick={() => { dismissToast(entry.id); }} />
    </div>
  );
}
