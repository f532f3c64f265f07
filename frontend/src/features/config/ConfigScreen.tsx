import { Button, Tabs } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ConfigState, Published } from '@/bridge/contract';
import { queries } from '@/bridge/queries';
import { useText } from '@/state/language';
import { Ago } from '@/ui/Ago';
import { Page } from '@/ui/page';
import { Loaded } from '@/ui/states';
import { Changes } from './Changes';
import classes from './config.module.css';
import { Files } from './Files';
import { History } from './History';
import { Runbooks } from './Runbooks';

export type ConfigTab = 'files' | 'changes' | 'history' | 'runbooks';
const tabs: readonly ConfigTab[] = ['files', 'changes', 'history', 'runbooks'];

interface ConfigScreenProps {
  /** the open file, or the open runbook */
  file: string;
  tab: string;
  go: (to: { file?: string; tab?: string }) => void;
}

/** Where a problem is, asked for once more with every click. */
export interface Jump {
  file: string;
  line: number;
  count: number;
}

/** The configuration and the runbooks: a repository with a draft on top. */
export function ConfigScreen({ file, tab, go }: ConfigScreenProps) {
  const query = useQuery(queries.config());
  const t = useText();
  const [jump, setJump] = useState<Jump | null>(null);
  const [outcome, setOutcome] = useState<Published | null>(null);
  const shown = tabs.find((one) => one === tab) ?? 'files';
  const open = (path: string, line = 0) => {
    if (line > 0) setJump((before) => ({ file: path, line, count: (before?.count ?? 0) + 1 }));
    go({ file: path });
  };
  const show = (next: ConfigTab) => { go(next === 'files' ? {} : { tab: next }); };
  const state = query.data;
  return (
    <Page
      title={t.config.title} bare
      actions={state !== undefined && state.draft.changed > 0 && shown !== 'changes' ? <Button onClick={() => { show('changes'); }}>{t.config.review}</Button> : undefined}
    >
      <Loaded query={query}>
        {(now) => (
          <>
            <Status state={now} />
            <Tabs value={shown} onChange={(next) => { show(tabs.find((one) => one === next) ?? 'files'); }} className={classes.tabs ?? ''}>
              <Tabs.List px="md" aria-label={t.config.tabs}>
                <Tabs.Tab value="files">{t.config.files}</Tabs.Tab>
                <Tabs.Tab value="changes">{t.config.changes}{now.draft.changed > 0 && <span className={classes.count}>{now.draft.changed}</span>}</Tabs.Tab>
                <Tabs.Tab value="history">{t.config.history}</Tabs.Tab>
                <Tabs.Tab value="runbooks">{t.config.runbooks}</Tabs.Tab>
              </Tabs.List>
              <Tabs.Panel value="files" className={classes.panel ?? ''}><Files state={now} file={file} open={open} jump={jump} /></Tabs.Panel>
              <Tabs.Panel value="changes" className={classes.scroll ?? ''}>
                <Changes state={now} outcome={outcome} setOutcome={setOutcome} open={open} openFiles={() => { show('files'); }} />
              </Tabs.Panel>
              <Tabs.Panel value="history" className={classes.panel ?? ''}><History state={now} openChanges={() => { show('changes'); }} /></Tabs.Panel>
              <Tabs.Panel value="runbooks" className={classes.panel ?? ''}><Runbooks shown={file} choose={(path) => { go({ tab: 'runbooks', file: path }); }} edit={open} /></Tabs.Panel>
            </Tabs>
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Status({ state }: { state: ConfigState }) {
  const t = useText();
  const by = state.by ?? '';
  return (
    <div className={classes.status}>
      <span className="muted">{by !== '' && t.config.publishedBy(by)} <Ago at={state.publishedAt} /> <span className="faint mono" title={state.commit}>{state.commit.slice(0, 10)}</span></span>
      <span className={state.draft.changed > 0 ? classes.draft : 'muted'}>{state.draft.changed > 0 ? t.config.draft(state.draft.changed) : t.config.noDraft}</span>
      {state.draft.waiting === true && <span className={classes.draft} role="status">{t.config.waitingPublication}</span>}
    </div>
  );
}
