/** A line of a difference: kept, added or removed, with its number on each side that has it. */
export interface DiffedLine {
  op: ' ' | '+' | '-';
  old?: number;
  new?: number;
  text: string;
}

export interface Pair<L> {
  left: L | null;
  right: L | null;
}

/** Lines of two versions beside each other: what was removed stands beside what was added in its place. */
export function beside<L extends DiffedLine>(lines: readonly L[]): Pair<L>[] {
  const pairs: Pair<L>[] = [];
  let removed: L[] = [];
  let added: L[] = [];
  const flush = () => {
    for (let i = 0; i < Math.max(removed.length, added.length); i++) pairs.push({ left: removed[i] ?? null, right: added[i] ?? null });
    removed = [];
    added = [];
  };
  for (const line of lines) {
    if (line.op === '-') removed.push(line);
    else if (line.op === '+') added.push(line);
    else {
      flush();
      pairs.push({ left: line, right: line });
    }
  }
  flush();
  return pairs;
}

export interface Stretch<L> {
  /** far from any change, and long enough to be worth folding */
  folded: boolean;
  lines: L[];
}

const foldMin = 4;

/** Cuts a difference into what is near a change, within `context` lines, and the kept lines between, which may be folded. */
export function stretches<L extends DiffedLine>(lines: readonly L[], context = 3): Stretch<L>[] {
  const near = new Set<number>();
  lines.forEach((line, i) => {
    if (line.op === ' ') return;
    for (let at = i - context; at <= i + context; at++) near.add(at);
  });
  const found: Stretch<L>[] = [];
  lines.forEach((line, i) => {
    const folded = !near.has(i);
    const last = found.at(-1);
    if (last?.folded === folded) last.lines.push(line);
    else found.push({ folded, lines: [line] });
  });
  return found.map((one) => (one.folded && one.lines.length < foldMin ? { ...one, folded: false } : one));
}

/** How many lines were added and removed. */
export function tally(lines: readonly DiffedLine[]): { added: number; removed: number } {
  return { added: lines.filter((one) => one.op === '+').length, removed: lines.filter((one) => one.op === '-').length };
}
