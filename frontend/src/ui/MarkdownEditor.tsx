import { SegmentedControl, Textarea } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { type KeyboardEvent, useState } from 'react';
import { queries } from '@/bridge/queries';
import { useText } from '@/state/language';
import { Html } from './Html';
import classes from './MarkdownEditor.module.css';

interface MarkdownEditorProps {
  label: string;
  value: string;
  onChange: (text: string) => void;
  minRows?: number;
  autoFocus?: boolean;
  /** shows the label above; otherwise it is only read out */
  showLabel?: boolean;
  /** text and preview beside each other where there is room */
  sideBySide?: boolean;
  onKeyDown?: (event: KeyboardEvent) => void;
}

/** Text in Markdown, with its preview as the program will show it. */
export function MarkdownEditor({ label, value, onChange, minRows = 6, autoFocus = false, showLabel = false, sideBySide = false, onKeyDown }: MarkdownEditorProps) {
  const t = useText();
  const [mode, setMode] = useState<'write' | 'preview'>('write');
  const area = (
    <Textarea
      aria-label={label} value={value} onChange={(e) => { onChange(e.currentTarget.value); }} autosize minRows={minRows} maxRows={30} autoFocus={autoFocus}
      {...(onKeyDown === undefined ? {} : { onKeyDown })}
    />
  );
  return (
    <div className={classes.editor}>
      <div className={classes.bar}>
        {showLabel && <span className={classes.label}>{label}</span>}
        {!sideBySide && (
          <SegmentedControl
            size="xs" value={mode} onChange={(next) => { setMode(next === 'preview' ? 'preview' : 'write'); }} aria-label={`${label}: ${t.common.write} / ${t.common.preview}`}
            data={[{ value: 'write', label: t.common.write }, { value: 'preview', label: t.common.preview }]}
          />
        )}
        <span className={classes.hint}>{t.common.markdownHint}</span>
      </div>
      {sideBySide ? (
        <div className={classes.sides}>
          {area}
          <section className={classes.preview} aria-label={t.common.preview}><Preview text={value} /></section>
        </div>
      ) : mode === 'write' ? area : <section className={classes.preview} aria-label={t.common.preview}><Preview text={value} /></section>}
    </div>
  );
}

const settleMs = 150;

/** Markdown as the program renders it. */
export function Preview({ text }: { text: string }) {
  const t = useText();
  const [settled] = useDebouncedValue(text, settleMs);
  const { data } = useQuery({ ...queries.preview(settled), enabled: settled.trim() !== '' });
  if (settled.trim() === '') return <span className="faint">{t.common.empty}</span>;
  return data === undefined ? <div className="prose" style={{ whiteSpace: 'pre-wrap' }}>{settled}</div> : <Html html={data.html} />;
}
