import { describe, expect, it } from 'vitest';
import { beside, type DiffedLine, stretches, tally } from './diff';

const lines = (text: string): DiffedLine[] => text.split('\n').map((line) => ({ op: line.slice(0, 1) as DiffedLine['op'], text: line.slice(1) }));
const kept = (n: number) => Array.from({ length: n }, (_, i) => ` line ${String(i)}`).join('\n');

describe('beside', () => {
  it('puts what was removed beside what was added in its place', () => {
    const pairs = beside(lines(' a\n-b\n-c\n+B\n d\n+e'));
    expect(pairs.map(({ left, right }) => [left?.text, right?.text])).toEqual([['a', 'a'], ['b', 'B'], ['c', undefined], ['d', 'd'], [undefined, 'e']]);
  });
  it('gives nothing for nothing', () => {
    expect(beside([])).toEqual([]);
  });
});

describe('stretches', () => {
  it('folds what is far from a change and loses no line', () => {
    const all = lines(`${kept(10)}\n-x\n+y\n${kept(12)}`);
    const cut = stretches(all);
    expect(cut.map((one) => [one.folded, one.lines.length])).toEqual([[true, 7], [false, 8], [true, 9]]);
    expect(cut.flatMap((one) => one.lines)).toEqual(all);
  });
  it('shows what is too short to be worth folding', () => {
    expect(stretches(lines(`${kept(5)}\n+x`)).every((one) => !one.folded)).toBe(true);
  });
});

describe('tally', () => {
  it('counts both sides', () => {
    expect(tally(lines('-a\n+b\n+c\n d'))).toEqual({ added: 2, removed: 1 });
  });
});
