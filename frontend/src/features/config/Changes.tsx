import { Button, TextInput } from '@mantine/core';
import { IconGitCommit } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type SubmitEvent, useState } from 'react';
import { api } from '@/bridge/api';
import type { ConfigState, Published } from '@/bridge/contract';
import { keys } from '@/bridge/keys';
import { useDraftText } from '@/state/drafts';
import { useText } from '@/state/language';
import { useMay } from '@/state/queries';
import { toastError } from '@/state/toasts';
import { ConfirmButton } from '@/ui/ConfirmButton';
import { Empty } from '@/ui/states';
import classes from './config.module.css';
import { Difference } from './DiffView';
import { ProblemList } from './ProblemList';
import { PublishOutcome } from './PublishOutcome';

interface ChangesProps {
  state: ConfigState;
  outcome: Published | null;
  setOutcome: (outcome: Published | null) => void;
  open: (path: string, line?: number) => void;
  openFiles: () => void;
}

/** The draft beside what is in force, and publishing it. */
export function Changes({ state, outcome, setOutcome, open, openFiles }: ChangesProps) {
  const t = useText();
  const changed = state.draft.changed > 0;
  return (
    <div className={classes.changes}>
      {outcome !== null && <PublishOutcome outcome={outcome} open={open} close={() => { setOutcome(null); }} />}
      {!changed && <Empty icon={IconGitCommit} title={t.config.nothingTitle} hint={t.config.nothingHint} action={{ label: t.config.openFiles, run: openFiles }} />}
      {changed && (
        <>
          <PublishForm state={state} setOutcome={setOutcome} />
          <ProblemList problems={state.problems} open={open} />
          <Difference from={state.commit} to="" />
        </>
      )}
    </div>
  );
}

function PublishForm({ state, setOutcome }: Pick<ChangesProps, 'state' | 'setOutcome'>) {
  const t = useText();
  const client = useQueryClient();
  const may = useMay('config.publish');
  const message = useDraftText('config/message', '');
  const [tried, setTried] = useState(false);
  const blank = message.text.trim() === '';
  const wrong = state.problems.length > 0;
  const refresh = () => void client.invalidateQueries({ queryKey: keys.configAll });
  const publish = useMutation({
    mutationFn: () => api.publish(message.text.trim()),
    onSuccess: (result) => {
      setOutcome(result);
      if (['published', 'merged', 'waiting'].includes(result.state)) message.drop();
    },
    onError: toastError, onSettled: refresh,
  });
  const discard = useMutation({ mutationFn: () => api.discard(), onError: toastError, onSettled: refresh });
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    setTried(true);
    if (!blank && !publish.isPending) publish.mutate();
  };
  return (
    <form onSubmit={submit} noValidate className={classes.publish}>
      {may && (
        <TextInput
          label={t.config.message} description={t.config.messageHint} value={message.text} maxLength={400} onChange={(e) => { message.set(e.currentTarget.value); }}
          error={tried && blank ? t.config.messageMissing : undefined}
        />
      )}
      {!may && <p className={classes.hint}>{t.config.notAllowed}</p>}
      <div className={classes.publishActions}>
        {may && <Button type="submit" loading={publish.isPending} disabled={wrong}>{t.config.publishTo}</Button>}
        {may && wrong && <span className="muted">{t.config.fixFirst}</span>}
        <ConfirmButton label={t.config.discard} sentence={t.config.discardSure(state.draft.changed)} danger onConfirm={() => { discard.mutate(); }} />
      </div>
    </form>
  );
}
