import { Button, CopyButton, Group } from '@mantine/core';
import { IconHandStop } from '@tabler/icons-react';
import type { Parked } from '@/bridge/contract';
import { actionLabel, fieldLabel } from '@/lib/i18n';
import { isTicket, useParkedActions } from '@/state/parked';
import { useText } from '@/state/language';
import { Ago } from '../Ago';
import { RecordLink } from '../links';
import classes from './property.module.css';

/** A change that could not be applied: why, by whom, and all that was typed. */
export function ParkedCard({ parked, dismiss, useText: takeText, here = false }: {
  parked: Parked;
  dismiss: () => void;
  /** puts the typed text where it can be changed and sent */
  useText?: ((text: string) => void) | undefined;
  /** it is shown on its own record */
  here?: boolean;
}) {
  const t = useText();
  const { again, keepNote, busy } = useParkedActions(parked);
  const title = t.ticket.parkedTitle(actionLabel(t, parked.action));
  const typed = parked.texts.map((one) => one.text).join('\n\n');
  return (
    <div className={classes.card} role="group" aria-label={title}>
      <div className={classes.cardTitle}>
        <IconHandStop size={16} stroke={1.5} aria-hidden />
        <span>{title}</span>
      </div>
      <div>{t.errors.said(parked.reason.code, parked.reason.sentence)}</div>
      {parked.texts.map((one, i) => (
        <div key={i} className={classes.held}>
          <div className={classes.heldMeta}>{fieldLabel(t, one.field, one.label)}</div>
          <div className={classes.parkedText}>{one.text}</div>
        </div>
      ))}
      {parked.kept && typed !== '' && <div>{t.waiting.keptAlready}</div>}
      <div className={classes.heldMeta}>
        {t.ticket.by(parked.by?.title ?? t.common.unknownPerson)} · <Ago at={parked.at} /> · {t.ticket.on(parked.device)}
      </div>
      <Group gap={6}>
        <Button size="compact-xs" onClick={again} loading={busy}>{t.waiting.again}</Button>
        {!here && parked.record.kind !== '' && <Button size="compact-xs" variant="default" renderRoot={(props) => <RecordLink record={parked.record} {...props} />}>{t.waiting.change}</Button>}
        {takeText !== undefined && typed !== '' && <Button size="compact-xs" variant="default" onClick={() => { takeText(typed); }}>{t.ticket.useText}</Button>}
        {takeText === undefined && typed !== '' && !parked.kept && isTicket(parked) && <Button size="compact-xs" variant="default" onClick={keepNote} disabled={busy}>{t.waiting.keepNote}</Button>}
        <Button size="compact-xs" variant="default" onClick={dismiss}>{t.ticket.dismiss}</Button>
        {typed !== '' && (
          <CopyButton value={typed}>
            {({ copied, copy }) => <Button size="compact-xs" variant="subtle" onClick={copy}>{copied ? t.common.copied : t.common.copy}</Button>}
          </CopyButton>
        )}
      </Group>
    </div>
  );
}
