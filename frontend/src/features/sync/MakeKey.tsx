import { Button, Checkbox, Group, Modal } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '@/bridge/api';
import { keys } from '@/bridge/keys';
import { useText } from '@/state/language';
import { toastError } from '@/state/toasts';
import { Secret } from '@/ui/Secret';

/** Makes the recovery key of the site and shows it, the only time, until it is said to be written down. */
export function MakeKey({ opened, again, close }: { opened: boolean; again: boolean; close: () => void }) {
  const t = useText();
  const client = useQueryClient();
  const [key, setKey] = useState('');
  const [busy, setBusy] = useState(false);
  const [written, setWritten] = useState(false);
  const make = () => {
    setBusy(true);
    api.makeRecoveryKey().then((made) => {
      setWritten(false);
      setKey(made.key);
      return client.invalidateQueries({ queryKey: keys.care });
    }, toastError).finally(() => { setBusy(false); });
  };
  const done = () => {
    setKey('');
    close();
  };
  const shown = key !== '';
  return (
    <Modal opened={opened} onClose={done} title={shown ? t.care.keyTitle : t.care.makeKey} closeOnEscape={!shown} closeOnClickOutside={!shown} withCloseButton={!shown} size="lg">
      <p className="muted">{t.care.keyWhy}</p>
      {shown ? (
        <>
          <Secret label={t.care.key} value={key} />
          <p className="muted">{t.care.keyKeep}</p>
          <Checkbox mt="md" label={t.care.written} checked={written} onChange={(event) => { setWritten(event.currentTarget.checked); }} data-autofocus />
          <Group mt="lg"><Button onClick={done} disabled={!written}>{t.care.keyDone}</Button></Group>
        </>
      ) : (
        <>
          {again && <p>{t.care.newKeySure}</p>}
          <Group mt="lg"><Button onClick={make} loading={busy} data-autofocus>{again ? t.care.newKey : t.care.makeKey}</Button><Button variant="default" onClick={close}>{t.common.cancel}</Button></Group>
        </>
      )}
    </Modal>
  );
}
