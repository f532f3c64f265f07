import { IconCircleCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { SyncStatus } from '@/bridge/contract';
import { queries } from '@/bridge/queries';
import { actionLabel, type Catalogue } from '@/lib/i18n';
import { useText } from '@/state/language';
import { Ago } from '@/ui/Ago';
import { RecordLink } from '@/ui/links';
import { PendingDot } from '@/ui/Pending';
import { Empty, Loaded } from '@/ui/states';
import { byLackedRecord, Gone } from './Gone';
import classes from './sync.module.css';

/** Changes that are saved here and not agreed yet. */
export function WaitingList({ status }: { status: SyncStatus }) {
  const t = useText();
  const query = useQuery(queries.waiting());
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
                  <td className={classes.brief}><PendingDot /> {actionLabel(t, edit.action)}</td>
                  <td><RecordLink record={edit.record}>{`${edit.record.number ?? ''} ${edit.record.title}`}</RecordLink>{edit.newer && <div className={classes.warn}>{t.sync.newer}</div>}{edit.behind !== undefined && <div className="muted">{t.waiting.behind}</div>}</td>
                  <td>{edit.by?.title ?? t.common.system}</td>
                  <td className="muted">{edit.device}</td>
                  <td className={`muted ${classes.brief ?? ''}`}><Ago at={edit.at} /></td>
                </tr>
              ))}
            </tbody>
          </table>
          {total > edits.length && <p className="muted">{t.sync.more(total - edits.length)}</p>}
        </>
      )}
    </Loaded>
  );
}

function whyWaiting(t: Catalogue, status: SyncStatus): string {
  if (status.state === 'paused') return t.peerMap.why.paused;
  return status.state === 'cut_off' ? t.peerMap.why.cutOff : t.peerMap.why.agreeing;
}
