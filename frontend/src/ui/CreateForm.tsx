import { Button, Group, Kbd } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { type KeyboardEvent, type SubmitEvent, useState } from 'react';
import { api } from '@/bridge/api';
import type { Kind, RecordView, Value, Values } from '@/bridge/contract';
import { keys } from '@/bridge/keys';
import { newId } from '@/lib/ids';
import { useDraft } from '@/state/drafts';
import { useText } from '@/state/language';
import { useMeta } from '@/state/queries';
import { useShortcuts } from '@/state/shortcuts';
import { toast, toastError } from '@/state/toasts';
import classes from './CreateForm.module.css';
import { FieldInput } from './fields/FieldInput';
import { type FieldSpec, specOf } from './fields/spec';
import { MarkdownEditor } from './MarkdownEditor';

interface Draft {
  id: string;
  values: Values;
  names: Record<string, string>;
}

function isDraft(value: unknown): value is Draft {
  return typeof value === 'object' && value !== null && 'id' in value && 'values' in value && 'names' in value;
}

const empty: Draft = { id: '', values: {}, names: {} };

interface CreateFormProps {
  kind: Kind;
  /** the fields that are asked for, in this order */
  fields: readonly string[];
  required: readonly string[];
  missing: string;
  submitLabel: string;
  hint?: string;
  /** what fields hold before anything is typed */
  initial?: Values;
  /** text and preview beside each other */
  wideText?: boolean;
  onCreated: (record: RecordView) => void;
  onBack: () => void;
}

const isBlank = (value: Value | undefined): boolean => value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);

/** A new record of a kind. What is typed survives leaving; creating again after an error makes no second record. */
export function CreateForm({ kind, fields, required, missing, submitLabel, hint, initial, wideText = false, onCreated, onBack }: CreateFormProps) {
  const t = useText();
  const meta = useMeta();
  const client = useQueryClient();
  const [draft, setDraft, drop, restored] = useDraft<Draft>(`new-${kind}`, empty, isDraft);
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  useShortcuts([{ keys: 'Escape', label: t.shortcuts.back, group: 'everywhere', run: onBack }]);
  const defined = meta?.kinds.find((one) => one.name === kind)?.fields ?? [];
  const specs = fields.flatMap((name) => {
    const field = defined.find((one) => one.name === name);
    return field === undefined ? [] : [specOf(t, meta, kind, { ...field, required: required.includes(name) })];
  });
  const set = (spec: FieldSpec, value: Value, display?: string) => {
    setDraft({ id: draft.id || newId(), values: { ...draft.values, [spec.name]: value }, names: display === undefined ? draft.names : { ...draft.names, [spec.name]: display } });
  };
  const submit = async () => {
    setTried(true);
    if (busy || required.some((name) => isBlank(draft.values[name]))) return;
    setBusy(true);
    try {
      const given = Object.fromEntries(Object.entries({ ...initial, ...draft.values }).filter(([, value]) => !isBlank(value)));
      const record = await api.create(kind, { id: draft.id || newId(), action: 'create', fields: given });
      drop();
      void client.invalidateQueries({ queryKey: keys.listOf(kind) });
      toast({ tone: 'good', sentence: t.newTicket.created(record.title) });
      onCreated(record);
    } catch (error) {
      toastError(error);
    }
    setBusy(false);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    void submit();
  };
  return (
    // Ctrl Enter works from every input inside.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <form className={classes.form} noValidate onKeyDown={onKeyDown} onSubmit={(event: SubmitEvent<HTMLFormElement>) => { event.preventDefault(); void submit(); }}>
      {restored && draft.id !== '' && (
        <div className={classes.restored}>{t.newTicket.restored} <Button variant="subtle" size="compact-xs" onClick={drop}>{t.newTicket.startOver}</Button></div>
      )}
      {specs.map((spec, i) => {
        const value = draft.values[spec.name] ?? initial?.[spec.name] ?? (spec.rule === 'set' ? [] : null);
        if (spec.type === 'markdown') {
          return <div key={spec.name} className={classes.wide}><MarkdownEditor label={spec.label} showLabel sideBySide={wideText} minRows={wideText ? 16 : 5} value={typeof value === 'string' ? value : ''} onChange={(text) => { set(spec, text); }} /></div>;
        }
        return (
          <div key={spec.name} className={spec.name === 'title' ? classes.wide : undefined}>
            <FieldInput
              spec={spec} value={value} display={draft.names[spec.name]} autoFocus={i === 0} onChange={(next, display) => { set(spec, next, display); }}
              error={tried && spec.required && isBlank(value) ? missing : undefined}
            />
          </div>
        );
      })}
      <Group gap={8} className={classes.wide ?? ''}>
        <Button type="submit" size="sm" loading={busy}>{submitLabel}</Button>
        <Kbd>{t.ticket.sendKey}</Kbd>
        <Button variant="subtle" color="gray" size="sm" onClick={onBack}>{t.common.back}</Button>
        {hint !== undefined && <span className="faint">{hint}</span>}
      </Group>
    </form>
  );
}
