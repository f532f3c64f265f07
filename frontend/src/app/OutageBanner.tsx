import { CloseButton } from '@mantine/core';
import { IconPlugConnectedX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useLocation } from '@tanstack/react-router';
import { useState } from 'react';
import { queries } from '@/bridge/queries';
import { clockTime, parseInstant } from '@/lib/time';
import { useNow } from '@/state/clock';
import { useLanguage, useText } from '@/state/language';
import classes from './frame.module.css';

/** What people must do differently while this device is cut off: who is reachable, what waits, what cannot be decided. */
export function OutageBanner() {
  const t = useText();
  const language = useLanguage();
  const now = useNow();
  const { data } = useQuery(queries.sync());
  const [hidden, setHidden] = useState('');
  const key = data?.since ?? 'unknown';
  // The Sync screen says it all in its headline.
  const here = useLocation({ select: (location) => location.pathname });
  if (data === undefined || data.state !== 'cut_off' || hidden === key || here === '/sync') return null;
  const since = parseInstant(data.since);
  const names = (data.peers ?? []).filter((peer) => peer.connected).map((peer) => peer.name);
  const words = [
    since === null ? t.frame.outage.sinceUnknown : t.frame.outage.since(clockTime(since, now, language)),
    names.length === 0 ? t.frame.outage.nobody : t.frame.outage.reachable(names.join(', ')),
    ...(data.waiting > 0 ? [t.frame.outage.waiting(data.waiting)] : []),
    t.frame.outage.undecided,
  ];
  return (
    <section className={classes.outage} aria-label={t.frame.outage.title}>
      <IconPlugConnectedX size={16} stroke={1.5} aria-hidden />
      <span>{data.shutOut === true ? t.errors.said(data.state, data.sentence) : words.join(' ')}</span>
      <Link to="/sync">{t.frame.outage.more}</Link>
      <CloseButton size="sm" aria-label={t.frame.outage.hide} onClick={() => { setHidden(key); }} />
    </section>
  );
}
