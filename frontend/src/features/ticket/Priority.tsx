import { Button, Group, Modal } from '@mantine/core';
import { type SubmitEvent, useState } from 'react';
import type { FieldState, Ticket, Value } from '@/bridge/contract';
import type { RecordEdits } from '@/state/edits';
import { useText } from '@/state/language';
import { useMay, useMeta } from '@/state/queries';
import { FieldInput } from '@/ui/fields/FieldInput';
import { specOf } from '@/ui/fields/spec';
import { PriorityMark } from '@/ui/marks';
import classes from './ticket.module.css';

interface PriorityProps {
  ticket: Ticket;
  edits: RecordEdits;
}

/** The priority that follows from impact and urgency, and the way to choose another one with a reason. */
export function Priority({ ticket, edits }: PriorityProps) {
  const t = useText();
  const [open, setOpen] = useState(false);
  const may = useMay('ticket.override');
  const shown = ticket.fields.find((field) => field.name === 'priority');
  const reason = ticket.fields.find((field) => field.name === 'priority_reason');
  const changeable = may && !['closed', 'moved'].includes(ticket.status.phase) && shown !== undefined && reason !== undefined;
  const { priority } = ticket;
  const giveUp = () => {
    if (reason !== undefined) void edits.save('override', [{ op: 'set', field: reason.name, value: '', seen: reason.seen }]);
  };
  return (
    <div className={classes.priority}>
      {priority.key === '' ? <span className="faint">{t.common.noValue}</span> : <PriorityMark priority={priority.key} label={`${t.fields.priority}: ${t.common.word(priority.label)}`} />}
      <span className={classes.reason}>{priority.overridden ? `${t.ticket.priorityChosen} ${priority.reason}` : priority.reason === '' ? t.ticket.priorityWhy : t.errors.said('', priority.reason)}</span>
      {changeable && (
        <Group gap={8}>
          <Button variant="subtle" color="gray" size="compact-xs" onClick={() => { setOpen(true); }}>{t.ticket.priorityChoose}</Button>
          {priority.overridden && <Button variant="subtle" color="gray" size="compact-xs" onClick={giveUp}>{t.ticket.priorityGiveUp}</Button>}
        </Group>
      )}
      {open && shown !== undefined && reason !== undefined && <PriorityForm ticket={ticket} edits={edits} shown={shown} reason={reason} close={() => { setOpen(false); }} />}
    </div>
  );
}

interface PriorityFormProps extends PriorityProps {
  shown: FieldState;
  reason: FieldState;
  close: () => void;
}

function PriorityForm({ ticket, edits, shown, reason, close }: PriorityFormProps) {
  const t = useText();
  const meta = useMeta();
  const [chosen, setChosen] = useState<Value>(shown.value);
  const [why, setWhy] = useState<Value>(reason.value);
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const specs = [shown, reason].map((field) => ({ ...specOf(t, meta, ticket.kind, field), required: true }));
  const values = [chosen, why];
  const isBlank = (value: Value | undefined) => typeof value !== 'string' || value.trim() === '';
  const submit = async () => {
    setTried(true);
    if (values.some(isBlank) || busy) return;
    setBusy(true);
    const stored = await edits.save('override', [
      { op: 'set', field: shown.name, value: chosen, seen: shown.seen }, { op: 'set', field: reason.name, value: why, seen: reason.seen },
    ]);
    setBusy(false);
    if (stored) close();
  };
  return (
    <Modal opened onClose={close} title={t.ticket.priorityChoose}>
      <form onSubmit={(event: SubmitEvent<HTMLFormElement>) => { event.preventDefault(); void submit(); }} noValidate style={{ display: 'grid', gap: 12 }}>
        {specs.map((spec, i) => (
          <FieldInput
            key={spec.name} spec={spec} value={values[i] ?? null} onChange={i === 0 ? setChosen : setWhy}
            error={tried && isBlank(values[i]) ? t.newTicket.missing(spec.label) : undefined}
          />
        ))}
        <Group gap={8}>
          <Button type="submit" loading={busy}>{t.ticket.priorityChoose}</Button>
          <Button variant="subtle" color="gray" onClick={close}>{t.common.back}</Button>
        </Group>
      </form>
    </Modal>
  );
}
