import { type ClipboardEvent, type KeyboardEvent, useEffect, useRef } from 'react';
import { indent, outdent, startOfLine } from '@/lib/indent';
import classes from './config.module.css';

const lineHeight = 20;

interface CodeFieldProps {
  label: string;
  describedBy: string;
  text: string;
  onChange: (text: string) => void;
  /** what is wrong, by line */
  wrong: ReadonlyMap<number, string>;
  /** puts the cursor on a line; asked for again with every new count */
  jump: { line: number; count: number } | null;
  onSave: () => void;
  /** Escape was pressed: somebody else takes the focus */
  onLeave: () => void;
}

/** Plain text with line numbers. Tab inserts spaces, so Escape leaves the field. */
export function CodeField({ label, describedBy, text, onChange, wrong, jump, onSave, onLeave }: CodeFieldProps) {
  const numbers = useRef<HTMLDivElement>(null);
  const area = useRef<HTMLTextAreaElement>(null);
  const lines = text.split('\n').length;
  const jumped = useRef(0);
  useEffect(() => {
    const field = area.current;
    if (field === null || jump === null || jumped.current === jump.count) return;
    jumped.current = jump.count;
    const [from, to] = startOfLine(field.value, jump.line);
    field.focus();
    field.setSelectionRange(from, to);
    field.scrollTop = Math.max(0, (jump.line - 1) * lineHeight - field.clientHeight / 3);
  }, [jump]);

  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    const field = event.currentTarget;
    if (event.key === 'Tab' && !event.ctrlKey && !event.altKey && !event.metaKey) {
      event.preventDefault();
      const edit = (event.shiftKey ? outdent : indent)(field.value, field.selectionStart, field.selectionEnd);
      replace(field, edit.from, edit.to, edit.text);
      field.setSelectionRange(edit.select[0], edit.select[1]);
      onChange(field.value);
    } else if (event.key === 'Escape') {
      event.preventDefault();
      event.stopPropagation();
      onLeave();
    } else if ((event.key === 's' || event.key === 'Enter') && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      onSave();
    }
  };
  return (
    <div className={classes.code}>
      <div className={classes.numbers} ref={numbers} aria-hidden>
        {Array.from({ length: lines }, (_, i) => <div key={i} data-bad={wrong.has(i + 1)} title={wrong.get(i + 1)}>{i + 1}</div>)}
      </div>
      <textarea
        ref={area} className={classes.text} aria-label={label} aria-describedby={describedBy} aria-invalid={wrong.size > 0} spellCheck={false} autoCapitalize="off" autoComplete="off" wrap="off" value={text}
        onChange={(e) => { onChange(e.currentTarget.value); }} onPaste={keepTabsOut(onChange)} onKeyDown={onKeyDown}
        onScroll={(e) => { if (numbers.current !== null) numbers.current.scrollTop = e.currentTarget.scrollTop; }}
      />
    </div>
  );
}

/** YAML takes no tabs: what is pasted has spaces in their place. */
function keepTabsOut(onChange: (text: string) => void) {
  return (event: ClipboardEvent<HTMLTextAreaElement>) => {
    const pasted = event.clipboardData.getData('text/plain');
    if (!pasted.includes('\t')) return;
    event.preventDefault();
    const field = event.currentTarget;
    replace(field, field.selectionStart, field.selectionEnd, pasted.replaceAll('\t', '  '));
    onChange(field.value);
  };
}

/** Replaces a part of the text so that the browser's own undo knows of it, where it offers that. */
function replace(field: HTMLTextAreaElement, from: number, to: number, text: string): void {
  field.setSelectionRange(from, to);
  if (typeof document.execCommand === 'function' && document.execCommand(text === '' ? 'delete' : 'insertText', false, text)) return;
  field.setRangeText(text, from, to, 'end');
}
