import { ActionIcon, Button, Group, Modal, TextInput } from '@mantine/core';
import { IconEraser } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type SubmitEvent, useState } from 'react';
import { api } from '@/bridge/api';
import { keys } from '@/bridge/keys';
import { queries } from '@/bridge/queries';
import { useText } from '@/state/language';
import { toast, toastError } from '@/state/toasts';

interface RemoveForGoodProps {
  record: string;
  field: string;
  /** of a list: this entry */
  item?: string;
  /** what it is, for the person who is asked */
  what: string;
}

/** Whether the program says of a text that it was removed for good. */
export const wasRemoved = (text: string) => text === '[removed]';

/** Removes a text or an entry with its file for good, for those who may: it asks why first. */
export function RemoveForGood(props: RemoveForGoodProps) {
  const t = useText();
  const [open, setOpen] = useState(false);
  const may = useQuery(queries.me()).data?.may['record.redact'] === true;
  if (!may) return null;
  const label = t.removal.open(props.what);
  return (
    <>
      <ActionIcon size={24} aria-label={label} title={label} onClick={() => { setOpen(true); }}><IconEraser size={15} stroke={1.5} /></ActionIcon>
      <Modal opened={open} onClose={() => { setOpen(false); }} title={t.removal.title(props.what)}>
        <Form {...props} close={() => { setOpen(false); }} />
      </Modal>
    </>
  );
}

function Form({ record, field, item, close }: RemoveForGoodProps & { close: () => void }) {
  const t = useText();
  const client = useQueryClient();
  const [why, setWhy] = useState('');
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    api.removeContent(record, { field, why: why.trim(), ...(item === undefined ? {} : { item }) }).then(() => {
      close();
      toast({ tone: 'good', sentence: t.removal.done });
      return client.invalidateQueries({ queryKey: keys.record(record) });
    }, toastError);
  };
  return (
    <form onSubmit={submit}>
      <p>{t.removal.effect}</p>
      <p className="muted">{t.removal.beyond}</p>
      <TextInput mt="md" label={t.removal.why} description={t.removal.whyHint} value={why} maxLength={500} required data-autofocus onChange={(event) => { setWhy(event.currentTarget.value); }} />
      <Group mt="lg">
        <Button type="submit" color="red" disabled={why.trim() === ''}>{t.removal.act}</Button>
        <Button variant="default" onClick={close}>{t.common.cancel}</Button>
      </Group>
    </form>
  );
}
