import { Button, Kbd, SegmentedControl, Textarea } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { api } from '@/bridge/api';
import { newId } from '@/lib/ids';
import { useDraft } from '@/state/drafts';
import { showRecord } from '@/state/edits';
import { useText } from '@/state/language';
import { toastError } from '@/state/toasts';
import classes from './ticket.module.css';

export type ComposerKind = 'reply' | 'note';

interface Draft {
  /** made once for each text, so that sending again after an error says it once */
  item: string;
  text: string;
}

function isDraft(value: unknown): value is Draft {
  return typeof value === 'object' && value !== null && 'item' in value && 'text' in value && typeof value.text === 'string';
}

const nothing: Draft = { item: '', text: '' };

interface ComposerProps {
  id: string;
  kind: ComposerKind;
  onKind: (kind: ComposerKind) => void;
  /** rises when a shortcut asks to write */
  focusSignal: number;
}

/** Where a reply or a note is written. Each keeps its own draft. */
export function Composer({ id, kind, onKind, focusSignal }: ComposerProps) {
  const t = useText();
  const client = useQueryClient();
  const [draft, setDraft, dropDraft] = useDraft<Draft>(`${id}/${kind}`, nothing, isDraft);
  const [busy, setBusy] = useState(false);
  const box = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    if (focusSignal > 0) box.current?.focus();
  }, [focusSignal]);
  const reply = kind === 'reply';
  const send = async () => {
    if (draft.text.trim() === '' || busy) return;
    setBusy(true);
    try {
      const body = { text: draft.text, item: draft.item };
      showRecord(client, await (reply ? api.reply(id, body) : api.note(id, body)));
      dropDraft();
    } catch (error) {
      toastError(error);
    }
    setBusy(false);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      void send();
    } else if (event.key === 'Escape') {
      event.preventDefault();
      event.currentTarget.blur();
    }
  };
  return (
    <section className={classes.composer} data-kind={kind} aria-label={reply ? t.ticket.reply : t.ticket.note}>
      <div className={classes.composerBar}>
        <SegmentedControl
          size="xs" value={kind} onChange={(next) => { onKind(next === 'note' ? 'note' : 'reply'); }} aria-label={`${t.ticket.reply} / ${t.ticket.note}`}
          data={[{ value: 'reply', label: t.ticket.reply }, { value: 'note', label: t.ticket.note }]}
        />
        <span className={classes.composerHint}>{reply ? t.ticket.replyHint : t.ticket.noteHint}</span>
      </div>
      <Textarea
        ref={box} aria-label={reply ? t.ticket.replyPlaceholder : t.ticket.notePlaceholder} placeholder={reply ? t.ticket.replyPlaceholder : t.ticket.notePlaceholder}
        value={draft.text} autosize minRows={3} maxRows={16} onKeyDown={onKeyDown}
        onChange={(e) => { setDraft(e.currentTarget.value === '' ? nothing : { item: draft.item || newId(), text: e.currentTarget.value }); }}
      />
      <div className={classes.composerBar}>
        <Button onClick={() => void send()} loading={busy} disabled={draft.text.trim() === ''}>{reply ? t.ticket.send : t.ticket.addNote}</Button>
        <Kbd>{t.ticket.sendKey}</Kbd>
        <span className={classes.composerHint}>{t.common.markdownHint}</span>
        {draft.text !== '' && <span className={classes.composerHint}>{t.common.draftKept}</span>}
      </div>
    </section>
  );
}
