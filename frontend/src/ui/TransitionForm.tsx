import { Button, Group, Modal } from '@mantine/core';
import { type KeyboardEvent, type SubmitEvent, useState } from 'react';
import type { NextStatus, RecordView, Values } from '@/bridge/contract';
import { useDraft } from '@/state/drafts';
import type { RecordEdits } from '@/state/edits';
import { useText } from '@/state/language';
import { useMeta } from '@/state/queries';
import { FieldInput } from './fields/FieldInput';
import { type FieldSpec, specOf } from './fields/spec';

function isValues(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function initialOf(record: RecordView, specs: readonly FieldSpec[]): Values {
  return Object.fromEntries(specs.map((spec) => [spec.name, record.fields.find((field) => field.name === spec.name)?.value ?? null]));
}

interface TransitionFormProps {
  record: RecordView;
  /** the state that its author sees */
  from: string;
  next: NextStatus;
  edits: RecordEdits;
  close: () => void;
}

/** Asks for what a step to another state requires, and makes it. What is typed survives closing. */
export function TransitionForm({ record, from, next, edits, close }: TransitionFormProps) {
  const t = useText();
  const meta = useMeta();
  const specs = next.required.map((field) => specOf(t, meta, record.kind, { ...field, required: true }));
  const [values, setValues, dropDraft] = useDraft<Values>(`${record.id}/to-${next.to}`, initialOf(record, specs), isValues);
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const missing = specs.filter((spec) => (values[spec.name] ?? '') === '');
  const submit = async () => {
    setTried(true);
    if (missing.length > 0 || busy) return;
    setBusy(true);
    const stored = await edits.save('transition', [{ op: 'transition', to: next.to, from, with: values }], { final: true });
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
    <Modal opened onClose={close} title={t.ticket.transitionTitle(t.common.word(next.label))}>
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
          <Button type="submit" loading={busy}>{t.ticket.transitionGo(t.common.word(next.label))}</Button>
          <Button variant="subtle" color="gray" onClick={close}>{t.common.back}</Button>
        </Group>
      </form>
    </Modal>
  );
}
