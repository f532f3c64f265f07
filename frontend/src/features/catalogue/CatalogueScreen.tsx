import { Button, SegmentedControl, TextInput } from '@mantine/core';
import { IconLayoutGrid, IconPlus, IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import type { Row } from '@/bridge/contract';
import { queries } from '@/bridge/queries';
import { useText } from '@/state/language';
import { choicesOf, useMeta } from '@/state/queries';
import { useShortcuts } from '@/state/shortcuts';
import { PersonName } from '@/ui/marks';
import { Page } from '@/ui/page';
import { PendingDot } from '@/ui/Pending';
import { Empty, Loaded } from '@/ui/states';
import { StateMark } from '@/ui/StateButtons';
import classes from './catalogue.module.css';

/** What people can ask for, as cards. */
export function CatalogueScreen() {
  const t = useText();
  const meta = useMeta();
  const navigate = useNavigate();
  const [stage, setStage] = useState('');
  const [q, setQ] = useState('');
  const box = useRef<HTMLInputElement>(null);
  const list = useQuery(queries.list('service', { sort: 'title', limit: 200, ...(stage === '' ? {} : { stage: [stage] }), ...(q === '' ? {} : { q }) }));
  useShortcuts([{ keys: '/', label: t.catalogue.filter, group: 'list', run: () => box.current?.focus() }]);
  const stages = choicesOf(meta, 'service', 'stage');
  const create = () => void navigate({ to: '/catalogue/new' });
  return (
    <Page
      title={t.catalogue.title} count={list.data?.total}
      tools={<SegmentedControl size="xs" aria-label={t.fields.stage} value={stage} onChange={setStage} data={[{ value: '', label: t.catalogue.all }, ...stages.map((one) => ({ value: one.key, label: t.common.word(one.label) }))]} />}
      actions={
        <>
          <TextInput ref={box} aria-label={t.catalogue.filter} placeholder={t.catalogue.filter} value={q} onChange={(e) => { setQ(e.currentTarget.value); }} leftSection={<IconSearch size={14} stroke={1.5} aria-hidden />} />
          <Button variant="default" leftSection={<IconPlus size={14} stroke={1.5} aria-hidden />} onClick={create}>{t.catalogue.newService}</Button>
        </>
      }
    >
      <Loaded query={list}>
        {({ rows }) => rows.length === 0 ? (
          q !== '' || stage !== '' ? <Empty icon={IconLayoutGrid} title={t.common.nothingFound} action={{ label: t.common.clearFilters, run: () => { setQ(''); setStage(''); } }} />
            : <Empty icon={IconLayoutGrid} title={t.catalogue.empty} hint={t.catalogue.emptyHint} action={{ label: t.catalogue.newService, run: create }} />
        ) : <ul className={classes.cards} aria-label={t.catalogue.title}>{rows.map((row) => <li key={row.id}><Card row={row} /></li>)}</ul>}
      </Loaded>
    </Page>
  );
}

function Card({ row }: { row: Row }) {
  const t = useText();
  return (
    <Link to="/catalogue/$id" params={{ id: row.id }} className={classes.card ?? ''} aria-label={row.title}>
      <span className={classes.cardHead}>
        <b>{row.title}</b>
        {row.pending && <PendingDot />}
        {row.status !== undefined && row.status !== '' && <StateMark state={row.status} label={row.statusLabel ?? row.status} />}
      </span>
      <span className="muted">{row.category === undefined || row.category === '' ? t.common.unset : row.category}</span>
      <span className={classes.cardFoot}>
        {row.owner === null || row.owner === undefined ? <span className="faint">{t.catalogue.noOwner}</span> : <PersonName name={row.owner.title} />}
        <span className="muted ellipsis">{row.team?.title ?? ''}</span>
      </span>
    </Link>
  );
}
