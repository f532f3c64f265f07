import { Button, Group, Modal } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '@/bridge/api';
import type { ConfigCommit, FileDiff } from '@/bridge/contract';
import { keys } from '@/bridge/keys';
import { queries } from '@/bridge/queries';
import { useText } from '@/state/language';
import { toast, toastError } from '@/state/toasts';
import { Ago } from '@/ui/Ago';
import { Empty, Loaded } from '@/ui/states';
import classes from './config.module.css';

/** Every version of the configuration, newest first, each with its difference and the way back. */
export function CommitHistory() {
  const t = useText();
  const client = useQueryClient();
  const query = useQuery(queries.configLog());
  const [shown, setShown] = useState<{ commit: ConfigCommit; before: string } | null>(null);
  const [leaving, setLeaving] = useState<ConfigCommit | null>(null);
  const revert = (commit: ConfigCommit) => {
    setLeaving(null);
    api.revert(commit.hash).then(() => {
      toast({ tone: 'good', sentence: t.config.reverted });
      void client.invalidateQueries({ queryKey: keys.configAll });
    }, toastError);
  };
  return (
    <div className={classes.history}>
      <Loaded query={query}>
        {({ commits }) => (commits ?? []).length === 0 ? <Empty compact title={t.config.noHistory} /> : (
          <ul className={classes.commits} aria-label={t.config.history}>
            {commits.map((commit, i) => (
              <li key={commit.hash} className={classes.commit}>
                <div><b>{commit.message}</b><div className="muted">{commit.author} · <Ago at={commit.at} /> · <span className="mono">{commit.hash.slice(0, 10)}</span></div></div>
                <Group gap={6} wrap="nowrap">
                  {commits[i + 1] !== undefined && <Button size="compact-sm" variant="default" onClick={() => { setShown({ commit, before: commits[i + 1]?.hash ?? '' }); }} aria-label={`${t.config.showChanges}: ${commit.message}`}>{t.config.showChanges}</Button>}
                  <Button size="compact-sm" variant="subtle" color="gray" onClick={() => { setLeaving(commit); }} aria-label={`${t.config.revert}: ${commit.message}`}>{t.config.revert}</Button>
                </Group>
              </li>
            ))}
          </ul>
        )}
      </Loaded>
      <Modal opened={shown !== null} onClose={() => { setShown(null); }} title={shown?.commit.message ?? ''} size="xl">{shown !== null && <Diff from={shown.before} to={shown.commit.hash} />}</Modal>
      <Modal opened={leaving !== null} onClose={() => { setLeaving(null); }} title={t.config.revert}>
        {leaving !== null && (
          <>
            <p>{t.config.revertSure(leaving.message)}</p>
            <Group mt="md"><Button onClick={() => { revert(leaving); }}>{t.config.revert}</Button><Button variant="default" onClick={() => { setLeaving(null); }}>{t.common.cancel}</Button></Group>
          </>
        )}
      </Modal>
    </div>
  );
}

/** What differs between two versions; without `to` between a version and the draft. */
export function Diff({ from, to }: { from: string; to: string }) {
  const t = useText();
  const query = useQuery(queries.configDiff(from, to));
  return (
    <Loaded query={query}>
      {({ files }) => (files ?? []).length === 0 ? <p className="muted">{t.config.noDifference}</p> : <>{(files ?? []).map((file) => <FileDifference key={file.path} file={file} />)}</>}
    </Loaded>
  );
}

function FileDifference({ file }: { file: FileDiff }) {
  return (
    <section className={classes.diff} aria-label={file.path}>
      <h3 className="mono">{file.path}</h3>
      <table>
        <tbody>
          {(file.lines ?? []).map((line, i) => (
            <tr key={i} data-op={line.op}>
              <td className={classes.diffNumber}>{line.old}</td><td className={classes.diffNumber}>{line.new}</td><td className={classes.diffOp}>{line.op}</td><td className={classes.diffText}>{line.text}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
