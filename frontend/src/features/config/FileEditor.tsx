import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useId, useRef } from 'react';
import { api } from '@/bridge/api';
import type { ConfigState, ConfigText, Problem } from '@/bridge/contract';
import { keys } from '@/bridge/keys';
import { queries } from '@/bridge/queries';
import { useDraft } from '@/state/drafts';
import { useText } from '@/state/language';
import { toast, toastError } from '@/state/toasts';
import { ConfirmButton } from '@/ui/ConfirmButton';
import { Preview } from '@/ui/MarkdownEditor';
import { Loaded } from '@/ui/states';
import { CodeField } from './CodeField';
import classes from './config.module.css';

/** Text that is typed and not saved, with what it began from. */
interface Typed {
  text: string;
  /** the commit and the text that its author saw */
  base: string;
  from: string;
}

function isTyped(value: unknown): value is Typed | null {
  if (value === null) return true;
  return typeof value === 'object' && value !== undefined && ['text', 'base', 'from'].every((name) => typeof (value as Record<string, unknown>)[name] === 'string');
}

export const draftStart = 'config/file/';
export const draftKey = (path: string): string => draftStart + path;

interface FileEditorProps {
  path: string;
  /** whether the draft has this file; otherwise it begins empty */
  exists: boolean;
  problems: readonly Problem[];
  jump: { line: number; count: number } | null;
  onUnsaved: (path: string, dirty: boolean) => void;
  onRemoved: () => void;
}

/** One file of the draft. What is typed stays on this device until it is saved. */
export function FileEditor(props: FileEditorProps) {
  const query = useQuery({ ...queries.configFile(props.path), enabled: props.exists });
  if (!props.exists) return <Editor {...props} file={{ path: props.path, text: '', commit: '' }} />;
  return <Loaded query={query}>{(file) => <Editor {...props} file={file} />}</Loaded>;
}

function useSaving(path: string, after: () => void) {
  const t = useText();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: { text: string; base: string }) => api.saveConfigFile(path, body),
    onSuccess: ({ problems, commit }, { text }) => {
      if (text === '') client.removeQueries({ queryKey: keys.configFile(path, '') });
      else client.setQueryData(keys.configFile(path, ''), (old: ConfigText | undefined) => ({ path, ...old, text, commit }));
      client.setQueryData(keys.config, (old: ConfigState | undefined) => (old === undefined ? old : { ...old, problems: problems ?? [] }));
      void client.invalidateQueries({ queryKey: keys.configAll });
      after();
      if (text === '') toast({ tone: 'good', sentence: t.config.removed });
      else if ((problems ?? []).length === 0) toast({ tone: 'good', sentence: t.config.saved });
    },
    onError: toastError,
  });
}

function Editor({ file, exists, problems, jump, onUnsaved, onRemoved }: FileEditorProps & { file: ConfigText }) {
  const t = useText();
  const keysId = useId();
  const bar = useRef<HTMLDivElement>(null);
  const [typed, setTyped, forget] = useDraft<Typed | null>(draftKey(file.path), null, isTyped);
  const text = typed?.text ?? file.text;
  const dirty = typed !== null && typed.text !== file.text;
  const movedOn = dirty && typed.from !== file.text;
  const saving = useSaving(file.path, forget);
  useEffect(() => { onUnsaved(file.path, dirty); }, [onUnsaved, file.path, dirty]);
  const write = (next: string) => {
    setTyped(next === file.text ? null : { text: next, base: typed?.base ?? file.commit, from: typed?.from ?? file.text });
  };
  const save = () => {
    if (saving.isPending) return;
    if (!dirty) toast({ tone: 'idle', sentence: t.config.nothingToSave });
    else saving.mutate({ text, base: typed.base }, { onSuccess: () => { if (text === '') onRemoved(); } });
  };
  const wrong = new Map(problems.map((problem) => [problem.line, problem.what]));
  return (
    <div className={classes.editor}>
      <div className={classes.editorBar} ref={bar} tabIndex={-1} role="group" aria-label={file.path}>
        <b className="mono">{file.path}</b>
        {dirty && <span className={classes.unsaved} title={t.config.unsavedLong}>{t.config.unsaved}</span>}
        <span className={classes.editorActions}>
          {exists && !dirty && <ConfirmButton variant="subtle" label={t.config.removeFile} sentence={t.config.removeSure} danger onConfirm={() => { saving.mutate({ text: '', base: file.commit }, { onSuccess: onRemoved }); }} />}
          {dirty && <Button variant="subtle" color="gray" onClick={forget}>{t.config.revertText}</Button>}
          <Button onClick={save} loading={saving.isPending} disabled={!dirty} variant={dirty ? 'filled' : 'default'}>{t.config.saveFile}</Button>
        </span>
      </div>
      {movedOn && (
        <div className={classes.notice} role="alert">
          <span>{t.config.movedOn}</span>
          <Button size="compact-sm" variant="default" onClick={forget}>{t.config.useTheirs}</Button>
          <Button size="compact-sm" variant="default" onClick={() => { setTyped({ text, base: file.commit, from: file.text }); }}>{t.config.keepMine}</Button>
          <details><summary>{t.config.theirs}</summary><pre>{file.text}</pre></details>
        </div>
      )}
      {dirty && text === '' && exists && <div className={classes.notice} role="status">{t.config.emptyRemoves}</div>}
      <CodeField label={t.config.editorLabel(file.path)} describedBy={keysId} text={text} onChange={write} wrong={wrong} jump={jump} onSave={save} onLeave={() => { bar.current?.focus(); }} />
      <div id={keysId} className={classes.keysHint}>{t.config.editorKeys}</div>
      {file.path.endsWith('.md') ? <section className={classes.preview} aria-label={t.common.preview}><Preview text={text} /></section>
        : file.schema !== undefined && file.schema !== '' && <details className={classes.schema}><summary>{t.config.schema}</summary><pre>{file.schema}</pre></details>}
    </div>
  );
}
