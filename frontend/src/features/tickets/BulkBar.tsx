import { Button, Modal, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { type SubmitEvent, useState } from 'react';
import { changeMany, setOn } from '@/state/bulk';
import { useText } from '@/state/language';
import { useMyself } from '@/state/queries';
import { toast } from '@/state/toasts';
import { popUndo } from '@/state/undo';
import { RefInput } from '@/ui/fields/RefInput';
import classes from './list.module.css';

export type BulkDialog = 'assign' | 'tag' | null;

interface BulkProps {
  ids: readonly string[];
  dialog: BulkDialog;
  setDialog: (dialog: BulkDialog) => void;
  clear: () => void;
  /** whether a selection is on the screen; the dialogs work on the active row too */
  bar: boolean;
}

/** What can be done with the selected rows at once. */
export function BulkBar({ ids, dialog, setDialog, clear, bar }: BulkProps) {
  const t = useText();
  const me = useMyself();
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);

  const run = async (work: () => ReturnType<typeof changeMany>) => {
    setDialog(null);
    setBusy(true);
    const { changed, failed } = await work();
    setBusy(false);
    if (changed > 0) toast({ tone: 'good', sentence: t.tickets.bulkDone(changed), action: { label: t.common.undo, run: () => void popUndo()?.undo() } });
    if (failed > 0) toast({ tone: 'bad', sentence: t.tickets.bulkFailed(failed) });
  };
  const assign = (person: string | null) => void run(() => changeMany(client, ids, 'assign', (record) => setOn(record, 'assignee', person)));
  const tag = (word: string) => void run(() => changeMany(client, ids, 'tag', () => ({ op: 'add', field: 'tags', value: word })));

  return (
    <>
      {bar && (
        <div className={classes.bulk} role="toolbar" aria-label={t.common.actions}>
          <strong className="num">{t.common.selected(ids.length)}</strong>
          {me !== null && <Button variant="default" size="compact-sm" loading={busy} onClick={() => { assign(me.id); }}>{t.tickets.bulkTake}</Button>}
          <Button variant="default" size="compact-sm" onClick={() => { setDialog('assign'); }}>{t.tickets.bulkAssign}…</Button>
          <Button variant="default" size="compact-sm" onClick={() => { setDialog('tag'); }}>{t.tickets.bulkTag}…</Button>
          <Button variant="subtle" color="gray" size="compact-sm" onClick={clear}>{t.common.clear}</Button>
        </div>
      )}
      <Modal opened={dialog === 'assign'} onClose={() => { setDialog(null); }} title={t.tickets.bulkPreview(ids.length, t.tickets.bulkAssign)} size="sm">
        <RefInput label={t.tickets.assignee} target="person" value={null} display="" open onChange={(id) => { if (id !== null) assign(id); }} />
      </Modal>
      <Modal opened={dialog === 'tag'} onClose={() => { setDialog(null); }} title={t.tickets.bulkPreview(ids.length, t.tickets.bulkTag)} size="sm">
        <TagForm submit={tag} />
      </Modal>
    </>
  );
}

function TagForm({ submit }: { submit: (word: string) => void }) {
  const t = useText();
  const [word, setWord] = useState('');
  const send = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (word.trim() !== '') submit(word.trim());
  };
  return (
    <form onSubmit={send}>
      <TextInput label={t.tickets.tagName} value={word} onChange={(e) => { setWord(e.currentTarget.value); }} data-autofocus />
      <Button type="submit" mt="sm" disabled={word.trim() === ''}>{t.common.add}</Button>
    </form>
  );
}
