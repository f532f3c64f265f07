import { Button, Select, Tabs, TextInput } from '@mantine/core';
import { IconMapPin, IconPlus, IconSearch, IconUser, IconUsers, type Icon } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { type ReactNode, type RefObject, useRef, useState } from 'react';
import type { Facet } from '@/bridge/contract';
import type { Catalogue } from '@/lib/i18n';
import { useLanguage, useText } from '@/state/language';
import { usePagedList } from '@/state/pages';
import { useMay } from '@/state/queries';
import { useShortcuts } from '@/state/shortcuts';
import { Page } from '@/ui/page';
import { Empty, ErrorState, LoadingLines } from '@/ui/states';
import { PeopleList } from './PeopleList';
import classes from './people.module.css';

export type PeopleKind = 'person' | 'team' | 'site';
export const peopleKinds: readonly PeopleKind[] = ['person', 'team', 'site'];

export const newLabel = (t: Catalogue, kind: PeopleKind): string => ({ person: t.people.newPerson, team: t.people.newTeam, site: t.people.newSite })[kind];
const nothing = (t: Catalogue, kind: PeopleKind): [title: string, hint: string, icon: Icon] => ({
  person: [t.people.emptyPerson, t.people.emptyPersonHint, IconUser] as [string, string, Icon],
  team: [t.people.emptyTeam, t.people.emptyTeamHint, IconUsers] as [string, string, Icon],
  site: [t.people.emptySite, t.people.emptySiteHint, IconMapPin] as [string, string, Icon],
})[kind];

/** Who works here, in which teams, at which sites. */
export function PeopleScreen({ kind, onKind }: { kind: PeopleKind; onKind: (kind: PeopleKind) => void }) {
  const t = useText();
  return (
    <Tabs value={kind} onChange={(next) => { onKind(peopleKinds.find((one) => one === next) ?? 'person'); }} className={classes.tabs ?? ''}>
      <KindList key={kind} kind={kind}>
        <Tabs.List px="md" aria-label={t.people.list}>{peopleKinds.map((one) => <Tabs.Tab key={one} value={one}>{t.people[one]}</Tabs.Tab>)}</Tabs.List>
      </KindList>
    </Tabs>
  );
}

function KindList({ kind, children }: { kind: PeopleKind; children: ReactNode }) {
  const t = useText();
  const language = useLanguage();
  const navigate = useNavigate();
  const [q, setQ] = useState('');
  const [sort, setSort] = useState('title');
  const [filters, setFilters] = useState<Record<string, string[]>>({});
  const [range, setRange] = useState<[number, number]>([0, 40]);
  const searchBox = useRef<HTMLInputElement>(null);
  const list = usePagedList(kind, { sort, ...filters, ...(q.trim() === '' ? {} : { q }) }, range[0], range[1]);
  const may = useMay(`${kind}.edit`);
  const create = () => void navigate({ to: '/people/$kind/new', params: { kind } });
  useShortcuts([{ keys: '/', label: t.shortcuts.search, group: 'list', run: () => { searchBox.current?.focus(); } }]);
  const filtered = q.trim() !== '' || Object.keys(filters).length > 0;
  const clear = () => {
    setQ('');
    setFilters({});
  };
  const [title, hint, icon] = nothing(t, kind);
  return (
    <Page
      title={t.people.title} bare count={list.total?.toLocaleString(language)}
      actions={
        <>
          {kind === 'person' && <FacetSelect label={t.people.role} any={t.people.anyRole} facet={list.facets['roles']} words={t.common.word} value={filters['role']?.[0]} onChange={(key) => { setFilters(withFilter(filters, 'role', key)); }} />}
          {kind === 'person' && <FacetSelect label={t.people.teamColumn} any={t.people.anyTeam} facet={list.facets['team']} value={filters['team']?.[0]} onChange={(key) => { setFilters(withFilter(filters, 'team', key)); }} />}
          <SearchBox q={q} setQ={setQ} box={searchBox} />
          <Button variant="default" leftSection={<IconPlus size={14} stroke={1.5} aria-hidden />} onClick={create} disabled={!may} title={may ? undefined : t.people.notAllowed}>{newLabel(t, kind)}</Button>
        </>
      }
    >
      {children}
      <Tabs.Panel value={kind} className={classes.panel ?? ''}>
        {list.total === undefined && (list.error === null ? <LoadingLines count={8} /> : <ErrorState error={list.error} retry={list.refetch} />)}
        {list.total === 0 && (filtered ? <Empty icon={icon} title={t.common.nothingFound} action={{ label: t.common.clearFilters, run: clear }} /> : <Empty icon={icon} title={title} hint={hint} {...(may ? { action: { label: newLabel(t, kind), run: create } } : {})} />)}
        {list.total !== undefined && list.total > 0 && <PeopleList kind={kind} total={list.total} rowAt={list.rowAt} sort={sort} onSort={setSort} range={range} onRange={setRange} />}
      </Tabs.Panel>
    </Page>
  );
}

function withFilter(filters: Record<string, string[]>, name: string, key: string | null): Record<string, string[]> {
  const rest = Object.fromEntries(Object.entries(filters).filter(([other]) => other !== name));
  return key === null ? rest : { ...rest, [name]: [key] };
}

function SearchBox({ q, setQ, box }: { q: string; setQ: (q: string) => void; box: RefObject<HTMLInputElement | null> }) {
  const t = useText();
  return (
    <TextInput
      ref={box} className={classes.search ?? ''} aria-label={t.people.filter} placeholder={t.people.filter} value={q} type="search" leftSection={<IconSearch size={14} stroke={1.5} aria-hidden />}
      onChange={(e) => { setQ(e.currentTarget.value); }} onKeyDown={(e) => { if (e.key === 'Escape') e.currentTarget.blur(); }}
    />
  );
}

const none = '-';

function FacetSelect({ label, any, facet, words = (name) => name, value, onChange }: { label: string; any: string; facet: Facet[] | undefined; words?: (name: string) => string; value: string | undefined; onChange: (key: string | null) => void }) {
  const t = useText();
  const language = useLanguage();
  const counted = (facet ?? []).map((one) => ({ value: one.key, label: `${one.key === none ? t.common.noValue : words(one.label)} · ${one.count.toLocaleString(language)}` }));
  return <Select className={classes.facet ?? ''} aria-label={label} placeholder={any} data={counted} value={value ?? null} onChange={onChange} clearable searchable nothingFoundMessage={t.common.nothingFound} />;
}
