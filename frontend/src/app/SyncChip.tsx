import { Button, Popover, Switch, UnstyledButton } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck, IconCloudOff, IconGitMerge, IconPlugConnectedX, IconRefresh, IconUpload, type Icon } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { SyncStatus } from '@/bridge/contract';
import { queries } from '@/bridge/queries';
import type { Catalogue } from '@/lib/i18n';
import { useStore } from '@/lib/store';
import { clockTime, parseInstant } from '@/lib/time';
import { useNow } from '@/state/clock';
import { connected } from '@/state/connection';
import { useLanguage, useText } from '@/state/language';
import classes from './frame.module.css';
import { useToggleOffline } from './useOffline';

type ChipTone = 'quiet' | 'risk' | 'bad';

export interface ChipLook {
  tone: ChipTone;
  icon: Icon;
  words: string;
}

/** What the chip says: first what people must act on, then whether others see their work. */
export function chipLook(t: Catalogue, status: SyncStatus | undefined, answering: boolean, since: string): ChipLook {
  if (!answering) return { tone: 'bad', icon: IconPlugConnectedX, words: t.frame.chip.unreachable };
  if (status === undefined) return { tone: 'quiet', icon: IconRefresh, words: t.frame.chip.unknown };
  if (status.decisions > 0) return { tone: 'risk', icon: IconGitMerge, words: t.frame.chip.decisions(status.decisions) };
  switch (status.state) {
    case 'cut_off':
      return { tone: 'risk', icon: IconAlertTriangle, words: since === '' ? t.frame.chip.cut_off : t.frame.chip.cutOffSince(since) };
    case 'paused':
      return { tone: 'quiet', icon: IconCloudOff, words: pausedWords(t, status.waiting, since) };
    case 'waiting':
      return { tone: 'quiet', icon: IconUpload, words: t.frame.chip.waiting(status.waiting) };
    case 'sharing':
      return { tone: 'quiet', icon: IconRefresh, words: t.frame.chip.sharing };
    case 'up_to_date':
      return { tone: 'quiet', icon: IconCircleCheck, words: t.frame.chip.up_to_date };
  }
}

function pausedWords(t: Catalogue, waiting: number, since: string): string {
  const offline = since === '' ? t.frame.chip.paused : t.frame.chip.pausedSince(since);
  return waiting > 0 ? `${offline} · ${t.frame.chip.waiting(waiting)}` : offline;
}

/** How sharing goes, everywhere in the corner; a click shows the short form of the Sync screen. */
export function SyncChip() {
  const t = useText();
  const language = useLanguage();
  const now = useNow();
  const { data } = useQuery(queries.sync());
  const answering = useStore(connected);
  const [open, setOpen] = useState(false);
  const since = parseInstant(data?.since);
  const look = chipLook(t, data, answering, since === null ? '' : clockTime(since, now, language));
  const Picture = look.icon;
  return (
    <Popover opened={open} onChange={setOpen} position="bottom-end" width={320} trapFocus returnFocus>
      <Popover.Target>
        <UnstyledButton className={classes.chip ?? ''} data-tone={look.tone} aria-label={t.frame.chip.label(look.words)} onClick={() => { setOpen(!open); }}>
          <Picture size={16} stroke={1.5} aria-hidden />
          <span>{look.words}</span>
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown p="md">{data !== undefined && <Short status={data} close={() => { setOpen(false); }} />}</Popover.Dropdown>
    </Popover>
  );
}

function Short({ status, close }: { status: SyncStatus; close: () => void }) {
  const t = useText();
  const navigate = useNavigate();
  const toggle = useToggleOffline();
  const reachable = (status.peers ?? []).filter((peer) => peer.connected).map((peer) => peer.name);
  const go = (tab: string) => {
    close();
    void navigate({ to: '/sync', search: tab === '' ? {} : { tab } });
  };
  return (
    <div className={classes.short} role="group" aria-label={t.frame.short.title}>
      <p>{t.errors.said(status.state, status.sentence)}</p>
      <dl>
        <dt>{t.frame.short.waiting}</dt><dd>{status.waiting}</dd>
        <dt>{t.frame.short.decisions}</dt><dd>{status.decisions}</dd>
        <dt>{t.frame.short.peers}</dt><dd>{reachable.length === 0 ? t.frame.short.nobody : reachable.join(', ')}</dd>
      </dl>
      <Switch label={t.frame.short.workOffline} checked={status.state === 'paused'} onChange={toggle} />
      <div style={{ display: 'flex', gap: 8 }}>
        {status.decisions > 0 && <Button onClick={() => { go('decisions'); }}>{t.frame.short.decide}</Button>}
        <Button variant="default" onClick={() => { go(''); }}>{t.frame.short.open}</Button>
      </div>
    </div>
  );
}
