import { ActionIcon, CopyButton, Tabs, Tooltip } from '@mantine/core';
import { IconArrowLeft, IconChevronDown, IconChevronUp, IconCopy, IconGitMerge } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { nameWindow } from '@/bridge/window';
import type { Ticket } from '@/bridge/contract';
import { queries } from '@/bridge/queries';
import { useRecordEdits } from '@/state/edits';
import { writeDraft } from '@/state/drafts';
import { newId } from '@/lib/ids';
import { useText } from '@/state/language';
import { neighboursOf } from '@/state/listMemory';
import { rememberOpened } from '@/state/recent';
import { type Shortcut, useShortcuts } from '@/state/shortcuts';
import { Ago } from '@/ui/Ago';
import { Attachments } from '@/ui/attachments/Attachments';
import { LongText } from '@/ui/fields/LongText';
import { ParkedCard } from '@/ui/fields/ParkedCard';
import { TitleField } from '@/ui/fields/TitleField';
import { History } from '@/ui/History';
import { numberOf, RecordLink } from '@/ui/links';
import { NeedsNewer } from '@/ui/NeedsNewer';
import { PendingDot } from '@/ui/Pending';
import { Loaded } from '@/ui/states';
import { Composer, type ComposerKind } from './Composer';
import { Conversation } from './Conversation';
import { MoveButton, Whereabouts } from './Moving';
import { Properties } from './Properties';
import classes from './ticket.module.css';

/** What a list asks a ticket to open with. */
export type TicketFocus = 'title' | 'status' | 'assign' | '';

export function TicketScreen({ id, focus }: { id: string; focus: TicketFocus }) {
  const query = useQuery(queries.ticket(id));
  return <Loaded query={query} screen>{(ticket) => <TicketPage key={id} ticket={asLeft(ticket)} focus={focus} />}</Loaded>;
}

/** What stays of a moved ticket has nothing to decide: the values that lost went along as a note. */
function asLeft(ticket: Ticket): Ticket {
  return ticket.status.phase === 'moved' ? { ...ticket, fields: ticket.fields.map((field) => ({ ...field, conflicts: [] })) } : ticket;
}

function TicketPage({ ticket, focus }: { ticket: Ticket; focus: TicketFocus }) {
  const t = useText();
  const edits = useRecordEdits(ticket.id);
  const [writeSignal, setWriteSignal] = useState(0);
  const [kind, setKind] = useState<ComposerKind>('reply');
  const [composerRound, setComposerRound] = useState(0);
  const [statusOpen, setStatusOpen] = useState(focus === 'status');
  const [titleSignal, setTitleSignal] = useState(focus === 'title' ? 1 : 0);
  const [assignSignal, setAssignSignal] = useState(0);
  const number = numberOf(ticket);
  const title = ticket.fields.find((field) => field.name === 'title');
  const description = ticket.fields.find((field) => field.name === 'description');
  const conflicts = ticket.fields.filter((field) => field.conflicts.length > 0).length;

  useEffect(() => {
    nameWindow(`${number} ${ticket.title} · Holdfast`);
    rememberOpened({ id: ticket.id, kind: ticket.kind, title: ticket.title, number });
  }, [ticket.id, ticket.kind, ticket.title, number]);

  const write = (next: ComposerKind) => {
    setKind(next);
    setWriteSignal((n) => n + 1);
  };
  const own = (keys: string, label: string, run: () => void): Shortcut => ({ keys, label, group: 'ticket', run });
  useShortcuts([
    own('r', t.shortcuts.reply, () => { write('reply'); }),
    own('n', t.shortcuts.note, () => { write('note'); }),
    own('e', t.shortcuts.editRow, () => { setTitleSignal((n) => n + 1); }),
    own('a', t.shortcuts.assign, () => { setAssignSignal((n) => n + 1); }),
    own('s', t.shortcuts.status, () => { setStatusOpen(true); }),
  ]);
  const useParkedText = (text: string) => {
    writeDraft(`${ticket.id}/note`, { item: newId(), text });
    setComposerRound((n) => n + 1);
    write('note');
  };

  return (
    <div className={classes.page}>
      <Top ticket={ticket} number={number} conflicts={conflicts} />
      <div className={classes.columns}>
        <div className={classes.scroll}>
          <article className={classes.main}>
            <div>
              {title !== undefined && <TitleField recordId={ticket.id} field={title} edits={edits} openSignal={titleSignal} />}
              <div className={classes.meta}>
                <span>{t.ticket.createdBy(ticket.createdBy?.title ?? t.common.system)}</span>
                <Ago at={ticket.createdAt} />
                {(ticket.duplicateOf ?? []).map((ref) => <span key={ref.id}>{t.ticket.duplicate} <RecordLink record={ref}>{ref.number ?? ref.title}</RecordLink></span>)}
              </div>
            </div>
            <NeedsNewer record={ticket} />
            <Whereabouts ticket={ticket} />
            {(ticket.parked ?? []).map((parked) => <ParkedCard key={parked.edit} parked={parked} dismiss={() => void edits.dismiss(parked.edit)} useText={useParkedText} here />)}
            {description !== undefined && <LongText recordId={ticket.id} field={description} edits={edits} placeholder={t.ticket.noDescription} />}
            <Attachments id={ticket.id} />
            <Tabs defaultValue="conversation">
              <Tabs.List mb="sm">
                <Tabs.Tab value="conversation">{t.ticket.conversation}</Tabs.Tab>
                <Tabs.Tab value="history">{t.ticket.history}</Tabs.Tab>
              </Tabs.List>
              <Tabs.Panel value="conversation"><Conversation id={ticket.id} entries={ticket.conversation ?? []} /></Tabs.Panel>
              <Tabs.Panel value="history"><History id={ticket.id} /></Tabs.Panel>
            </Tabs>
            <Composer key={`${kind}-${String(composerRound)}`} id={ticket.id} kind={kind} onKind={write} focusSignal={writeSignal} />
          </article>
        </div>
        <Properties ticket={ticket} edits={edits} statusOpen={statusOpen} setStatusOpen={setStatusOpen} assignSignal={assignSignal} />
      </div>
    </div>
  );
}

function Top({ ticket, number, conflicts }: { ticket: Ticket; number: string; conflicts: number }) {
  const t = useText();
  const navigate = useNavigate();
  const { ids, from } = neighboursOf();
  const place = ids.indexOf(ticket.id);
  const go = (id: string | undefined) => { if (id !== undefined) void navigate({ to: '/tickets/$id', params: { id } }); };
  const back = () => void navigate({ href: from });
  const [before, after] = [place > 0 ? ids[place - 1] : undefined, place >= 0 ? ids[place + 1] : undefined];
  useShortcuts([
    { keys: 'Escape', label: t.shortcuts.back, group: 'ticket', run: back },
    { keys: 'j', label: t.ticket.next, group: 'ticket', run: () => { go(after); } },
    { keys: 'k', label: t.ticket.previous, group: 'ticket', run: () => { go(before); } },
  ]);
  return (
    <div className={classes.top}>
      <ActionIcon aria-label={t.common.back} onClick={back}><IconArrowLeft size={18} stroke={1.5} /></ActionIcon>
      <Tooltip label={t.ticket.provisionalHint} disabled={ticket.number !== null}>
        <span className={`${classes.number ?? ''} ${ticket.number === null ? 'muted' : ''}`}>{number}</span>
      </Tooltip>
      {ticket.pending > 0 && <PendingDot />}
      <CopyButton value={number}>
        {({ copied, copy }) => (
          <Tooltip label={copied ? t.common.copied : t.ticket.copyLink}>
            <ActionIcon aria-label={t.ticket.copyLink} onClick={copy} size={24}><IconCopy size={15} stroke={1.5} /></ActionIcon>
          </Tooltip>
        )}
      </CopyButton>
      {ticket.archived && <span className="muted">{t.common.archived}</span>}
      {conflicts > 0 && <span className={classes.warn}><IconGitMerge size={16} stroke={1.5} aria-hidden />{t.ticket.conflictCount(conflicts)}</span>}
      <span className={classes.topActions}>
        <MoveButton ticket={ticket} />
        {place >= 0 && <span className="muted num">{place + 1} / {ids.length}</span>}
        <ActionIcon aria-label={t.ticket.previous} disabled={before === undefined} onClick={() => { go(before); }}><IconChevronUp size={18} stroke={1.5} /></ActionIcon>
        <ActionIcon aria-label={t.ticket.next} disabled={after === undefined} onClick={() => { go(after); }}><IconChevronDown size={18} stroke={1.5} /></ActionIcon>
      </span>
    </div>
  );
}
