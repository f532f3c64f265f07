export interface TextEdit {
  /** the part of the text that is replaced */
  from: number;
  to: number;
  text: string;
  /** what is selected afterwards */
  select: [number, number];
}

const step = '  ';

/** Where a line, counted from 1, begins and ends. A line beyond the last is the last. */
export function startOfLine(text: string, line: number): [number, number] {
  const lines = text.split('\n');
  const at = Math.max(0, Math.min(line - 1, lines.length - 1));
  const from = lines.slice(0, at).reduce((sum, one) => sum + one.length + 1, 0);
  return [from, from + (lines[at] ?? '').length];
}

function wholeLines(text: string, start: number, end: number): [number, number] {
  const from = text.lastIndexOf('\n', start - 1) + 1;
  const next = text.indexOf('\n', Math.max(start, end - 1));
  return [from, next < 0 ? text.length : next];
}

/** Spaces at the cursor, or in front of every line that the selection touches. */
export function indent(text: string, start: number, end: number): TextEdit {
  if (start === end) return { from: start, to: end, text: step, select: [start + step.length, start + step.length] };
  const [from, to] = wholeLines(text, start, end);
  const changed = text.slice(from, to).split('\n').map((line) => (line === '' ? line : step + line)).join('\n');
  return { from, to, text: changed, select: [from, from + changed.length] };
}

/** Takes up to two spaces from the front of every line that the selection, or the cursor, touches. */
export function outdent(text: string, start: number, end: number): TextEdit {
  const [from, to] = wholeLines(text, start, end);
  const before = text.slice(from, to);
  const changed = before.split('\n').map((line) => line.replace(/^ {1,2}/, '')).join('\n');
  if (start !== end) return { from, to, text: changed, select: [from, from + changed.length] };
  const cursor = Math.max(from, start - (before.length - changed.length));
  return { from, to, text: changed, select: [cursor, cursor] };
}
