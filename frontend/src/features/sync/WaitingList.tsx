import { IconCircleCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { SyncStatus, WaitingEdit } from '@/bridge/contract';
import { queries } from '@/bridge/queries';
import { actionLabel, type Catalogue, fieldLabel } from '@/lib/i18n';
import { useText } from '@/state/language';
import { Ago } from '@/ui/Ago';
import { RecordLink } from '@/ui/links';
import { MorePart } from '@/ui/Part';
import { PendingDot } from '@/ui/Pending';
import { Empty, Loaded } from '@/ui/states';
import { byLackedRecord, Gone } from './Gone';
import classes from './sync.module.css';

/** Changes that are read at a time, and how many the program lists. */
const step = 100;
const listedMax = 1000;
const fieldsMax = 3;

/** Changes that are saved here and not agreed yet. */
export function WaitingList({ status }: { status: SyncStatus }) {
  const t = useText();
  const [most, setMost] = useState(step);
  const query = useQuery(queries.waiting(most));
  return (
    <Loaded query={query}>
      {({ edits, total }) => (edits ?? []).length === 0 ? <Empty icon={IconCircleCheck} title={t.sync.waitingEmpty} /> : (
        <>
          {byLackedRecord(edits).map((group) => <Gone key={group[0]?.edit} edits={group} behind={edits.filter((one) => one.lacks.length === 0 && group.some((held) => held.edit === one.behind)).length} />)}
          <p className={classes.intro}>{t.sync.waitingIntro} {whyWaiting(t, status)}</p>
          <table className={classes.table} aria-label={t.sync.waiting}>
            <thead><tr><th>{t.waiting.what}</th><th>{t.waiting.record}</th><th>{t.sync.person}</th><th>{t.sync.device}</th><th>{t.waiting.since}</th></tr></thead>
            <tbody>
              {edits.filter((edit) => edit.lacks.length === 0).map((edit) => (
                <tr key={edit.edit}>
                  <td className={classes.brief}><PendingDot /> {actionLabel(t, edit.action)}{edit.action !== 'create' && <span className="muted">{fieldsOf(t, edit)}</span>}</td>
                  <td><RecordLink record={edit.record}>{`${edit.record.number ?? ''} ${edit.record.title}`}</RecordLink>{edit.newer && <div className={classes.warn}>{t.sync.newer}</div>}{edit.behind !== undefined && <div className="muted">{t.waiting.behind}</div>}</td>
                  <td>{edit.by?.title ?? t.common.system}</td>
                  <td className="muted">{edit.device}</td>
                  <td className={`muted ${classes.brief ?? ''}`}><Ago at={edit.at} /></td>
                </tr>
              ))}
            </tbody>
          </table>
          <MorePart part={{ shown: edits, all: total, step, more: () => { setMost((now) => Math.min(now + step, listedMax)); } }} last={most >= listedMax} />
        </>
      )}
    </Loaded>
  );
}

/** The fields in which something was set, to tell two changes of one ticket apart. */
function fieldsOf(t: Catalogue, edit: WaitingEdit): string {
  const names = [...new Set(edit.texts.map((one) => fieldLabel(t, one.field, one.label)))];
  return names.length === 0 ? '' : `: ${names.slice(0, fieldsMax).join(', ')}${names.length > fieldsMax ? '…' : ''}`;
}

function whyWaiting(t: Catalogue, status: SyncStatus): string {
  if (status.state === 'paused') return t.peerMap.why.paused;
  return status.state === 'cut_off' ? t.peerMap.why.cutOff : t.peerMap.why.agreeing;
}
