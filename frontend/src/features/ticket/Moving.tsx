import { ActionIcon, Alert, Button, Group, Modal, Select, Tooltip } from '@mantine/core';
import { IconArrowRight, IconBuildingCommunity } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type SubmitEvent, useState } from 'react';
import { api } from '@/bridge/api';
import type { Ticket } from '@/bridge/contract';
import { queries } from '@/bridge/queries';
import { showRecord } from '@/state/edits';
import { useText } from '@/state/language';
import { useMay } from '@/state/queries';
import { toastError } from '@/state/toasts';
import { numberOf, RecordLink } from '@/ui/links';
import classes from './ticket.module.css';

/** The button that moves a ticket to another site, where there is another one to move it to. */
export function MoveButton({ ticket }: { ticket: Ticket }) {
  const t = useText();
  const [open, setOpen] = useState(false);
  const may = [useMay('ticket.edit'), useMay('ticket.create')].every(Boolean);
  const places = (useQuery(queries.places()).data?.places ?? []).filter((place) => place.code !== ticket.site);
  if (!may || places.length === 0 || ticket.archived || isSet(ticket.movedTo)) return null;
  return (
    <>
      <Tooltip label={t.moving.open}>
        <ActionIcon aria-label={t.moving.open} onClick={() => { setOpen(true); }}><IconBuildingCommunity size={18} stroke={1.5} /></ActionIcon>
      </Tooltip>
      <Modal opened={open} onClose={() => { setOpen(false); }} title={t.moving.title(numberOf(ticket))}>
        <MoveForm ticket={ticket} places={places} close={() => { setOpen(false); }} />
      </Modal>
    </>
  );
}

function MoveForm({ ticket, places, close }: { ticket: Ticket; places: { code: string; name: string }[]; close: () => void }) {
  const t = useText();
  const client = useQueryClient();
  const [site, setSite] = useState<string | null>(places.length === 1 ? (places[0]?.code ?? null) : null);
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (site === null) return;
    api.moveTicket(ticket.id, site).then((moved) => {
      close();
      showRecord(client, moved);
    }, toastError);
  };
  return (
    <form onSubmit={submit}>
      <Select
        label={t.moving.site} placeholder={t.moving.choose} value={site} onChange={setSite} required data-autofocus allowDeselect={false}
        data={places.map((place) => ({ value: place.code, label: place.name === place.code ? place.code : `${place.name} (${place.code})` }))}
      />
      <div className={classes.effects}>
        <p className="muted">{t.moving.effect}</p>
        <p className="muted">{t.moving.late}</p>
      </div>
      <Group mt="lg">
        <Button type="submit" disabled={site === null}>{t.moving.act}</Button>
        <Button variant="default" onClick={close}>{t.common.cancel}</Button>
      </Group>
    </form>
  );
}

/** Where a ticket went, in place of all that could be done with it; or where it came from. */
export function Whereabouts({ ticket }: { ticket: Ticket }) {
  const t = useText();
  const { movedTo, movedFrom } = ticket;
  return (
    <>
      {isSet(movedTo) && (
        <Alert
          variant="light" icon={<IconArrowRight size={18} stroke={1.5} aria-hidden />}
          title={isText(movedTo.number) ? t.moving.moved(movedTo.name, movedTo.number) : t.moving.moving(movedTo.name)}
        >
          {isText(movedTo.number) ? t.moving.movedHint : t.moving.movingHint}
          {isSet(movedTo.ticket) && <div><RecordLink record={movedTo.ticket}>{movedTo.ticket.number ?? movedTo.ticket.title}</RecordLink></div>}
        </Alert>
      )}
      {isSet(movedFrom) && (
        <p className="muted">{t.moving.from(movedFrom.name)}{isSet(movedFrom.ticket) && <> · <RecordLink record={movedFrom.ticket}>{movedFrom.ticket.number ?? movedFrom.ticket.title}</RecordLink></>}</p>
      )}
    </>
  );
}

function isSet<T>(value: T | null | undefined): value is T { return value !== null && value !== undefined; }

function isText(value: string | null | undefined): value is string { return isSet(value) && value !== ''; }
