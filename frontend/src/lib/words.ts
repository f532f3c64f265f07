/** A stretch of a text beside another one: in both, only in the newer, only in the older. */
export interface Piece {
  op: ' ' | '+' | '-';
  text: string;
}

interface Word {
  /** what is compared */
  key: string;
  /** with the space behind it */
  whole: string;
}

/** Texts that need a larger table than this are not compared word by word: what lies between their equal ends counts as changed. */
const cellsMax = 4_000_000;

function wordsOf(text: string): Word[] {
  const lead = /^\s+/.exec(text)?.[0] ?? '';
  const words = [...text.slice(lead.length).matchAll(/(\S+)(\s*)/g)].map(([whole, key = '']) => ({ key, whole }));
  return lead === '' ? words : [{ key: lead, whole: lead }, ...words];
}

/** For each word of the older text, where it stands in the newer one; -1 where it does not. */
function places(older: readonly Word[], newer: readonly Word[]): number[] {
  const found = older.map(() => -1);
  let start = 0;
  while (start < older.length && start < newer.length && older[start]?.key === newer[start]?.key) found[start] = start++;
  let [oldEnd, newEnd] = [older.length, newer.length];
  while (oldEnd > start && newEnd > start && older[oldEnd - 1]?.key === newer[newEnd - 1]?.key) found[--oldEnd] = --newEnd;
  const [rows, columns] = [oldEnd - start, newEnd - start];
  if (rows === 0 || columns === 0 || rows * columns > cellsMax) return found;
  const width = columns + 1;
  const longest = new Uint16Array((rows + 1) * width);
  const at = (i: number, j: number) => longest[i * width + j] ?? 0;
  for (let i = rows - 1; i >= 0; i--) {
    for (let j = columns - 1; j >= 0; j--) {
      longest[i * width + j] = older[start + i]?.key === newer[start + j]?.key ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  for (let i = 0, j = 0; i < rows && j < columns;) {
    if (older[start + i]?.key === newer[start + j]?.key) found[start + i++] = start + j++;
    else if (at(i + 1, j) >= at(i, j + 1)) i++;
    else j++;
  }
  return found;
}

const join = (words: readonly Word[]): string => words.map((word) => word.whole).join('');
/** The same word out of two texts, with the larger space behind it: in one of them it may be the last. */
const longer = (one: Word | undefined, other: Word | undefined): string => [one?.whole ?? '', other?.whole ?? ''].reduce((a, b) => (b.length > a.length ? b : a));
const same = (a: readonly Word[], b: readonly Word[]): boolean => a.length === b.length && a.every((word, i) => word.key === b[i]?.key);

/** What is new in a text and what of the older one is gone, word by word. */
export function diffWords(older: string, newer: string): Piece[] {
  const [a, b] = [wordsOf(older), wordsOf(newer)];
  const found = places(a, b);
  const pieces: Piece[] = [];
  const add = (op: Piece['op'], text: string) => {
    const last = pieces.at(-1);
    if (text === '') return;
    if (last?.op === op) last.text += text;
    else pieces.push({ op, text });
  };
  let j = 0;
  a.forEach((word, i) => {
    const place = found[i] ?? -1;
    if (place < 0) return add('-', word.whole);
    add('+', join(b.slice(j, place)));
    add(' ', longer(word, b[place]));
    j = place + 1;
  });
  add('+', join(b.slice(j)));
  return pieces;
}

export interface Merged {
  text: string;
  /** places where both changed the same words: there both stand, one after the other */
  clashes: number;
}

/** Puts the changes of two texts together that both began from a third. */
export function mergeWords(base: string, ours: string, theirs: string): Merged {
  const [b, o, t] = [wordsOf(base), wordsOf(ours), wordsOf(theirs)];
  const [inOurs, inTheirs] = [places(b, o), places(b, t)];
  let [i, j, k, text, clashes] = [0, 0, 0, '', 0];
  while (i < b.length || j < o.length || k < t.length) {
    let n = i;
    while (n < b.length && ((inOurs[n] ?? -1) < j || (inTheirs[n] ?? -1) < k)) n++;
    const [nj, nk] = n < b.length ? [inOurs[n] ?? 0, inTheirs[n] ?? 0] : [o.length, t.length];
    const [was, mine, other] = [b.slice(i, n), o.slice(j, nj), t.slice(k, nk)];
    if (same(mine, was) || same(mine, other)) text += join(other);
    else if (same(other, was)) text += join(mine);
    else {
      text += [join(mine), join(other)].map((side, at) => (at === 0 && side !== '' && !/\s$/.test(side) && other.length > 0 ? `${side} ` : side)).join('');
      clashes++;
    }
    if (n < b.length) text += longer(o[nj], t[nk]);
    [i, j, k] = n < b.length ? [n + 1, nj + 1, nk + 1] : [n, nj, nk];
  }
  return { text, clashes };
}
