import { Button, Group, Kbd, SegmentedControl, Select, TextInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type KeyboardEvent, type SubmitEvent, useRef, useState } from 'react';
import { api } from '@/bridge/api';
import type { FormField, TicketKind, Value, Values } from '@/bridge/contract';
import { keys } from '@/bridge/keys';
import { queries } from '@/bridge/queries';
import { newId } from '@/lib/ids';
import { useDraft } from '@/state/drafts';
import { useText } from '@/state/language';
import { useMeta } from '@/state/queries';
import { useShortcuts } from '@/state/shortcuts';
import { toast, toastError } from '@/state/toasts';
import { FieldInput } from '@/ui/fields/FieldInput';
import { type FieldSpec, specOf } from '@/ui/fields/spec';
import { numberOf } from '@/ui/links';
import { MarkdownEditor } from '@/ui/MarkdownEditor';
import { Page } from '@/ui/page';
import { Loaded } from '@/ui/states';
import classes from './newticket.module.css';
import { Similar } from './Similar';

interface Draft {
  /** the new ticket's id: made once, so that creating it again after an error makes no second one */
  id: string;
  values: Values;
  /** what chosen records are called */
  names: Record<string, string>;
  template: string;
}

function isDraft(value: unknown): value is Draft {
  return typeof value === 'object' && value !== null && 'id' in value && 'values' in value && 'names' in value && 'template' in value;
}

const empty: Draft = { id: '', values: {}, names: {}, template: '' };

interface NewTicketProps {
  kind: TicketKind;
  onKind: (kind: TicketKind) => void;
  /** what to begin with when there is no draft, such as what was typed in the palette */
  title: string;
}

/** Writes down a contact by keyboard alone. */
export function NewTicketScreen({ kind, onKind, title }: NewTicketProps) {
  const t = useText();
  const query = useQuery(queries.ticketForm(kind));
  return (
    <Page title={kind === 'request' ? t.newTicket.request : t.newTicket.incident} narrow>
      <Loaded query={query}>{(form) => <TicketForm key={kind} kind={kind} onKind={onKind} title={title} fields={form.fields ?? []} templates={form.templates ?? []} />}</Loaded>
    </Page>
  );
}

interface FormProps extends NewTicketProps {
  fields: FormField[];
  templates: { key: string; label: string; fields: Values }[];
}

function defaultsOf(fields: readonly FormField[]): Values {
  return Object.fromEntries(fields.filter((field) => field.default !== undefined && field.default !== null).map((field) => [field.name, field.default ?? null]));
}

function isMissing(value: Value | undefined): boolean {
  return value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);
}

function TicketForm({ kind, onKind, title, fields, templates }: FormProps) {
  const t = useText();
  const meta = useMeta();
  const client = useQueryClient();
  const navigate = useNavigate();
  const first = useRef<HTMLInputElement>(null);
  const [draft, setDraft, dropDraft, restored] = useDraft<Draft>(`new-${kind}`, empty, isDraft);
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const values: Values = { ...defaultsOf(fields), ...(title === '' ? {} : { title }), ...draft.values };
  const specs = fields.map((field) => specOf(t, meta, kind, field));
  const missing = specs.filter((spec) => spec.required && isMissing(values[spec.name]));
  const text = (name: string) => (typeof values[name] === 'string' ? values[name] : '');

  const setValue = (name: string, value: Value, display?: string) => {
    setDraft({
      ...draft, id: draft.id || newId(), values: { ...draft.values, [name]: value },
      names: display === undefined ? draft.names : { ...draft.names, [name]: display },
    });
  };
  const applyTemplate = (key: string | null) => {
    const chosen = templates.find((one) => one.key === key);
    setDraft({ ...draft, id: draft.id || newId(), template: key ?? '', values: { ...draft.values, ...(chosen?.fields ?? {}) } });
  };
  const back = () => {
    if (window.history.length > 1) window.history.back();
    else void navigate({ to: '/tickets' });
  };

  const submit = async (another: boolean) => {
    setTried(true);
    const blank = missing[0] ?? (text('title') === '' ? specs.find((spec) => spec.name === 'title') : undefined);
    if (blank !== undefined) {
      document.querySelector<HTMLElement>(`[data-field="${blank.name}"]`)?.focus();
      return;
    }
    if (busy) return;
    setBusy(true);
    try {
      const given = Object.fromEntries(Object.entries(values).filter(([, value]) => !isMissing(value)));
      const record = await api.create(kind, { id: draft.id || newId(), action: 'create', fields: given });
      dropDraft();
      void client.invalidateQueries({ queryKey: keys.tickets });
      void client.invalidateQueries({ queryKey: keys.syncAll });
      const open = () => void navigate({ to: '/tickets/$id', params: { id: record.id } });
      toast({ tone: 'good', sentence: t.newTicket.created(numberOf(record)), ...(another ? { action: { label: t.common.open, run: open } } : {}) });
      setTried(false);
      if (another) first.current?.focus();
      else open();
    } catch (error) {
      toastError(error);
    }
    setBusy(false);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      void submit(event.shiftKey);
    } else if (event.key === 'Escape' && !event.defaultPrevented && (event.target as HTMLElement).getAttribute('aria-expanded') !== 'true') {
      event.preventDefault();
      back();
    }
  };
  useShortcuts([{ keys: 'Escape', label: t.shortcuts.back, group: 'everywhere', run: back }]);
  const error = (spec: FieldSpec) => (tried && missing.includes(spec) ? t.newTicket.missing(spec.label) : undefined);
  const long = specs.find((spec) => spec.name === 'description');
  const rest = specs.filter((spec) => spec.name !== 'title' && spec.name !== 'description');

  return (
    // Ctrl Enter and Escape work from every input inside.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <form className={classes.form} noValidate onKeyDown={onKeyDown} onSubmit={(event: SubmitEvent<HTMLFormElement>) => { event.preventDefault(); void submit(false); }}>
      <div className={classes.top}>
        <SegmentedControl
          size="xs" value={kind} onChange={(next) => { onKind(next === 'request' ? 'request' : 'incident'); }} aria-label={t.newTicket.kind}
          data={[{ value: 'incident', label: t.frame.newIncident }, { value: 'request', label: t.frame.newRequest }]}
        />
        {templates.length > 0 && (
          <Select
            aria-label={t.newTicket.template} placeholder={t.newTicket.template} clearable value={draft.template === '' ? null : draft.template} onChange={applyTemplate}
            data={templates.map((one) => ({ value: one.key, label: t.common.word(one.label) }))} w={240}
          />
        )}
        {restored && draft.id !== '' && (
          <span className={classes.restored}>
            {t.newTicket.restored} <Button variant="subtle" size="compact-xs" onClick={() => { dropDraft(); first.current?.focus(); }}>{t.newTicket.startOver}</Button>
          </span>
        )}
      </div>
      <TextInput
        ref={first} size="md" autoFocus label={kind === 'request' ? t.newTicket.titleRequest : t.newTicket.title} withAsterisk data-field="title" value={text('title')}
        onChange={(e) => { setValue('title', e.currentTarget.value); }} error={tried && text('title') === '' ? t.newTicket.titleMissing : undefined} autoComplete="off"
      />
      <Similar title={text('title')} kind={kind} />
      {long !== undefined && <MarkdownEditor label={long.label} showLabel value={text('description')} onChange={(value) => { setValue('description', value); }} minRows={4} />}
      <div className={classes.grid}>
        {rest.map((spec) => (
          <FieldInput
            key={spec.name} spec={spec} value={values[spec.name] ?? (spec.rule === 'set' ? [] : null)} display={draft.names[spec.name]} error={error(spec)}
            onChange={(value, display) => { setValue(spec.name, value, display); }}
          />
        ))}
      </div>
      <Group gap={8} className={classes.actions ?? ''}>
        <Button type="submit" size="sm" loading={busy}>{t.newTicket.create}</Button>
        <Kbd>{t.ticket.sendKey}</Kbd>
        <Button variant="default" size="sm" onClick={() => void submit(true)}>{t.newTicket.createAnother}</Button>
        <Button variant="subtle" color="gray" size="sm" onClick={back}>{t.common.back}</Button>
      </Group>
      <p className="faint">{t.newTicket.keys}</p>
    </form>
  );
}
