import { describe, expect, it } from 'vitest';
import { indent, outdent, startOfLine, type TextEdit } from './indent';

const applied = (text: string, edit: TextEdit) => text.slice(0, edit.from) + edit.text + text.slice(edit.to);

describe('indent', () => {
  it.each([
    ['a: b', 0, 0, '  a: b', [2, 2]],
    ['one\ntwo\nthree', 1, 5, '  one\n  two\nthree', [0, 11]],
    ['one\n\ntwo', 0, 8, '  one\n\n  two', [0, 12]],
    ['one\ntwo', 0, 4, '  one\ntwo', [0, 5]],
  ])('indents %j from %i to %i', (text, start, end, want, select) => {
    const edit = indent(text, start, end);
    expect(applied(text, edit)).toBe(want);
    expect(edit.select).toEqual(select);
  });
});

describe('outdent', () => {
  it.each([
    ['  a', 3, 3, 'a', [1, 1]],
    [' a', 0, 0, 'a', [0, 0]],
    ['a', 1, 1, 'a', [1, 1]],
    ['    a\n  b\nc', 0, 9, '  a\nb\nc', [0, 5]],
  ])('outdents %j from %i to %i', (text, start, end, want, select) => {
    const edit = outdent(text, start, end);
    expect(applied(text, edit)).toBe(want);
    expect(edit.select).toEqual(select);
  });
});

describe('startOfLine', () => {
  it.each([[1, [0, 3]], [2, [4, 7]], [9, [4, 7]], [0, [0, 3]]])('finds line %i', (line, range) => {
    expect(startOfLine('one\ntwo', line)).toEqual(range);
  });
});
