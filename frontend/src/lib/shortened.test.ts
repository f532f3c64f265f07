import { expect, it } from 'vitest';
import { shortened } from './shortened';

it.each([
  ['short', 10, 'short'],
  ['exactly ten', 11, 'exactly ten'],
  ['one two three', 4, 'one…'],
  ['🖨️🔥🖨️🔥', 3, '🖨️🔥🖨️…'],
  ['🖨️🔥', 2, '🖨️🔥'],
  ['e\u0301e\u0301e\u0301', 2, 'e\u0301e\u0301…'],
])('%j within %d is %j', (text, max, want) => {
  expect(shortened(text, max)).toBe(want);
});
