import { ActionIcon, Button } from '@mantine/core';
import { IconArrowLeft } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { type ReactNode, useEffect } from 'react';
import type { FieldState, RecordView } from '@/bridge/contract';
import { nameWindow } from '@/bridge/window';
import { type RecordEdits, useRecordEdits } from '@/state/edits';
import { useText } from '@/state/language';
import { rememberOpened } from '@/state/recent';
import { useShortcuts } from '@/state/shortcuts';
import { Ago } from './Ago';
import { Property } from './fields/Property';
import { TitleField } from './fields/TitleField';
import { History } from './History';
import { numberOf } from './links';
import { NeedsNewer } from './NeedsNewer';
import { PendingDot } from './Pending';
import classes from './RecordPage.module.css';

interface RecordPageProps {
  record: RecordView;
  /** where Escape and the arrow lead */
  back: string;
  /** under the title */
  lead?: ReactNode;
  /** on the right, above the properties */
  side?: ReactNode;
  sideTitle: string;
  /** fields listed on the right, in this order */
  properties: readonly string[];
  children: (edits: RecordEdits) => ReactNode;
}

export function fieldNamed(record: RecordView, name: string): FieldState | undefined {
  return record.fields.find((field) => field.name === name);
}

/** A record as a page: its title and texts on the left, its properties on the right, its history below. */
export function RecordPage({ record, back, lead, side, sideTitle, properties, children }: RecordPageProps) {
  const t = useText();
  const navigate = useNavigate();
  const edits = useRecordEdits(record.id);
  const number = numberOf(record);
  const title = fieldNamed(record, 'title');
  const goBack = () => void navigate({ to: back });
  useShortcuts([{ keys: 'Escape', label: t.shortcuts.back, group: 'everywhere', run: goBack }]);
  useEffect(() => {
    nameWindow(`${record.title} · Holdfast`);
    rememberOpened({ id: record.id, kind: record.kind, title: record.title, number });
  }, [record.id, record.kind, record.title, number]);
  return (
    <div className={classes.page}>
      <div className={classes.top}>
        <ActionIcon aria-label={t.common.back} onClick={goBack}><IconArrowLeft size={18} stroke={1.5} /></ActionIcon>
        <span className="num muted">{number}</span>
        {record.pending > 0 && <PendingDot />}
        {record.archived && <span className="muted">{t.common.archived}</span>}
        <span className={classes.topRight}>
          <span className="faint"><Ago at={record.changedAt} /></span>
          <Button variant="subtle" color="gray" size="compact-sm" onClick={() => void edits.save(record.archived ? 'restore' : 'archive', [{ op: record.archived ? 'restore' : 'archive' }], { final: true })}>
            {record.archived ? t.common.restore : t.common.archive}
          </Button>
        </span>
      </div>
      <div className={classes.columns}>
        <div className={classes.scroll}>
          <article className={classes.main}>
            {title !== undefined && <div><TitleField recordId={record.id} field={title} edits={edits} /></div>}
            <NeedsNewer record={record} />
            {lead}
            {children(edits)}
            <section aria-label={t.ticket.history} className={classes.history}>
              <h2>{t.ticket.history}</h2>
              <History id={record.id} />
            </section>
          </article>
        </div>
        <aside className={classes.side} aria-label={sideTitle}>
          {side}
          <div>
            <h2 className={classes.sideTitle}>{sideTitle}</h2>
            {properties.flatMap((name) => {
              const field = fieldNamed(record, name);
              return field === undefined ? [] : [<Property key={name} recordId={record.id} kind={record.kind} field={field} edits={edits} />];
            })}
          </div>
        </aside>
      </div>
    </div>
  );
}
