import { Button, Group, Menu, Modal } from '@mantine/core';
import { IconChevronDown } from '@tabler/icons-react';
import { type KeyboardEvent, type SubmitEvent, useState } from 'react';
import type { NextStatus, Ticket, Values } from '@/bridge/contract';
import { useDraft } from '@/state/drafts';
import type { RecordEdits } from '@/state/edits';
import { useText } from '@/state/language';
import { useMeta } from '@/state/queries';
import { FieldInput } from '@/ui/fields/FieldInput';
import { type FieldSpec, specOf } from '@/ui/fields/spec';
import { StatusMark } from '@/ui/marks';
import classes from './ticket.module.css';

interface StatusControlProps {
  ticket: Ticket;
  edits: RecordEdits;
  open: boolean;
  setOpen: (open: boolean) => void;
}

/** The status with the ways on from it: only those that the workflow allows, each asking for what it needs. */
export function StatusControl({ ticket, edits, open, setOpen }: StatusControlProps) {
  const t = useText();
  const [chosen, setChosen] = useState<NextStatus | null>(null);
  const { status } = ticket;
  const move = (next: NextStatus) => {
    if ((next.required ?? []).length > 0) setChosen(next);
    else void edits.save('transition', [{ op: 'transition', to: next.to, from: status.key, with: {} }], { display: next.label });
  };
  return (
    <>
      <Menu opened={open} onChange={setOpen} width="target" position="bottom-start">
        <Menu.Target>
          <Button variant="default" fullWidth justify="space-between" size="sm" rightSection={<IconChevronDown size={16} stroke={1.5} aria-hidden />} aria-label={`${t.ticket.changeStatus}: ${status.label}`}>
            <StatusMark status={status.key} label={status.label} phase={status.phase} />
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {(ticket.next ?? []).map((next) => (
            <Menu.Item key={next.to} disabled={!next.allowed} onClick={() => { move(next); }}>
              {next.label}
              {!next.allowed && <div className={classes.reason}>{next.reason ?? t.ticket.notAllowed}</div>}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      {chosen !== null && <TransitionForm ticket={ticket} next={chosen} edits={edits} close={() => { setChosen(null); }} />}
    </>
  );
}

function isValues(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function initialOf(ticket: Ticket, specs: readonly FieldSpec[]): Values {
  return Object.fromEntries(specs.map((spec) => [spec.name, ticket.fields.find((field) => field.name === spec.name)?.value ?? null]));
}

function TransitionForm({ ticket, next, edits, close }: { ticket: Ticket; next: NextStatus; edits: RecordEdits; close: () => void }) {
  const t = useText();
  const meta = useMeta();
  const specs = next.required.map((field) => specOf(t, meta, ticket.kind, { ...field, required: true }));
  const [values, setValues, dropDraft] = useDraft<Values>(`${ticket.id}/to-${next.to}`, initialOf(ticket, specs), isValues);
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const missing = specs.filter((spec) => (values[spec.name] ?? '') === '');
  const submit = async () => {
    setTried(true);
    if (missing.length > 0 || busy) return;
    setBusy(true);
    const stored = await edits.save('transition', [{ op: 'transition', to: next.to, from: ticket.status.key, with: values }], { final: true });
    setBusy(false);
    if (!stored) return;
    dropDraft();
    close();
  };
  const onSubmit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    void submit();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    void submit();
  };
  return (
    <Modal opened onClose={close} title={t.ticket.transitionTitle(next.label)}>
      {/* Ctrl Enter works from every input inside. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions */}
      <form onSubmit={onSubmit} onKeyDown={onKeyDown} noValidate style={{ display: 'grid', gap: 12 }}>
        {specs.map((spec, i) => (
          <FieldInput
            key={spec.name} spec={spec} value={values[spec.name] ?? null} autoFocus={i === 0 && spec.type !== 'choice'} onChange={(value) => { setValues({ ...values, [spec.name]: value }); }}
            error={tried && missing.includes(spec) ? t.newTicket.missing(spec.label) : undefined} minRows={3}
          />
        ))}
        <Group gap={8}>
          <Button type="submit" loading={busy}>{t.ticket.transitionGo(next.label)}</Button>
          <Button variant="subtle" color="gray" onClick={close}>{t.common.cancel}</Button>
        </Group>
      </form>
    </Modal>
  );
}
