import { Kbd, Modal } from '@mantine/core';
import { useStore } from '@/lib/store';
import { useText } from '@/state/language';
import { activeShortcuts, type Shortcut } from '@/state/shortcuts';
import classes from './sheet.module.css';

const order: readonly Shortcut['group'][] = ['everywhere', 'go', 'list', 'ticket'];

function keyName(key: string, control: string): string {
  if (key.startsWith('mod+')) return `${control} ${key.slice(4).toUpperCase()}`;
  return key === 'Escape' ? 'Esc' : key;
}

/** Everything the keyboard does where it was opened. */
export function ShortcutSheet({ opened, close }: { opened: boolean; close: () => void }) {
  const t = useText();
  const layers = useStore(activeShortcuts);
  const all = opened ? layers.flatMap((layer) => layer.current) : [];
  return (
    <Modal opened={opened} onClose={close} title={t.shortcuts.title} size="xl">
      <div className={classes.groups}>
        {order.map((group) => {
          const own = all.filter((one, i) => one.group === group && all.findLastIndex((other) => other.keys === one.keys) === i);
          if (own.length === 0) return null;
          return (
            <section key={group} aria-label={t.shortcuts[group]}>
              <h3>{t.shortcuts[group]}</h3>
              <dl className={classes.keys}>
                {own.map((one) => (
                  <div key={one.keys}>
                    <dt>{one.label}</dt>
                    <dd>{one.keys.split(' ').map((key, i) => <span key={key}>{i > 0 && <span className="faint"> {t.shortcuts.then} </span>}<Kbd>{keyName(key, t.common.controlKey)}</Kbd></span>)}</dd>
                  </div>
                ))}
              </dl>
            </section>
          );
        })}
      </div>
    </Modal>
  );
}
