import { Switch } from '@mantine/core';
import { IconCircleCheck } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '@/bridge/api';
import type { ConflictItem, HeldValue, Parked, Ref } from '@/bridge/contract';
import { keys } from '@/bridge/keys';
import { queries } from '@/bridge/queries';
import { fieldLabel } from '@/lib/i18n';
import { settleChange } from '@/state/changes';
import { useRecordEdits } from '@/state/edits';
import { useText } from '@/state/language';
import { toastError } from '@/state/toasts';
import { ConflictCard, sideOf } from '@/ui/fields/ConflictCard';
import { ParkedCard } from '@/ui/fields/ParkedCard';
import { RecordLink } from '@/ui/links';
import { MorePart, usePart } from '@/ui/Part';
import { Empty, Loaded } from '@/ui/states';
import classes from './sync.module.css';

/** Cards at first: each may hold long texts to be merged. */
const cardsStep = 20;

/** Every conflict with its values side by side, and every change that could not be applied. */
export function Decisions() {
  const t = useText();
  const [mine, setMine] = useState(false);
  const query = useQuery(queries.conflicts(mine));
  const part = usePart<ConflictItem | Parked>([...(query.data?.conflicts ?? []), ...(query.data?.parked ?? [])], cardsStep);
  const nothing = part.all === 0;
  return (
    <>
      {!nothing && <p className={classes.intro}>{t.sync.decisionsIntro}</p>}
      {(mine || !nothing) && <Switch label={t.sync.onlyMine} checked={mine} onChange={(e) => { setMine(e.currentTarget.checked); }} mb="md" />}
      <Loaded query={query}>
        {() => nothing ? <Empty icon={IconCircleCheck} title={t.sync.decisionsEmpty} /> : (
          <>
            <div className={classes.cards}>{part.shown.map((item) => ('reason' in item ? <ParkedItem key={item.edit} item={item} /> : <Conflict key={`${item.record.id}/${item.field}`} item={item} />))}</div>
            <MorePart part={part} />
          </>
        )}
      </Loaded>
    </>
  );
}

function Named({ record }: { record: Ref }) {
  if (record.kind === '') return null;
  return <RecordLink record={record}>{`${record.number ?? ''} ${record.title}`.trim()}</RecordLink>;
}

function Conflict({ item }: { item: ConflictItem }) {
  const t = useText();
  const edits = useRecordEdits(item.record.id);
  const side = (held: HeldValue) => sideOf(held, t.common.unknownPerson, item.type === 'choice' ? t.common.word : undefined);
  const field = { name: item.field, rule: item.rule ?? 'register', value: item.shown.value };
  return (
    <article aria-label={item.record.title} className={item.rule === 'text' ? classes.wide : undefined}>
      <Named record={item.record} />
      <ConflictCard
        text={item.rule === 'text'} label={fieldLabel(t, item.field, item.label)} shown={side(item.shown)} others={(item.others ?? []).map(side)}
        settle={(value, display) => void edits.save('settle', [settleChange(field, item.seen, value)], { final: true, display })}
      />
    </article>
  );
}

function ParkedItem({ item }: { item: Parked }) {
  const client = useQueryClient();
  // Of a record that is not there nothing can be changed; what was to change it is given up.
  const forget = (edit: string) => { api.giveUp([edit]).then(() => client.invalidateQueries({ queryKey: keys.allConflicts }), toastError); };
  const edits = useRecordEdits(item.record.id);
  return (
    <article aria-label={item.record.title}>
      <Named record={item.record} />
      <ParkedCard parked={item} dismiss={() => { if (item.record.kind === '') forget(item.edit); else void edits.dismiss(item.edit); }} />
    </article>
  );
}
