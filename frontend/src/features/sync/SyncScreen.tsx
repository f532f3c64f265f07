import { Button, Switch, Tabs } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { api } from '@/bridge/api';
import type { SyncStatus } from '@/bridge/contract';
import { keys } from '@/bridge/keys';
import { queries } from '@/bridge/queries';
import { useText } from '@/state/language';
import { toastError } from '@/state/toasts';
import { Page } from '@/ui/page';
import { Loaded } from '@/ui/states';
import { Decisions } from './Decisions';
import { Devices, Members } from './Devices';
import { Invites } from './Invites';
import { Overview } from './Overview';
import classes from './sync.module.css';
import { WaitingList } from './WaitingList';

const tabs = ['overview', 'waiting', 'decisions', 'devices', 'members', 'invites'] as const;
export type SyncTab = (typeof tabs)[number];

export function readSyncTab(text: string): SyncTab {
  return tabs.find((tab) => tab === text) ?? 'overview';
}

/** How sharing goes, with whom, and what waits for whom. */
export function SyncScreen({ tab, onTab }: { tab: SyncTab; onTab: (tab: SyncTab) => void }) {
  const t = useText();
  const query = useQuery(queries.sync());
  const counts: Partial<Record<SyncTab, number>> = { waiting: query.data?.waiting ?? 0, decisions: query.data?.decisions ?? 0 };
  return (
    <Page title={t.sync.title}>
      <Loaded query={query}>
        {(status) => (
          <>
            <Sentence status={status} decide={tab === 'decisions' ? undefined : () => { onTab('decisions'); }} />
            <Tabs value={tab} onChange={(next) => { onTab(readSyncTab(next ?? '')); }}>
              <Tabs.List mb="md" aria-label={t.sync.tabs}>
                {tabs.map((one) => <Tabs.Tab key={one} value={one}>{t.sync[one]}{(counts[one] ?? 0) > 0 ? ` (${String(counts[one])})` : ''}</Tabs.Tab>)}
              </Tabs.List>
              <Tabs.Panel value="overview"><Overview status={status} go={onTab} /></Tabs.Panel>
              <Tabs.Panel value="waiting"><WaitingList status={status} /></Tabs.Panel>
              <Tabs.Panel value="decisions"><Decisions /></Tabs.Panel>
              <Tabs.Panel value="devices"><Devices own={status.device.id} /></Tabs.Panel>
              <Tabs.Panel value="members"><Members /></Tabs.Panel>
              <Tabs.Panel value="invites"><Invites /></Tabs.Panel>
            </Tabs>
          </>
        )}
      </Loaded>
    </Page>
  );
}

/** How it stands, and the way to what waits for a person unless that is shown already. */
function Sentence({ status, decide }: { status: SyncStatus; decide: (() => void) | undefined }) {
  const t = useText();
  const client = useQueryClient();
  const paused = status.state === 'paused';
  const toggle = () => {
    (paused ? api.resume() : api.pause()).then((next) => { client.setQueryData(keys.sync, next); }, toastError);
  };
  return (
    <div className={classes.sentence} data-tone={status.state === 'cut_off' ? 'risk' : 'calm'}>
      <div>
        <p className={classes.state} role="status">{t.errors.said(status.state, status.sentence)}</p>
        {status.decisions > 0 && decide !== undefined && <Button size="compact-sm" mt={4} onClick={decide}>{t.frame.short.decide}</Button>}
        {status.embedded && (status.peers ?? []).length === 0 && <p className="muted">{t.sync.embeddedHint}</p>}
        {status.clock.suspicious && <p className={classes.warn}>{t.sync.clock}: {status.clock.sentence}</p>}
      </div>
      <Switch label={t.sync.workOffline} description={t.sync.workOfflineHint} checked={paused} onChange={toggle} />
    </div>
  );
}
