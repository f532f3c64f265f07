import { Button, CopyButton, Group } from '@mantine/core';
import { IconFileOff } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { api } from '@/bridge/api';
import type { WaitingEdit } from '@/bridge/contract';
import { keys } from '@/bridge/keys';
import { actionLabel, fieldLabel } from '@/lib/i18n';
import { useText } from '@/state/language';
import { toast, toastError } from '@/state/toasts';
import { Ago } from '@/ui/Ago';
import { ConfirmButton } from '@/ui/ConfirmButton';
import classes from '@/ui/fields/property.module.css';

/** Changes that wait for a record which nobody makes, by that record. */
export function byLackedRecord(edits: readonly WaitingEdit[]): WaitingEdit[][] {
  const groups = new Map<string, WaitingEdit[]>();
  for (const edit of edits) {
    const [lacked] = edit.lacks;
    if (lacked !== undefined) groups.set(lacked, [...(groups.get(lacked) ?? []), edit]);
  }
  return [...groups.values()];
}

/** Why changes wait that would wait for ever, what was typed, and the way to let go of them. */
export function Gone({ edits, behind }: { edits: WaitingEdit[]; behind: number }) {
  const t = useText();
  const client = useQueryClient();
  const title = t.waiting.goneTitle(edits.length);
  const typed = edits.flatMap((edit) => edit.texts.map((one) => one.text)).join('\n\n');
  const giveUp = () => {
    api.giveUp(edits.map((edit) => edit.edit)).then(() => {
      toast({ tone: 'good', sentence: t.waiting.givenUp });
      return client.invalidateQueries({ queryKey: keys.syncAll });
    }, toastError);
  };
  return (
    <div className={classes.card} role="group" aria-label={title}>
      <div className={classes.cardTitle}><IconFileOff size={16} stroke={1.5} aria-hidden /><span>{title}</span></div>
      <div>{t.waiting.gone} {t.waiting.behindCount(behind)}</div>
      {edits.map((edit) => (
        <div key={edit.edit} className={classes.held}>
          <div className={classes.heldMeta}>{actionLabel(t, edit.action)} · {t.ticket.by(edit.by?.title ?? t.common.system)} · <Ago at={edit.at} /> · {t.ticket.on(edit.device)}</div>
          {edit.texts.map((one, i) => <div key={i} className={classes.parkedText}><span className={classes.heldMeta}>{fieldLabel(t, one.field, one.label)}: </span>{one.text}</div>)}
        </div>
      ))}
      <Group gap={6}>
        <ConfirmButton size="compact-xs" variant="filled" label={t.waiting.giveUp} confirm={t.waiting.giveUpDo} sentence={t.waiting.giveUpAsk} onConfirm={giveUp} about={title} />
        {typed !== '' && <CopyButton value={typed}>{({ copied, copy }) => <Button size="compact-xs" variant="default" onClick={copy}>{copied ? t.common.copied : t.waiting.copyText}</Button>}</CopyButton>}
      </Group>
    </div>
  );
}
