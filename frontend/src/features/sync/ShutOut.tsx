import { Button, Checkbox, Group, Modal, Radio, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { type SubmitEvent, useState } from 'react';
import { api } from '@/bridge/api';
import type { Device } from '@/bridge/contract';
import { keys } from '@/bridge/keys';
import { useText } from '@/state/language';
import { toastError } from '@/state/toasts';

/** Asks why and how a device is shut out, and does it. */
export function ShutOut({ device, close }: { device: Device | null; close: () => void }) {
  const t = useText();
  return (
    <Modal opened={device !== null} onClose={close} title={device === null ? '' : t.shutOut.title(device.name)}>
      {device !== null && <Form key={device.id} device={device} close={close} />}
    </Modal>
  );
}

function Form({ device, close }: { device: Device; close: () => void }) {
  const t = useText();
  const client = useQueryClient();
  const [as, setAs] = useState<'left' | 'compromised'>('left');
  const [why, setWhy] = useState('');
  const [wipe, setWipe] = useState(false);
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    api.shutOut(device.id, { as, why: why.trim(), wipe }).then(() => {
      close();
      return client.invalidateQueries({ queryKey: keys.syncAll });
    }, toastError);
  };
  return (
    <form onSubmit={submit}>
      <p className="muted">{t.shutOut.effect}</p>
      <Radio.Group label={t.shutOut.how} value={as} onChange={(value) => { setAs(value === 'compromised' ? value : 'left'); }} mt="sm">
        <Radio value="left" mt="xs" label={t.shutOut.left} description={t.shutOut.leftHint} />
        <Radio value="compromised" mt="xs" label={t.shutOut.compromised} description={t.shutOut.compromisedHint} />
      </Radio.Group>
      <TextInput mt="md" label={t.shutOut.why} description={t.shutOut.whyHint} value={why} maxLength={500} required data-autofocus onChange={(event) => { setWhy(event.currentTarget.value); }} />
      <Checkbox mt="md" label={t.shutOut.wipe} description={t.shutOut.wipeHint} checked={wipe} onChange={(event) => { setWipe(event.currentTarget.checked); }} />
      <Group mt="lg">
        <Button type="submit" color="red" disabled={why.trim() === ''}>{t.shutOut.act}</Button>
        <Button variant="default" onClick={close}>{t.common.cancel}</Button>
      </Group>
    </form>
  );
}
