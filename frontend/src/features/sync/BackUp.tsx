import { Button, Group, Modal, TextInput } from '@mantine/core';
import { IconCircleCheck } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { type SubmitEvent, useState } from 'react';
import { api } from '@/bridge/api';
import type { Backup } from '@/bridge/contract.care';
import { keys } from '@/bridge/keys';
import { chooseFile, inWindow } from '@/bridge/window';
import { fileSize } from '@/lib/fileSize';
import { useLanguage, useText } from '@/state/language';
import { toastError } from '@/state/toasts';
import { Mark } from '@/ui/marks';

interface BackUpProps {
  opened: boolean;
  /** where it may go */
  file: string;
  keyMissing: boolean;
  close: () => void;
  makeKey: () => void;
}

/** Writes a proven backup where the person says. */
export function BackUp({ opened, file, keyMissing, close, makeKey }: BackUpProps) {
  const t = useText();
  return (
    <Modal opened={opened} onClose={close} title={t.care.backupTitle}>
      {opened && (keyMissing ? (
        <>
          <p>{t.care.keyFirst}</p>
          <Group mt="lg"><Button onClick={makeKey} data-autofocus>{t.care.makeKey}</Button><Button variant="default" onClick={close}>{t.common.cancel}</Button></Group>
        </>
      ) : <Form first={file} close={close} />)}
    </Modal>
  );
}

function Form({ first, close }: { first: string; close: () => void }) {
  const t = useText();
  const language = useLanguage();
  const client = useQueryClient();
  const [file, setFile] = useState(first);
  const [busy, setBusy] = useState(false);
  const [made, setMade] = useState<Backup | null>(null);
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    setBusy(true);
    api.backUp(file.trim()).then((backup) => {
      setMade(backup);
      return client.invalidateQueries({ queryKey: keys.care });
    }, toastError).finally(() => { setBusy(false); });
  };
  const choose = () => {
    const name = file.split(/[\\/]/).at(-1) ?? '';
    chooseFile({ title: t.care.backupTitle, name, kind: t.care.kind, extensions: ['age'] }).then((path) => { if (path !== null) setFile(path); }, toastError);
  };
  if (made !== null) {
    return (
      <div role="status">
        <Mark tone="good" icon={IconCircleCheck} label={t.care.done(fileSize(made.bytes, language), made.files)} wrap />
        <p className="muted mono" style={{ overflowWrap: 'anywhere' }}>{made.file}</p>
        <Group mt="lg"><Button onClick={close} data-autofocus>{t.care.keyDone}</Button></Group>
      </div>
    );
  }
  return (
    <form onSubmit={submit}>
      <p className="muted">{t.care.backupWhy}</p>
      <TextInput mt="md" label={t.care.file} description={t.care.fileHint} value={file} onChange={(event) => { setFile(event.currentTarget.value); }} required withAsterisk={false} disabled={busy} data-autofocus spellCheck={false} />
      {inWindow() && <Button mt={6} size="compact-sm" variant="subtle" onClick={choose} disabled={busy}>{t.care.choose}</Button>}
      {busy && <p className="muted" role="status">{t.care.working}</p>}
      <Group mt="lg"><Button type="submit" loading={busy} disabled={file.trim() === ''}>{t.care.start}</Button><Button variant="default" onClick={close}>{t.common.cancel}</Button></Group>
    </form>
  );
}
