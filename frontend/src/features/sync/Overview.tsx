import { Button } from '@mantine/core';
import { IconCircleCheck, IconCircleDashed, IconPlugConnected, IconPlugConnectedX } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { api } from '@/bridge/api';
import type { Peer, SyncStatus } from '@/bridge/contract';
import { keys } from '@/bridge/keys';
import { useText } from '@/state/language';
import { toastError } from '@/state/toasts';
import { Ago } from '@/ui/Ago';
import { Mark } from '@/ui/marks';
import { Section } from '@/ui/page';
import { MorePart, usePart } from '@/ui/Part';
import { Empty } from '@/ui/states';
import { Bundles } from './Bundles';
import { Care } from './Care';
import { byNearness, PeerMap } from './PeerMap';
import classes from './sync.module.css';

/** Peers in the table at first. */
const peersStep = 25;

/** Peers with what they hold, and the figures that administrators compare. */
export function Overview({ status, go }: { status: SyncStatus; go: (tab: 'waiting' | 'members' | 'invites' | 'devices' | 'decisions') => void }) {
  const t = useText();
  const peers = [...(status.peers ?? [])].sort(byNearness);
  const part = usePart(peers, peersStep);
  return (
    <>
      <Care go={go}>
        <Section title={t.sync.peers}>
          <PeerMap status={status} />
          {peers.length === 0 ? <Empty title={t.sync.noPeers} icon={IconPlugConnected} action={{ label: t.sync.inviteDevice, run: () => { go('invites'); } }} /> : (
            <>
              <table className={classes.table} aria-label={t.sync.peers}>
                <thead><tr><th>{t.sync.device}</th><th>{t.sync.state}</th><th>{t.sync.lastExchange}</th><th>{t.sync.holds}</th><th>{t.sync.address}</th></tr></thead>
                <tbody>{part.shown.map((peer) => <PeerRow key={peer.device} peer={peer} paused={status.state === 'paused'} />)}</tbody>
              </table>
              <MorePart part={part} />
            </>
          )}
        </Section>
      </Care>
      <Bundles own={status.device.id} />
      <details className={classes.details}>
        <summary>{t.sync.spaces}</summary>
        <p className="muted">{t.sync.thisDevice}: {status.device.name} · {status.device.site} · <span className={classes.hash}>{status.device.id}</span> · {status.cluster.name}</p>
        <table className={classes.table}>
          <thead><tr><th>{t.sync.space}</th><th className={classes.number}>{t.sync.generation}</th><th className={classes.number}>{t.sync.commit}</th><th>{t.sync.digest}</th><th className={classes.number}>{t.sync.pendingCount}</th></tr></thead>
          <tbody>
            {(status.spaces ?? []).map((space) => (
              <tr key={space.space}><td>{space.space}</td><td className={classes.number}>{space.generation}</td><td className={classes.number}>{space.commit}</td><td><span className={classes.hash} title={space.digest}>{space.digest}</span></td><td className={classes.number}>{space.pending}</td></tr>
            ))}
          </tbody>
        </table>
      </details>
    </>
  );
}

function PeerRow({ peer, paused }: { peer: Peer; paused: boolean }) {
  const t = useText();
  const client = useQueryClient();
  const tryNow = () => {
    api.resume().then((next) => { client.setQueryData(keys.sync, next); }, toastError);
  };
  const role = peer.role === 'node' || peer.role === 'desktop' ? t.sync.role[peer.role] : t.sync.role.other;
  return (
    <tr>
      <td><b>{peer.name}</b><div className="muted">{role}{peer.person === undefined || peer.person === null ? '' : ` · ${peer.person.title}`}</div></td>
      <td>
        {peer.connected ? <Mark tone="good" icon={IconCircleCheck} label={t.sync.connected} /> : <Mark tone="idle" icon={IconPlugConnectedX} label={t.sync.notConnected} />}
        {peer.error !== undefined && peer.error !== null && <div className="muted">{t.errors.said(peer.error.code, peer.error.sentence)} <span className="faint mono">{t.errors.code(peer.error.code)}</span></div>}
        {!peer.connected && !paused && <div><Button mt={4} size="compact-xs" variant="default" onClick={tryNow} aria-label={t.peerMap.tryNowFor(peer.name)}>{t.peerMap.tryNow}</Button></div>}
      </td>
      <td>{peer.lastExchange === null ? <span className="faint">{t.sync.never}</span> : <Ago at={peer.lastExchange} />}</td>
      <td>{peer.covered ? <Mark tone="good" icon={IconCircleCheck} label={t.sync.covered} /> : peer.connected ? <Mark tone="idle" icon={IconCircleDashed} label={t.sync.notCovered} /> : <span className="faint">{t.sync.unknownHeld}</span>}</td>
      <td className="mono muted">{peer.address}</td>
    </tr>
  );
}
