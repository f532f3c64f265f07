import { SegmentedControl } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Fragment, useState } from 'react';
import type { DiffLine, FileDiff } from '@/bridge/contract';
import { queries } from '@/bridge/queries';
import { beside, stretches, tally } from '@/lib/diff';
import { readStored, writeStored } from '@/lib/storage';
import { useText } from '@/state/language';
import { Loaded } from '@/ui/states';
import classes from './config.module.css';

type Mode = 'inline' | 'beside';

/** What differs between two versions; without `to` between a version and the draft. */
export function Difference({ from, to }: { from: string; to: string }) {
  const t = useText();
  const query = useQuery(queries.configDiff(from, to));
  const [mode, setMode] = useState<Mode>(() => (readStored('diff-mode') === 'beside' ? 'beside' : 'inline'));
  const choose = (next: Mode) => {
    setMode(next);
    writeStored('diff-mode', next);
  };
  return (
    <Loaded query={query}>
      {({ files }) => files === null || files.length === 0 ? <p className="muted">{t.config.noDifference}</p> : (
        <div>
          <SegmentedControl
            size="xs" mb="sm" display="inline-flex" aria-label={t.config.diffMode} value={mode} onChange={(next) => { choose(next === 'beside' ? 'beside' : 'inline'); }}
            data={[{ value: 'inline', label: t.config.inline }, { value: 'beside', label: t.config.beside }]}
          />
          {files.map((file) => <FileDifference key={file.path} file={file} mode={mode} />)}
        </div>
      )}
    </Loaded>
  );
}

function FileDifference({ file, mode }: { file: FileDiff; mode: Mode }) {
  const t = useText();
  const { added, removed } = tally(file.lines);
  const status = (t.config.status as Record<string, string>)[file.status] ?? file.status;
  return (
    <section className={classes.diff} aria-label={file.path}>
      <h3><span className="mono">{file.path}</span> <span className="muted">{status} · {t.config.lines(added, removed)}</span></h3>
      <div className={classes.diffScroll}>
        <table aria-label={file.path} data-mode={mode}>
          <tbody>
            {stretches(file.lines).map((stretch, i) => stretch.folded ? <Folded key={i} lines={stretch.lines} mode={mode} /> : <Lines key={i} lines={stretch.lines} mode={mode} />)}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Folded({ lines, mode }: { lines: DiffLine[]; mode: Mode }) {
  const t = useText();
  const [open, setOpen] = useState(false);
  if (open) return <Lines lines={lines} mode={mode} />;
  return <tr><td colSpan={4} className={classes.diffFold}><button type="button" onClick={() => { setOpen(true); }}>{t.config.unchanged(lines.length)}</button></td></tr>;
}

function Lines({ lines, mode }: { lines: DiffLine[]; mode: Mode }) {
  if (mode === 'inline') {
    return lines.map((line, i) => (
      <tr key={i} data-op={line.op}>
        <td className={classes.diffNumber}>{line.old}</td><td className={classes.diffNumber}>{line.new}</td><td className={classes.diffOp}>{line.op}</td><td className={classes.diffText}>{line.text}</td>
      </tr>
    ));
  }
  return beside(lines).map((pair, i) => <tr key={i}><Half line={pair.left} side="old" /><Half line={pair.right} side="new" /></tr>);
}

function Half({ line, side }: { line: DiffLine | null; side: 'old' | 'new' }) {
  return (
    <Fragment>
      <td className={classes.diffNumber} data-op={line?.op}>{line?.[side]}</td>
      <td className={classes.diffHalf} data-op={line?.op ?? 'none'}>{line !== null && line.op !== ' ' && <span className="srOnly">{line.op}</span>}{line?.text}</td>
    </Fragment>
  );
}
