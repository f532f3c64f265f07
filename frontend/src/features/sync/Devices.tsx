import { Button, Group, Modal, TextInput } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck, IconCrown } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '@/bridge/api';
import type { Device, Member } from '@/bridge/contract';
import { keys } from '@/bridge/keys';
import { queries } from '@/bridge/queries';
import { useText } from '@/state/language';
import { useMay } from '@/state/queries';
import { toastError } from '@/state/toasts';
import { Ago } from '@/ui/Ago';
import { Mark } from '@/ui/marks';
import { MorePart, usePart } from '@/ui/Part';
import { Empty, Loaded } from '@/ui/states';
import { ShutOut } from './ShutOut';
import { MemberAddress, Sites } from './Sites';
import classes from './sync.module.css';

/** Devices at a time, and from how many on they are searched. */
const step = 50;
const searchFrom = 10;

/** Every device that was let in. */
export function Devices({ own }: { own: string }) {
  const t = useText();
  const query = useQuery(queries.devices());
  const may = useMay('device.revoke');
  const manages = useMay('cluster.manage');
  const [placing, setPlacing] = useState<Device | null>(null);
  const [leaving, setLeaving] = useState<Device | null>(null);
  const [typed, setTyped] = useState('');
  const all = query.data?.devices ?? [];
  const found = all.filter((device) => matches(device, typed.trim().toLowerCase()));
  const part = usePart(found, step);
  return (
    <>
      <Loaded query={query}>
        {() => all.length === 0 ? <Empty compact title={t.sync.devicesEmpty} /> : (
          <>
            {all.length >= searchFrom && <TextInput type="search" mb="sm" maw={360} aria-label={t.sync.findDevice} placeholder={t.sync.findDevice} value={typed} onChange={(event) => { setTyped(event.currentTarget.value); }} />}
            {found.length === 0 ? <Empty compact title={t.common.nothingFound} /> : <table className={classes.table} aria-label={t.sync.devices}>
              <thead><tr><th>{t.sync.device}</th><th>{t.sync.person}</th><th>{t.sync.site}</th><th>{t.sync.enrolled}</th><th>{t.sync.lastSeen}</th><th>{t.sync.state}</th><th><span className="srOnly">{t.common.actions}</span></th></tr></thead>
              <tbody>
                {part.shown.map((device) => (
                  <tr key={device.id}>
                    <td><b>{device.name}</b>{device.id === own && <span className="muted"> · {t.sync.thisDevice}</span>}<div className="muted">{device.role === 'node' || device.role === 'desktop' ? t.sync.role[device.role] : device.role}</div></td>
                    <td>{device.person?.title ?? t.common.unset}</td>
                    <td>{device.site ?? t.common.unset}{(device.sites ?? []).length > 0 && <div className="muted">{(device.sites ?? []).join(', ')}</div>}</td>
                    <td><Ago at={device.enrolled} /></td>
                    <td>{device.id === own ? t.common.unset : device.lastSeen === null || device.lastSeen === undefined ? <span className="faint">{t.sync.never}</span> : <Ago at={device.lastSeen} />}</td>
                    <td>{isOut(device) ? <OutMark device={device} /> : device.copied === true ? <CopiedMark device={device} may={may} /> : (device.leftBehind ?? '') !== '' && <div className="muted">{t.shutOut.leftBehind}</div>}</td>
                    <td>{manages && !isOut(device) && <Button size="compact-xs" variant="subtle" color="gray" aria-label={t.standing.openFor(device.name)} onClick={() => { setPlacing(device); }}>{t.standing.open}</Button>}{may && device.id !== own && !isOut(device) && <Button size="compact-xs" variant="subtle" color="gray" aria-label={t.shutOut.openFor(device.name)} onClick={() => { setLeaving(device); }}>{t.shutOut.open}</Button>}</td>
                  </tr>
                ))}
              </tbody>
            </table>}
            <MorePart part={part} />
          </>
        )}
      </Loaded>
      <Sites device={placing} close={() => { setPlacing(null); }} />
      <ShutOut device={leaving} close={() => { setLeaving(null); }} />
    </>
  );
}

function matches(device: Device, words: string): boolean {
  return [device.name, device.person?.title, device.site, ...(device.sites ?? [])].some((text) => text?.toLowerCase().includes(words) === true);
}

const isOut = (device: Device) => device.revoked !== undefined && device.revoked !== '';

/** Says that a device was copied, and lets who may shut devices out say that only one copy is left. */
function CopiedMark({ device, may }: { device: Device; may: boolean }) {
  const t = useText();
  const client = useQueryClient();
  const settle = () => {
    // What was seen is the device's record as it stands, of which only the program knows the edits.
    api.record(device.id).then((record) => {
      const seen = record.fields.find((field) => field.name === 'copied')?.seen ?? [];
      return api.change(record.id, { action: 'settle_copy', changes: [{ op: 'set', field: 'copied', value: false, seen }] });
    }).then(() => client.invalidateQueries({ queryKey: keys.syncAll }), toastError);
  };
  return (
    <>
      <Mark tone="bad" icon={IconAlertTriangle} label={t.shutOut.copied} />
      {may && <div><Button mt={4} size="compact-xs" variant="default" onClick={settle} aria-label={t.shutOut.settleCopyFor(device.name)}>{t.shutOut.settleCopy}</Button></div>}
    </>
  );
}

function OutMark({ device }: { device: Device }) {
  const t = useText();
  return (
    <>
      <Mark tone="bad" icon={IconAlertTriangle} label={device.shutOut === 'compromised' ? t.shutOut.states.compromised : t.shutOut.states.left} />
      <div className="muted">{device.revoked}{device.wipe === true && ` · ${t.shutOut.wiping}`}</div>
    </>
  );
}

/** The nodes that agree on the order of changes. */
export function Members() {
  const t = useText();
  const client = useQueryClient();
  const query = useQuery(queries.members());
  const [leaving, setLeaving] = useState<Member | null>(null);
  const [moving, setMoving] = useState<Member | null>(null);
  const act = (member: Member, what: 'promote' | 'remove') => {
    setLeaving(null);
    api.changeMember(member.id, what).then(() => client.invalidateQueries({ queryKey: keys.syncAll }), toastError);
  };
  return (
    <>
      <Loaded query={query}>
        {({ members, warning, seen }) => (members ?? []).length === 0 ? <Empty compact title={t.sync.membersEmpty} /> : (
          <>
            {warning !== undefined && warning !== '' && <p className={`${classes.warn ?? ''} ${classes.said ?? ''}`}>{t.errors.said('nodes', warning)}</p>}
            {seen === true && <p className={`muted ${classes.said ?? ''}`}>{t.care.seenOnly}</p>}
            <table className={classes.table} aria-label={t.sync.members}>
              <thead><tr><th>{t.sync.member}</th><th>{t.sync.address}</th><th>{t.sync.voter}</th><th>{t.sync.state}</th><th className={classes.number}>{t.sync.lag}</th><th><span className="srOnly">{t.common.actions}</span></th></tr></thead>
              <tbody>{members.map((member) => <MemberRow key={member.id} member={member} fixed={seen === true} promote={() => { act(member, 'promote'); }} move={() => { setMoving(member); }} remove={() => { setLeaving(member); }} />)}</tbody>
            </table>
          </>
        )}
      </Loaded>
      <MemberAddress member={moving} close={() => { setMoving(null); }} />
      <Modal opened={leaving !== null} onClose={() => { setLeaving(null); }} title={t.sync.remove}>
        {leaving !== null && (
          <>
            <p>{t.sync.removeSure(leaving.name)}</p>
            <Group mt="md"><Button color="red" onClick={() => { act(leaving, 'remove'); }}>{t.sync.remove}</Button><Button variant="default" onClick={() => { setLeaving(null); }}>{t.common.cancel}</Button></Group>
          </>
        )}
      </Modal>
    </>
  );
}

function MemberRow({ member, fixed, promote, move, remove }: { member: Member; fixed: boolean; promote: () => void; move: () => void; remove: () => void }) {
  const t = useText();
  return (
    <tr>
      <td><b>{member.name}</b></td>
      <td className="mono muted">{member.address === '' ? t.common.unset : member.address}</td>
      <td>{member.leader ? <Mark tone="accent" icon={IconCrown} label={t.sync.leader} /> : member.voter ? t.sync.voter : t.sync.nonVoter}</td>
      <td>{member.unknown === true ? <span className="faint">{t.common.unset}</span> : member.healthy ? <Mark tone="good" icon={IconCircleCheck} label={t.sync.healthy} /> : <Mark tone="bad" icon={IconAlertTriangle} label={t.sync.unhealthy} />}</td>
      <td className={classes.number}>{member.lag === '' ? t.common.unset : member.lag}</td>
      <td>
        <Group gap={6} wrap="nowrap">
          {!fixed && !member.voter && <Button size="compact-xs" variant="default" onClick={promote} aria-label={`${t.sync.promote}: ${member.name}`}>{t.sync.promote}</Button>}
          {!fixed && !member.leader && <Button size="compact-xs" variant="subtle" color="gray" onClick={move} aria-label={t.standing.addressFor(member.name)}>{t.standing.addressOpen}</Button>}
          {!fixed && !member.leader && <Button size="compact-xs" variant="subtle" color="gray" onClick={remove} aria-label={`${t.sync.remove}: ${member.name}`}>{t.sync.remove}</Button>}
        </Group>
      </td>
    </tr>
  );
}
