import { Button, Tooltip } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '@/bridge/api';
import type { FieldState, Ticket } from '@/bridge/contract';
import { type RecordEdits, showRecord } from '@/state/edits';
import { useText } from '@/state/language';
import { useMyself } from '@/state/queries';
import { toastError } from '@/state/toasts';
import { FieldConflict } from '@/ui/fields/ConflictCard';
import { Property } from '@/ui/fields/Property';
import { useTitles } from '@/ui/fields/RefInput';
import { PersonName, StatusMark } from '@/ui/marks';
import { PendingDot } from '@/ui/Pending';
import { Clocks } from './Clocks';
import { Priority } from './Priority';
import { StatusControl } from './StatusControl';
import classes from './ticket.module.css';

const people = ['caller', 'assignee', 'team', 'watchers'];
const order = ['impact', 'urgency', 'service', 'category', 'subcategory', 'channel', 'location', 'tags'];
/** shown elsewhere on the page, or kept for the machine */
const elsewhere = new Set(['title', 'description', 'status', 'priority', 'priority_reason', 'number', 'replies', 'notes', 'work', 'phases', 'source', 'moved_to', 'moved_as', 'moved_from', ...people, ...order]);

interface PropertiesProps {
  ticket: Ticket;
  edits: RecordEdits;
  statusOpen: boolean;
  setStatusOpen: (open: boolean) => void;
  assignSignal: number;
}

/** The right side of a ticket: status, priority, clocks, people and the other fields. */
export function Properties({ ticket, edits, statusOpen, setStatusOpen, assignSignal }: PropertiesProps) {
  const t = useText();
  const [more, setMore] = useState(false);
  const named = new Map(ticket.fields.map((field) => [field.name, field]));
  const pick = (names: readonly string[]) => names.flatMap((name) => named.get(name) ?? []);
  const others = ticket.fields.filter((field) => !elsewhere.has(field.name));
  const filled = others.filter((field) => !isEmpty(field));
  const shown = more ? others : filled;
  const property = (field: FieldState) => <TicketProperty key={field.name} ticket={ticket} field={field} edits={edits} assignSignal={assignSignal} />;
  const status = named.get('status');
  return (
    <aside className={classes.side} aria-label={t.ticket.properties}>
      <div className={classes.group}>
        <div className={classes.statusRow}>
          {ticket.status.phase === 'moved' ? <StatusMark status="moved" label={t.moving.phase} phase="moved" /> : <StatusControl ticket={ticket} edits={edits} open={statusOpen} setOpen={setStatusOpen} />}
          {status?.pending === true && <PendingDot />}
        </div>
        {status !== undefined && <FieldConflict field={status} label={t.fields.status} display={t.common.word(ticket.status.label)} settle={(value, display) => void edits.settle(status, value, display)} />}
      </div>
      <Priority ticket={ticket} edits={edits} />
      <div className={classes.group}>
        <div className={classes.groupTitle}>{t.ticket.clocks}</div>
        <Clocks clocks={ticket.clocks ?? []} start={ticket.createdAt} />
      </div>
      <div className={classes.group}>
        <div className={classes.groupTitle}>{t.ticket.people}</div>
        {pick(people).map(property)}
      </div>
      <div className={classes.group}>
        <div className={classes.groupTitle}>{t.ticket.classification}</div>
        {pick(order).map(property)}
        {shown.map(property)}
        {others.length > filled.length && (
          <Button variant="subtle" color="gray" size="compact-xs" mt={4} style={{ alignSelf: 'flex-start' }} aria-expanded={more} onClick={() => { setMore(!more); }}>
            {more ? t.ticket.fewer : t.ticket.more}
          </Button>
        )}
      </div>
    </aside>
  );
}

function isEmpty(field: FieldState): boolean {
  return field.value === null || field.value === '' || field.value === 0 || (Array.isArray(field.value) && field.value.length === 0);
}

function TicketProperty({ ticket, field, edits, assignSignal }: { ticket: Ticket; field: FieldState; edits: RecordEdits; assignSignal: number }) {
  const show = field.type === 'ref' ? <RefShow field={field} /> : undefined;
  return (
    <>
      <Property
        recordId={ticket.id} kind={ticket.kind} field={field} edits={edits}
        {...(show === undefined || isEmpty(field) ? {} : { show })}
        {...(field.name === 'assignee' ? { openSignal: assignSignal } : {})}
      />
      {field.name === 'assignee' && <TakeButton ticket={ticket} field={field} />}
    </>
  );
}

function RefShow({ field }: { field: FieldState }) {
  const ids = Array.isArray(field.value) ? field.value : [];
  const titles = useTitles(ids);
  if (Array.isArray(field.value)) return <span>{ids.map((id) => titles.get(id)).join(', ')}</span>;
  const person = ['assignee', 'caller', 'owner'].includes(field.name);
  return person ? <PersonName name={field.display ?? ''} /> : <span>{field.display}</span>;
}

/** Makes oneself the assignee; when two people do so apart, the first that is agreed on has it. */
function TakeButton({ ticket, field }: { ticket: Ticket; field: FieldState }) {
  const t = useText();
  const me = useMyself();
  const client = useQueryClient();
  const closed = ['closed', 'moved'].includes(ticket.status.phase);
  if (me === null || field.value === me.id || closed) return null;
  const take = async () => {
    try {
      showRecord(client, await api.take(ticket.id, typeof field.value === 'string' && field.value !== '' ? field.value : null));
    } catch (error) {
      toastError(error);
    }
  };
  return (
    <Tooltip label={t.ticket.takeHint}>
      <Button variant="light" size="compact-xs" style={{ alignSelf: 'flex-start', marginLeft: 120, marginBottom: 4 }} onClick={() => void take()}>{t.ticket.take}</Button>
    </Tooltip>
  );
}
