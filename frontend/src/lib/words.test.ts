import { describe, expect, it } from 'vitest';
import { diffWords, mergeWords } from './words';

const shown = (older: string, newer: string) => diffWords(older, newer).map(({ op, text }) => (op === ' ' ? text : `[${op}${text}]`)).join('');

describe('two texts word by word', () => {
  it.each([
    ['', '', ''],
    ['one two', 'one two', 'one two'],
    ['blank since this morning', 'blank since Monday', 'blank since [-this morning][+Monday]'],
    ['a b c', 'a c d', 'a [-b ]c [+d]'],
    ['', 'new', '[+new]'],
    ['old', '', '[-old]'],
    ['  lead', 'lead', '[-  ]lead'],
  ])('%j and %j', (older, newer, want) => {
    expect(shown(older, newer)).toBe(want);
  });

  it('give both texts back from their pieces, up to spaces', () => {
    const words = ['a', 'b', 'c', 'd\n'];
    let seed = 7;
    const next = (n: number) => { seed = (seed * 1103515245 + 12345) % 2147483648; return seed % n; };
    for (let round = 0; round < 200; round++) {
      const [older, newer] = [0, 1].map(() => Array.from({ length: next(9) }, () => words[next(4)]).join(' ')) as [string, string];
      const pieces = diffWords(older, newer);
      const side = (gone: string) => pieces.filter((one) => one.op !== gone).map((one) => one.text).join('').split(/\s+/).filter(Boolean);
      expect(side('-')).toEqual(newer.split(/\s+/).filter(Boolean));
      expect(side('+')).toEqual(older.split(/\s+/).filter(Boolean));
    }
  });

  it('are not compared word by word when that would take too long', () => {
    const long = (word: string) => Array.from({ length: 3000 }, (_, i) => `${word}${String(i)}`).join(' ');
    expect(diffWords(`same ${long('a')} end`, `same ${long('b')} end`).map((one) => one.op).join('')).toBe(' -+ ');
  });
});

describe('two changes of one text', () => {
  it.each([
    ['apart', 'The fan is loud today', 'The new fan is loud today', 'The fan is loud since Monday', 'The new fan is loud since Monday', 0],
    ['in the same words', 'It blinks since today', 'It blinks since Monday', 'It blinks since Tuesday', 'It blinks since Monday Tuesday', 1],
    ['one of them only', 'a b c', 'a b c', 'a c', 'a c', 0],
    ['alike', 'a b', 'a x', 'a x', 'a x', 0],
    ['at both ends', 'middle', 'start middle', 'middle end', 'start middle end', 0],
    ['all of it', 'old', 'mine', 'theirs', 'mine theirs', 1],
    ['one takes away what the other changes', 'a b c', 'a c', 'a x c', 'a x c', 1],
  ])('%s', (_name, base, ours, theirs, text, clashes) => {
    expect(mergeWords(base, ours, theirs)).toEqual({ text, clashes });
  });
});
