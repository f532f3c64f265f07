import { Button } from '@mantine/core';
import { IconCoffee, IconGitMerge, IconHandStop } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import type { Row } from '@/bridge/contract';
import { queries } from '@/bridge/queries';
import type { TicketView } from '@/lib/ticketQuery';
import { draftsOf } from '@/state/drafts';
import { useLanguage, useText } from '@/state/language';
import { rememberNeighbours } from '@/state/listMemory';
import { actionLabel, fieldLabel } from '@/lib/i18n';
import { EditLine, workOf } from '@/ui/History';
import { RecordLink } from '@/ui/links';
import { Page, Section } from '@/ui/page';
import { Empty, Loaded } from '@/ui/states';
import { TicketLines } from './TicketLines';
import classes from './work.module.css';

const shownMax = 12;
const decisionsMax = 6;

/** What waits for this person: decisions, own tickets by next due, and what nobody has taken. */
export function WorkScreen() {
  const t = useText();
  const language = useLanguage();
  const mine = useQuery(queries.ticketPage({ view: 'mine', sort: 'due' }, 0, 50));
  const free = useQuery(queries.ticketPage({ view: 'unassigned', sort: 'due' }, 0, shownMax));
  const navigate = useNavigate();
  return (
    <Page title={t.tickets.work.title} count={mine.data?.total.toLocaleString(language)}>
      <div className={classes.columns}>
        <div>
          <Drafts />
          <Decisions />
          <Section title={t.tickets.work.due} hint={t.tickets.work.dueHint} action={<SeeAll view="mine" total={mine.data?.total ?? 0} />}>
            <Loaded query={mine}>
              {({ rows }) => rows.length === 0
                ? <Empty icon={IconCoffee} title={t.tickets.work.nothing} hint={t.tickets.work.nothingHint} action={{ label: t.frame.newTicket, run: () => void navigate({ to: '/tickets/new' }), key: 'c' }} />
                : <TicketLines rows={rows} label={t.tickets.work.due} onOpen={() => { remember(rows); }} keyboard />}
            </Loaded>
          </Section>
          <Section title={t.tickets.work.unassigned} hint={t.tickets.work.unassignedHint} action={<SeeAll view="unassigned" total={free.data?.total ?? 0} />}>
            <Loaded query={free} lines={4}>
              {({ rows }) => rows.length === 0 ? <Empty compact title={t.tickets.work.queueEmpty} /> : <TicketLines rows={rows} label={t.tickets.work.unassigned} onOpen={() => { remember(rows); }} />}
            </Loaded>
          </Section>
        </div>
        <aside className={classes.side}><Recent /></aside>
      </div>
    </Page>
  );
}

function SeeAll({ view, total }: { view: TicketView; total: number }) {
  const t = useText();
  return total === 0 ? null : <Link to="/tickets" search={{ view }}>{t.tickets.work.seeAll(total)}</Link>;
}

function remember(rows: Row[]): void {
  rememberNeighbours({ ids: rows.map((row) => row.id), from: '/my-work' });
}

function Drafts() {
  const t = useText();
  const navigate = useNavigate();
  const open = draftsOf('new-').filter((draft) => draft.key === 'new-incident' || draft.key === 'new-request');
  return open.map((draft) => (
    <div key={draft.key} className={classes.draft}>
      <span>{t.tickets.savedDraft}</span>
      <Button size="compact-xs" variant="light" onClick={() => void navigate({ to: '/tickets/new', search: { kind: draft.key.slice('new-'.length) } })}>{t.tickets.resume}</Button>
    </div>
  ));
}

/** Decisions as lines: what they are about, with the way to where both values stand. */
function Decisions() {
  const t = useText();
  const { data } = useQuery(queries.conflicts(true));
  const conflicts = data?.conflicts ?? [];
  const parked = data?.parked ?? [];
  if (conflicts.length + parked.length === 0) return null;
  const lines = [
    ...conflicts.map((item) => ({ key: `${item.record.id}/${item.field}`, icon: IconGitMerge, record: item.record, words: t.tickets.work.twoValues(fieldLabel(t, item.field, item.label)) })),
    ...parked.map((item) => ({ key: item.edit, icon: IconHandStop, record: item.record, words: t.ticket.parkedTitle(actionLabel(t, item.action)) })),
  ];
  return (
    <Section title={t.tickets.work.decisions} hint={lines.length} action={<Link to="/sync" search={{ tab: 'decisions' }}>{t.frame.short.decide}</Link>}>
      <ul className={classes.lines} aria-label={t.tickets.work.decisions}>
        {lines.slice(0, decisionsMax).map(({ key, icon: Picture, record, words }) => (
          <li key={key} className={classes.decision}>
            <Picture size={16} stroke={1.5} aria-hidden />
            <span className="num muted">{record.number ?? ''}</span>
            <RecordLink record={record} className={classes.decisionTitle ?? ''} />
            <span className={classes.risk}>{words}</span>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Recent() {
  const t = useText();
  const recent = useQuery(queries.recent());
  return (
    <Section title={t.tickets.work.recent}>
      <Loaded query={recent} lines={5}>
        {({ changes }) => (changes ?? []).length === 0 ? <Empty compact title={t.tickets.work.noRecent} /> : (
          <ul className={classes.recent}>{workOf(changes).slice(0, shownMax).map((rows, i) => <EditLine key={`${rows[0]?.edit ?? ''}-${String(i)}`} rows={rows} withRecord />)}</ul>
        )}
      </Loaded>
    </Section>
  );
}
