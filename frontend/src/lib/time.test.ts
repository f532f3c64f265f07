import { describe, expect, it } from 'vitest';
import { clockTime, exactTime, parseInstant, relativeTime, spanText, toLocalInput } from './time';

const now = new Date('2026-03-10T12:00:00Z');
const plus = (seconds: number) => new Date(now.getTime() + seconds * 1000);

describe('relativeTime', () => {
  it.each([
    [0, 'now'],
    [-44, 'now'],
    [-50, '1 min. ago'],
    [-3 * 60, '3 min. ago'],
    [38 * 60, 'in 38 min.'],
    [-7200, '2 hr. ago'],
    [86_400, 'tomorrow'],
    [-40 * 86_400, 'last mo.'],
  ])('%i seconds from now is "%s"', (seconds, words) => {
    expect(relativeTime(plus(seconds), now, 'en')).toBe(words);
  });

  it('speaks the language of the interface', () => {
    expect(relativeTime(plus(-180), now, 'de')).toBe('vor 3 Min.');
  });
});

describe('clockTime', () => {
  it('names the day only when it is another one', () => {
    const morning = new Date(2026, 2, 10, 9, 5);
    const noon = new Date(2026, 2, 10, 12, 0);
    expect(clockTime(morning, noon, 'de')).toBe('09:05');
    expect(clockTime(new Date(2026, 2, 9, 9, 5), noon, 'de')).toContain('09.03.2026');
  });
});

describe('instants', () => {
  it('reads what the API writes and nothing else', () => {
    expect(parseInstant('2026-03-10T12:00:00Z')).toEqual(now);
    expect(parseInstant('')).toBeNull();
    expect(parseInstant(null)).toBeNull();
    expect(parseInstant('soon')).toBeNull();
  });

  it('survives the way through an input of the browser', () => {
    const at = new Date(2026, 0, 5, 7, 8);
    expect(toLocalInput(at)).toBe('2026-01-05T07:08');
    expect(parseInstant(toLocalInput(at))).toEqual(at);
  });

  it('shows date and time', () => {
    expect(exactTime(new Date(2026, 2, 10, 9, 5), 'en')).toContain('9:05');
  });
});

describe('spanText', () => {
  it.each([[0.2, '1 s'], [42, '42 s'], [90, '2 min'], [4800, '1 h 20 min']])('%d seconds', (seconds, words) => {
    expect(spanText(seconds)).toBe(words);
  });
});
