import { IconCircleCheck, IconDeviceLaptop, IconPlugConnectedX, IconServer } from '@tabler/icons-react';
import type { Peer, SyncStatus } from '@/bridge/contract';
import { useText } from '@/state/language';
import { Ago } from '@/ui/Ago';
import classes from './peerMap.module.css';

/** Peers beyond this many are in the table only. */
const shownMax = 12;

/** This device and those it shares with, each on a line that is whole while they are connected. The table below says the same in words. */
export function PeerMap({ status }: { status: SyncStatus }) {
  const t = useText();
  const peers = [...(status.peers ?? [])].sort(byNearness).slice(0, shownMax);
  if (peers.length === 0) return null;
  return (
    <figure className={classes.map} aria-label={t.peerMap.title(peers.filter((peer) => peer.connected).length, status.peers.length)}>
      <div className={classes.own}><IconDeviceLaptop size={20} stroke={1.5} aria-hidden /><b>{status.device.name}</b><span className="muted">{t.sync.thisDevice}</span></div>
      <span className={classes.stem} aria-hidden />
      <ul className={classes.peers}>
        {peers.map((peer) => <Line key={peer.device} peer={peer} />)}
      </ul>
    </figure>
  );
}

/** Connected ones first, nodes before desktops. */
export function byNearness(a: Peer, b: Peer): number {
  if (a.connected !== b.connected) return a.connected ? -1 : 1;
  if (a.role !== b.role) return a.role === 'node' ? -1 : 1;
  return a.name.localeCompare(b.name, undefined, { numeric: true });
}

function Line({ peer }: { peer: Peer }) {
  const t = useText();
  const Picture = peer.role === 'node' ? IconServer : IconDeviceLaptop;
  const State = peer.connected ? IconCircleCheck : IconPlugConnectedX;
  return (
    <li className={classes.line} data-connected={peer.connected}>
      <span className={classes.wire} aria-hidden />
      <span className={classes.age}><State size={14} stroke={1.5} aria-hidden /> {peer.lastExchange === null ? t.sync.never : <Ago at={peer.lastExchange} />}</span>
      <span className={classes.wire} aria-hidden />
      <span className={classes.peer}><Picture size={20} stroke={1.5} aria-hidden /><b title={peer.name}>{peer.name}</b></span>
    </li>
  );
}
