import { Select } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '@/bridge/api';
import type { ConfigCommit, ConfigState } from '@/bridge/contract';
import { keys } from '@/bridge/keys';
import { queries } from '@/bridge/queries';
import { exactTime, parseInstant } from '@/lib/time';
import { useLanguage, useText } from '@/state/language';
import { toast, toastError } from '@/state/toasts';
import { Ago } from '@/ui/Ago';
import { ConfirmButton } from '@/ui/ConfirmButton';
import { Empty, Loaded } from '@/ui/states';
import classes from './config.module.css';
import { Difference } from './DiffView';

interface Compared {
  from: string;
  to: string;
}

/** Every version, newest first, each with what it changed and the way back. */
export function History({ state, openChanges }: { state: ConfigState; openChanges: () => void }) {
  const t = useText();
  const query = useQuery(queries.configLog());
  const [compared, setCompared] = useState<Compared | null>(null);
  return (
    <Loaded query={query}>
      {({ commits }) => commits.length === 0 ? <Empty compact title={t.config.noHistory} /> : (
        <div className={classes.history}>
          <ul className={classes.commits} aria-label={t.config.versions}>
            {commits.map((commit, i) => (
              <li key={commit.hash}>
                <Version commit={commit} before={commits[i + 1]?.hash} shown={compared?.to === commit.hash && compared.from === commits[i + 1]?.hash} compare={setCompared} reverted={openChanges} />
              </li>
            ))}
          </ul>
          <section className={classes.compare} aria-label={t.config.compare}>
            <Chooser state={state} commits={commits} compared={compared} choose={setCompared} />
            {compared === null && state.draft.changed === 0 ? <p className="muted">{t.config.chooseVersion}</p> : <Difference from={compared?.from ?? state.commit} to={compared?.to ?? ''} />}
          </section>
        </div>
      )}
    </Loaded>
  );
}

interface VersionProps {
  commit: ConfigCommit;
  /** the version before it; the first has none */
  before: string | undefined;
  shown: boolean;
  compare: (what: Compared) => void;
  reverted: () => void;
}

function Version({ commit, before, shown, compare, reverted }: VersionProps) {
  const t = useText();
  const client = useQueryClient();
  const revert = useMutation({
    mutationFn: () => api.revert(commit.hash),
    onSuccess: () => {
      toast({ tone: 'good', sentence: t.config.reverted });
      void client.invalidateQueries({ queryKey: keys.configAll });
      reverted();
    },
    onError: toastError,
  });
  const facts = (
    <>
      <b>{commit.message}</b>
      <span className="muted">{commit.author} · <Ago at={commit.at} /> · <span className="mono">{commit.hash.slice(0, 10)}</span>{!commit.published && <span className={classes.changed}> {t.config.notPublished}</span>}</span>
    </>
  );
  if (before === undefined) return <div className={classes.commit}>{facts}</div>;
  return (
    <div className={classes.commit} data-active={shown}>
      <button type="button" className={classes.commitFacts} aria-pressed={shown} aria-label={`${t.config.showChanges}: ${commit.message}`} onClick={() => { compare({ from: before, to: commit.hash }); }}>{facts}</button>
      {shown && <ConfirmButton label={t.config.revert} sentence={t.config.revertSure} about={commit.message} variant="subtle" onConfirm={() => { revert.mutate(); }} />}
    </div>
  );
}

interface ChooserProps {
  state: ConfigState;
  commits: readonly ConfigCommit[];
  compared: Compared | null;
  choose: (what: Compared) => void;
}

function Chooser({ state, commits, compared, choose }: ChooserProps) {
  const t = useText();
  const language = useLanguage();
  const nameOf = (commit: ConfigCommit) => {
    const at = parseInstant(commit.at);
    return `${commit.message} · ${at === null ? '' : exactTime(at, language)} · ${commit.hash.slice(0, 7)}`;
  };
  const versions = commits.map((commit) => ({ value: commit.hash, label: nameOf(commit) }));
  const from = compared?.from ?? state.commit;
  const to = compared?.to ?? '';
  const draft = { value: 'draft', label: t.config.draftVersion };
  return (
    <div className={classes.chooser}>
      <Select label={t.config.from} data={versions} value={from} allowDeselect={false} searchable onChange={(next) => { if (next !== null) choose({ from: next, to }); }} />
      <Select label={t.config.to} data={[draft, ...versions]} value={to === '' ? 'draft' : to} allowDeselect={false} searchable onChange={(next) => { if (next !== null) choose({ from, to: next === 'draft' ? '' : next }); }} />
    </div>
  );
}
