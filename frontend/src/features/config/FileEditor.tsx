import { Button, Kbd } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type KeyboardEvent, useRef, useState } from 'react';
import { api } from '@/bridge/api';
import type { ConfigText, Problem } from '@/bridge/contract';
import { keys } from '@/bridge/keys';
import { queries } from '@/bridge/queries';
import { useDraft } from '@/state/drafts';
import { useText } from '@/state/language';
import { toast, toastError } from '@/state/toasts';
import { Preview } from '@/ui/MarkdownEditor';
import { Loaded } from '@/ui/states';
import classes from './config.module.css';

interface Kept {
  text: string;
  /** the version that the text began from */
  base: string;
}

function isKept(value: unknown): value is Kept {
  return typeof value === 'object' && value !== null && 'text' in value && 'base' in value && typeof value.text === 'string';
}

/** A configuration file with the lines that have problems marked. */
export function FileEditor({ path, problems }: { path: string; problems: readonly Problem[] }) {
  const query = useQuery(queries.configFile(path));
  return <Loaded query={query}>{(file) => <Editor key={path} file={file} problems={problems} />}</Loaded>;
}

function Editor({ file, problems }: { file: ConfigText; problems: readonly Problem[] }) {
  const t = useText();
  const client = useQueryClient();
  const [kept, setKept, drop] = useDraft<Kept>(`config/${file.path}`, { text: file.text, base: file.commit }, isKept);
  const [fresh, setFresh] = useState<readonly Problem[] | null>(null);
  const [busy, setBusy] = useState(false);
  const numbers = useRef<HTMLDivElement>(null);
  const shown = (fresh ?? problems).filter((problem) => problem.file === file.path);
  const byLine = new Map(shown.map((problem) => [problem.line, problem]));
  const lines = kept.text.split('\n').length;
  const dirty = kept.text !== file.text;
  const save = () => {
    if (busy) return;
    setBusy(true);
    api.saveConfigFile(file.path, { text: kept.text, base: kept.base }).then(({ problems: found }) => {
      setFresh(found ?? []);
      drop();
      client.setQueryData(keys.configFile(file.path, ''), { ...file, text: kept.text });
      void client.invalidateQueries({ queryKey: keys.configAll });
      toast({ tone: 'good', sentence: t.config.saved });
    }, toastError).finally(() => { setBusy(false); });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if ((event.key === 'Enter' || event.key === 's') && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      save();
    }
  };
  return (
    <div className={classes.editor}>
      <div className={classes.editorBar}>
        <b className="mono">{file.path}</b>
        {dirty && <span className={classes.draft}>{t.config.unsaved}</span>}
        <span className={classes.editorActions}>
          <Kbd>Ctrl S</Kbd>
          {dirty && <Button variant="subtle" color="gray" onClick={drop}>{t.common.discardDraft}</Button>}
          <Button onClick={save} loading={busy} disabled={!dirty}>{t.config.saveFile}</Button>
        </span>
      </div>
      <div className={classes.code}>
        <div className={classes.numbers} ref={numbers} aria-hidden>
          {Array.from({ length: lines }, (_, i) => <div key={i} data-bad={byLine.has(i + 1)} title={byLine.get(i + 1)?.what}>{i + 1}</div>)}
        </div>
        <textarea
          className={classes.text} aria-label={t.config.editorLabel(file.path)} aria-invalid={shown.length > 0} spellCheck={false} wrap="off" value={kept.text}
          onChange={(e) => { setKept({ ...kept, text: e.currentTarget.value }); }} onKeyDown={onKeyDown}
          onScroll={(e) => { if (numbers.current !== null) numbers.current.scrollTop = e.currentTarget.scrollTop; }}
        />
      </div>
      {shown.length > 0 && (
        <ul className={classes.lineProblems} role="alert">
          {shown.map((problem, i) => <li key={i}><b>{t.config.line(problem.line)}</b> {problem.what} {problem.allowed !== undefined && problem.allowed !== '' && <span className="muted">{t.config.allowed(problem.allowed)}</span>}</li>)}
        </ul>
      )}
      {file.path.endsWith('.md') ? <section className={classes.preview} aria-label={t.common.preview}><Preview text={kept.text} /></section>
        : file.schema !== undefined && file.schema !== '' && <details className={classes.schema}><summary>{t.config.schema}</summary><pre>{file.schema}</pre></details>}
    </div>
  );
}
