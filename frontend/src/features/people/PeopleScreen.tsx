import { Button, Tabs, TextInput } from '@mantine/core';
import { IconPlus, IconSearch, IconUsers } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { RecordView, Row } from '@/bridge/contract';
import { queries } from '@/bridge/queries';
import type { Catalogue } from '@/lib/i18n';
import { useText } from '@/state/language';
import { Ago } from '@/ui/Ago';
import { CreateForm } from '@/ui/CreateForm';
import { LongText } from '@/ui/fields/LongText';
import { RecordLink } from '@/ui/links';
import { Initials } from '@/ui/marks';
import { Page } from '@/ui/page';
import { PendingDot } from '@/ui/Pending';
import { fieldNamed, RecordPage } from '@/ui/RecordPage';
import { Empty, Loaded } from '@/ui/states';
import classes from './people.module.css';

export type PeopleKind = 'person' | 'team' | 'site';
export const peopleKinds: readonly PeopleKind[] = ['person', 'team', 'site'];

const newLabel = (t: Catalogue, kind: PeopleKind) => ({ person: t.people.newPerson, team: t.people.newTeam, site: t.people.newSite })[kind];
const emptyLabel = (t: Catalogue, kind: PeopleKind) => ({ person: t.people.emptyPerson, team: t.people.emptyTeam, site: t.people.emptySite })[kind];

const fieldsOf: Record<PeopleKind, readonly string[]> = {
  person: ['title', 'login', 'email', 'phone', 'team', 'roles', 'site', 'active'],
  team: ['title', 'description', 'members'],
  site: ['title', 'code', 'address', 'zone'],
};

/** Who works here, in which teams, at which sites. */
export function PeopleScreen({ kind, onKind }: { kind: PeopleKind; onKind: (kind: PeopleKind) => void }) {
  const t = useText();
  const navigate = useNavigate();
  const [q, setQ] = useState('');
  const list = useQuery(queries.list(kind, { sort: 'title', limit: 200, ...(q === '' ? {} : { q }) }));
  const create = () => void navigate({ to: '/people/$kind/new', params: { kind } });
  return (
    <Page
      title={t.people.title} count={list.data?.total}
      actions={
        <>
          <TextInput aria-label={t.people.filter} placeholder={t.people.filter} value={q} onChange={(e) => { setQ(e.currentTarget.value); }} leftSection={<IconSearch size={14} stroke={1.5} aria-hidden />} />
          <Button variant="default" leftSection={<IconPlus size={14} stroke={1.5} aria-hidden />} onClick={create}>{newLabel(t, kind)}</Button>
        </>
      }
    >
      <Tabs value={kind} onChange={(next) => { onKind(peopleKinds.find((one) => one === next) ?? 'person'); }}>
        <Tabs.List mb="md" aria-label={t.people.list}>{peopleKinds.map((one) => <Tabs.Tab key={one} value={one}>{t.people[one]}</Tabs.Tab>)}</Tabs.List>
        <Tabs.Panel value={kind}>
          <Loaded query={list}>
            {({ rows }) => rows.length === 0 ? (
              q === '' ? <Empty icon={IconUsers} title={emptyLabel(t, kind)} hint={t.people.emptyHint} action={{ label: newLabel(t, kind), run: create }} />
                : <Empty icon={IconUsers} title={t.common.nothingFound} action={{ label: t.common.clear, run: () => { setQ(''); } }} />
            ) : <ul className={classes.list} aria-label={t.people[kind]}>{rows.map((row) => <li key={row.id}><Line row={row} kind={kind} /></li>)}</ul>}
          </Loaded>
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}

function Line({ row, kind }: { row: Row; kind: PeopleKind }) {
  return (
    <Link to="/people/$kind/$id" params={{ kind, id: row.id }} className={classes.line ?? ''}>
      <span className={classes.name}>{kind === 'person' && <Initials name={row.title} />}<span className="ellipsis">{row.title}</span>{row.pending && <PendingDot />}</span>
      <span className="muted ellipsis">{row.team?.title ?? ''}</span>
      <span className={classes.when}><Ago at={row.changedAt} className="muted" /></span>
    </Link>
  );
}

export function PersonScreen({ kind, id }: { kind: PeopleKind; id: string }) {
  const query = useQuery(queries.plain(id));
  return <Loaded query={query}>{(record) => <PersonPage key={id} kind={kind} record={record} />}</Loaded>;
}

function PersonPage({ kind, record }: { kind: PeopleKind; record: RecordView }) {
  const t = useText();
  const properties = record.fields.map((field) => field.name).filter((name) => !['title', 'description', 'number', 'source'].includes(name));
  const description = fieldNamed(record, 'description');
  const open = useQuery({ ...queries.ticketCount({ view: 'open', [kind === 'team' ? 'team' : 'assignee']: [record.id] }), enabled: kind !== 'site' }).data;
  const duplicates = record.duplicateOf ?? [];
  return (
    <RecordPage record={record} back="/people" sideTitle={t.people.properties} properties={properties}>
      {(edits) => (
        <>
          {duplicates.map((one) => <div key={one.id} className={classes.duplicate}>{t.people.duplicate} <RecordLink record={one} /></div>)}
          {description !== undefined && <LongText recordId={record.id} field={description} edits={edits} placeholder={t.ticket.noDescription} />}
          {open !== undefined && <Link to="/tickets" search={{ [kind === 'team' ? 'team' : 'assignee']: [record.id] }}>{t.people.tickets}: <span className="num">{open}</span></Link>}
        </>
      )}
    </RecordPage>
  );
}

export function NewPersonScreen({ kind }: { kind: PeopleKind }) {
  const t = useText();
  const navigate = useNavigate();
  return (
    <Page title={newLabel(t, kind)} narrow>
      <CreateForm
        kind={kind} fields={fieldsOf[kind]} required={kind === 'site' ? ['title', 'code'] : ['title']} missing={t.people.missing} submitLabel={t.people.create} {...(kind === 'site' ? { hint: t.people.newSiteHint } : {})}
        onCreated={(record) => void navigate({ to: '/people/$kind/$id', params: { kind, id: record.id } })} onBack={() => void navigate({ to: '/people', search: kind === 'person' ? {} : { kind } })}
      />
    </Page>
  );
}
