import { Button, Group, Modal, Tabs, TextInput } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type SubmitEvent, useState } from 'react';
import { api } from '@/bridge/api';
import type { ConfigState, Problem } from '@/bridge/contract';
import { keys } from '@/bridge/keys';
import { queries } from '@/bridge/queries';
import { byFolder } from '@/lib/folders';
import { useDraftText } from '@/state/drafts';
import { useText } from '@/state/language';
import { useMay } from '@/state/queries';
import { toast, toastError } from '@/state/toasts';
import { Ago } from '@/ui/Ago';
import { Page } from '@/ui/page';
import { Loaded } from '@/ui/states';
import { CommitHistory, Diff } from './CommitHistory';
import classes from './config.module.css';
import { FileEditor } from './FileEditor';

interface ConfigScreenProps {
  file: string;
  tab: string;
  go: (to: { file?: string; tab?: string }) => void;
}

/** The configuration and the runbooks: a repository with a draft on top. */
export function ConfigScreen({ file, tab, go }: ConfigScreenProps) {
  const query = useQuery(queries.config());
  const t = useText();
  return (
    <Page title={t.config.title} bare {...(query.data === undefined ? {} : { actions: <Actions state={query.data} /> })}>
      <Loaded query={query}>
        {(state) => (
          <>
            <Status state={state} />
            <Problems problems={state.problems ?? []} open={(path) => { go({ file: path }); }} />
            <Tabs value={tab === 'history' ? 'history' : 'files'} onChange={(next) => { go(next === 'history' ? { tab: 'history' } : {}); }} className={classes.tabs ?? ''}>
              <Tabs.List px="md" aria-label={t.config.tabs}>
                <Tabs.Tab value="files">{t.config.files}</Tabs.Tab>
                <Tabs.Tab value="history">{t.config.history}</Tabs.Tab>
              </Tabs.List>
              <Tabs.Panel value="files" className={classes.panel ?? ''}><Files state={state} file={file} open={(path) => { go({ file: path }); }} /></Tabs.Panel>
              <Tabs.Panel value="history" className={classes.scroll ?? ''}><CommitHistory /></Tabs.Panel>
            </Tabs>
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Status({ state }: { state: ConfigState }) {
  const t = useText();
  return (
    <div className={classes.status}>
      <span>{state.by !== undefined && state.by !== null && state.by !== '' && t.config.publishedBy(state.by)} <Ago at={state.publishedAt} /></span>
      <span className={state.draft.changed > 0 ? classes.draft : 'muted'}>{state.draft.changed > 0 ? t.config.draft(state.draft.changed) : t.config.noDraft}</span>
      {state.draft.waiting === true && <span className={classes.draft}>{t.config.waitingPublication}</span>}
      <span className="faint mono">{state.commit.slice(0, 10)}</span>
    </div>
  );
}

function Problems({ problems, open }: { problems: readonly Problem[]; open: (path: string) => void }) {
  const t = useText();
  if (problems.length === 0) return null;
  return (
    <section className={classes.problems} role="alert" aria-label={t.config.problems(problems.length)}>
      <b><IconAlertTriangle size={16} stroke={1.5} aria-hidden /> {t.config.problems(problems.length)}</b> <span>{t.config.problemsHint}</span>
      <ul>
        {problems.map((problem, i) => (
          <li key={i}><button type="button" onClick={() => { open(problem.file); }}>{problem.file}:{problem.line}</button> {problem.what}{problem.allowed !== undefined && problem.allowed !== '' && <span> {t.config.allowed(problem.allowed)}</span>}</li>
        ))}
      </ul>
    </section>
  );
}

function Files({ state, file, open }: { state: ConfigState; file: string; open: (path: string) => void }) {
  const t = useText();
  const folders = byFolder(state.files ?? []);
  return (
    <div className={classes.files}>
      <nav className={classes.tree} aria-label={t.config.files}>
        {[...folders].map(([folder, files]) => (
          <div key={folder}>
            {folder !== '' && <div className={classes.folder}>{folder}/</div>}
            {files.map((one) => (
              <button key={one.path} type="button" className={classes.file} data-active={one.path === file} aria-current={one.path === file} onClick={() => { open(one.path); }}>
                <span className="ellipsis">{one.path.slice(folder === '' ? 0 : folder.length + 1)}</span>
                {one.changed && <span className={classes.changed}>{t.config.changed}</span>}
              </button>
            ))}
          </div>
        ))}
      </nav>
      <div className={classes.editorPane}>
        {file === '' ? <p className="muted" style={{ padding: 20 }}>{t.config.choose}</p> : <FileEditor key={file} path={file} problems={(state.problems ?? []).filter((problem) => problem.file === file)} />}
      </div>
    </div>
  );
}

type Dialog = 'publish' | 'discard' | 'diff' | null;

function Actions({ state }: { state: ConfigState }) {
  const t = useText();
  const client = useQueryClient();
  const may = useMay('config.publish');
  const [dialog, setDialog] = useState<Dialog>(null);
  const changed = state.draft.changed > 0;
  const close = () => { setDialog(null); };
  const refresh = () => void client.invalidateQueries({ queryKey: keys.configAll });
  const discard = () => {
    close();
    api.discard().then(refresh, toastError);
  };
  return (
    <>
      {changed && <Button variant="subtle" color="gray" onClick={() => { setDialog('discard'); }}>{t.config.discard}</Button>}
      {changed && <Button variant="default" onClick={() => { setDialog('diff'); }}>{t.config.showChanges}</Button>}
      <Button onClick={() => { setDialog('publish'); }} disabled={!changed || !may || (state.problems ?? []).length > 0} title={may ? undefined : t.config.notAllowed}>{t.config.publish}…</Button>
      <Modal opened={dialog === 'publish'} onClose={close} title={t.config.publishTitle}><PublishForm done={() => { close(); refresh(); }} /></Modal>
      <Modal opened={dialog === 'diff'} onClose={close} title={t.config.diffTitle} size="xl"><Diff from={state.commit} to="" /></Modal>
      <Modal opened={dialog === 'discard'} onClose={close} title={t.config.discard}>
        <p>{t.config.discardSure}</p>
        <Group mt="md"><Button color="red" onClick={discard}>{t.config.discard}</Button><Button variant="default" onClick={close}>{t.common.cancel}</Button></Group>
      </Modal>
    </>
  );
}

function PublishForm({ done }: { done: () => void }) {
  const t = useText();
  const message = useDraftText('config/message', '');
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState<{ words: string; lines: string[] } | null>(null);
  const publish = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    setTried(true);
    if (message.text.trim() === '' || busy) return;
    setBusy(true);
    api.publish(message.text.trim()).then((result) => {
      const words = t.config.result[result.state];
      if (result.state === 'published' || result.state === 'merged' || result.state === 'waiting') {
        message.drop();
        toast({ tone: 'good', sentence: words });
        done();
        return;
      }
      setOutcome({ words, lines: [...(result.conflicts ?? []), ...(result.problems ?? []).map((one) => `${one.file}:${String(one.line)} ${one.what}`)] });
    }, toastError).finally(() => { setBusy(false); });
  };
  return (
    <form onSubmit={publish} noValidate>
      <TextInput label={t.config.message} description={t.config.messageHint} value={message.text} onChange={(e) => { message.set(e.currentTarget.value); }} error={tried && message.text.trim() === '' ? t.config.messageMissing : undefined} data-autofocus />
      {outcome !== null && <div role="alert" className={classes.outcome}>{outcome.words}<ul>{outcome.lines.map((line) => <li key={line}>{line}</li>)}</ul></div>}
      <Button type="submit" mt="md" loading={busy}>{t.config.publish}</Button>
    </form>
  );
}
