import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import type { Care as CareFacts, Members } from '@/bridge/contract.care';
import { queries } from '@/bridge/queries';
import { useText } from '@/state/language';
import { Ago } from '@/ui/Ago';
import { RecordLink } from '@/ui/links';
import { Section } from '@/ui/page';
import { Loaded } from '@/ui/states';
import { BackUp } from './BackUp';
import classes from './care.module.css';
import { Faults } from './Faults';
import { MakeKey } from './MakeKey';

export type CareOpen = 'backup' | 'key' | null;

interface CareProps {
  go: (tab: 'waiting' | 'members' | 'invites' | 'devices' | 'decisions') => void;
  /** stands between what needs somebody and what would bring the site back */
  children?: ReactNode;
}

/** What about this device and its site needs somebody, and what would bring the site back. */
export function Care({ go, children }: CareProps) {
  const t = useText();
  const care = useQuery(queries.care());
  const members = useQuery(queries.members());
  const [open, setOpen] = useState<CareOpen>(null);
  return (
    <>
      <Faults checks={care.data?.checks ?? []} mayManage={care.data?.mayManage ?? false} makesKeys={care.data?.makesKeys ?? false} go={go} open={setOpen} lookAgain={() => void care.refetch()} />
      {children}
      <Section title={t.care.title} hint={t.care.hint}>
        <Loaded query={care} lines={4}>
          {(facts) => (
            <dl className={classes.facts}>
              <Fact name={t.care.nodes} action={<Button variant="default" size="compact-sm" onClick={() => { go('members'); }}>{t.care.seeNodes}</Button>}><Nodes members={members.data} /></Fact>
              <Fact name={t.care.reformed}><Reformed recoveries={facts.recoveries} /></Fact>
              <Fact name={t.care.key} action={facts.makesKeys && facts.mayManage && <Button variant="default" size="compact-sm" onClick={() => { setOpen('key'); }}>{facts.recoveryKey === null ? t.care.makeKey : t.care.newKey}</Button>}>
                {facts.recoveryKey === null ? t.care.noKey : <>{t.care.keyMade} <Ago at={facts.recoveryKey} /></>}
                {!facts.makesKeys && <span className="muted"> · {t.care.keyElsewhere}</span>}
              </Fact>
              <Fact name={t.care.backup} action={facts.mayManage && <Button variant="default" size="compact-sm" onClick={() => { setOpen('backup'); }}>{t.care.backUp}</Button>}><LastBackup facts={facts} /></Fact>
            </dl>
          )}
        </Loaded>
      </Section>
      <Renumbered />
      {care.data !== undefined && <BackUp opened={open === 'backup'} file={care.data.backupFile} keyMissing={care.data.recoveryKey === null} close={() => { setOpen(null); }} makeKey={() => { setOpen('key'); }} />}
      <MakeKey opened={open === 'key'} again={care.data?.recoveryKey !== null} close={() => { setOpen(null); }} />
    </>
  );
}

function Fact({ name, action, children }: { name: string; action?: ReactNode; children: ReactNode }) {
  return <div className={classes.fact}><dt>{name}</dt><dd>{children}</dd><dd className={classes.act}>{action}</dd></div>;
}

function Nodes({ members }: { members: Members | undefined }) {
  const t = useText();
  const all = members?.members ?? [];
  if (members === undefined) return null;
  if (all.length === 0) return <>{t.care.alone}</>;
  const leader = all.find((one) => one.leader)?.name;
  return (
    <>
      {t.care.answer(all.filter((one) => one.healthy || one.unknown === true).length, all.length)}
      {members.seen === true ? <span className="muted"> · {t.care.seenOnly}</span> : <> · {leader === undefined ? t.care.noLeader : t.care.leads(leader)}</>}
    </>
  );
}

function Reformed({ recoveries }: { recoveries: CareFacts['recoveries'] }) {
  const t = useText();
  const last = recoveries.at(-1);
  if (last === undefined) return <span className="muted">{t.care.never}</span>;
  return <>{t.care.times(recoveries.length)}, {t.care.lastOn} <Ago at={last.at} />{last.device !== '' && ` ${t.care.from(last.device)}`}</>;
}

function LastBackup({ facts }: { facts: CareFacts }) {
  const t = useText();
  if (facts.backup === undefined || facts.backup === null) return <>{facts.node ? t.care.noBackup : <span className="muted">{t.care.otherDevices}</span>}</>;
  return <><Ago at={facts.backup.at} /> <span className={`muted mono ${classes.file ?? ''}`}>{facts.backup.file}</span></>;
}

/** Records whose number changed when the site was begun anew, for those who promised somebody the old one. */
function Renumbered() {
  const t = useText();
  const query = useQuery(queries.renumbered());
  const records = query.data?.records ?? [];
  if (records.length === 0) return null;
  return (
    <Section title={t.care.renumbered} hint={t.care.renumberedHint(records.length)}>
      <div className={classes.long}>
        <table className={classes.table} aria-label={t.care.renumbered}>
          <thead><tr><th>{t.care.was}</th><th>{t.care.now}</th><th>{t.care.about}</th></tr></thead>
          <tbody>
            {records.map(({ record, former }) => (
              <tr key={record.id}><td className="num">{former.join(', ')}</td><td className="num"><RecordLink record={record}>{record.number ?? record.title}</RecordLink></td><td>{record.title}</td></tr>
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}
