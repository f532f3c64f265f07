import { Button, TextInput } from '@mantine/core';
import { IconAlertTriangle, IconPlus } from '@tabler/icons-react';
import { type KeyboardEvent, type SubmitEvent, useCallback, useState } from 'react';
import type { ConfigFile, ConfigState } from '@/bridge/contract';
import { byFolder } from '@/lib/folders';
import { draftsOf } from '@/state/drafts';
import { useText } from '@/state/language';
import type { Jump } from './ConfigScreen';
import classes from './config.module.css';
import { draftKey, draftStart, FileEditor } from './FileEditor';
import { ProblemList } from './ProblemList';

interface FilesProps {
  state: ConfigState;
  file: string;
  open: (path: string, line?: number) => void;
  jump: Jump | null;
}

/** The files by folder, the open one beside them, and what is wrong below. */
export function Files({ state, file, open, jump }: FilesProps) {
  const t = useText();
  const [unsaved, setUnsaved] = useState<ReadonlySet<string>>(() => new Set(draftsOf(draftStart).map((one) => one.key)));
  const noteUnsaved = useCallback((path: string, dirty: boolean) => {
    setUnsaved((before) => {
      const key = draftKey(path);
      if (before.has(key) === dirty) return before;
      const after = new Set(before);
      if (dirty) after.add(key);
      else after.delete(key);
      return after;
    });
  }, []);
  const problems = state.problems;
  return (
    <div className={classes.files}>
      <FileTree state={state} file={file} open={open} unsaved={unsaved} />
      <div className={classes.editorPane}>
        {file === '' ? <p className={classes.choose}>{t.config.choose}</p> : (
          <FileEditor
            key={file} path={file} exists={state.files.some((one) => one.path === file)} problems={problems.filter((problem) => problem.file === file)}
            jump={jump?.file === file ? jump : null} onUnsaved={noteUnsaved} onRemoved={() => { open(''); }}
          />
        )}
        <ProblemList problems={problems} open={open} />
      </div>
    </div>
  );
}

/** Up and Down move between the files. */
function moveFocus(event: KeyboardEvent<HTMLElement>): void {
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
  const all = [...event.currentTarget.querySelectorAll<HTMLButtonElement>('button[data-file]')];
  const at = all.findIndex((one) => one === event.target);
  const next = all[at + (event.key === 'ArrowDown' ? 1 : -1)];
  if (at < 0 || next === undefined) return;
  event.preventDefault();
  next.focus();
}

function FileTree({ state, file, open, unsaved }: Pick<FilesProps, 'state' | 'file' | 'open'> & { unsaved: ReadonlySet<string> }) {
  const t = useText();
  const wrong = (path: string) => state.problems.filter((problem) => problem.file === path).length;
  return (
    // The arrow keys move between the buttons inside.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <nav className={classes.tree} aria-label={t.config.files} onKeyDown={moveFocus}>
      <div className={classes.treeFiles}>
        {[...byFolder(state.files)].map(([folder, files]) => (
          <div key={folder} role="group" aria-label={folder === '' ? t.config.files : folder}>
            {folder !== '' && <div className={classes.folder} aria-hidden>{folder}</div>}
            {files.map((one) => <FileLine key={one.path} one={one} folder={folder} active={one.path === file} unsaved={unsaved.has(draftKey(one.path))} wrong={wrong(one.path)} open={open} />)}
          </div>
        ))}
      </div>
      <NewFile state={state} open={open} />
    </nav>
  );
}

function FileLine({ one, folder, active, unsaved, wrong, open }: { one: ConfigFile; folder: string; active: boolean; unsaved: boolean; wrong: number; open: (path: string) => void }) {
  const t = useText();
  return (
    <button type="button" data-file className={classes.file} aria-current={active} onClick={() => { open(one.path); }}>
      <span className="ellipsis" title={one.path}>{one.path.slice(folder === '' ? 0 : folder.length + 1)}</span>
      <span className={classes.marks}>
        {wrong > 0 && <span className={classes.wrong}><IconAlertTriangle size={13} stroke={2} aria-hidden /><span className="srOnly">{t.config.problems(wrong)}</span></span>}
        {unsaved ? <span className={classes.unsaved}>{t.config.unsaved}</span> : one.changed && <span className={classes.changed}>{t.config.changed}</span>}
      </span>
    </button>
  );
}

const pathForm = /^([a-z0-9_-]+\/)*[a-z0-9_.-]+\.(yaml|md)$/;

function NewFile({ state, open }: Pick<FilesProps, 'state' | 'open'>) {
  const t = useText();
  const [path, setPath] = useState<string | null>(null);
  const [tried, setTried] = useState(false);
  if (path === null) {
    return <Button className={classes.newFile ?? ''} variant="subtle" color="gray" leftSection={<IconPlus size={14} stroke={1.5} aria-hidden />} onClick={() => { setPath(''); setTried(false); }}>{t.config.newFile}</Button>;
  }
  const wrong = !pathForm.test(path) ? t.config.newFileBad : state.files.some((one) => one.path === path) ? t.config.newFileThere : undefined;
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    setTried(true);
    if (wrong !== undefined) return;
    open(path);
    setPath(null);
  };
  return (
    <form className={classes.newFile} onSubmit={submit} noValidate>
      <TextInput
        label={t.config.newFilePath} placeholder={t.config.newFileHint} value={path} autoFocus autoComplete="off" spellCheck={false} error={tried ? wrong : undefined}
        onChange={(e) => { setPath(e.currentTarget.value); }}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return;
          event.stopPropagation();
          setPath(null);
        }}
      />
      <div className={classes.newFileActions}><Button type="submit" size="compact-sm">{t.config.newFile}</Button><Button size="compact-sm" variant="subtle" color="gray" onClick={() => { setPath(null); }}>{t.common.cancel}</Button></div>
    </form>
  );
}
