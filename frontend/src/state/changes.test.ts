import { describe, expect, it } from 'vitest';
import { field, mia, record } from '@test/world';
import { changesOf, inverseOf, sameValue, seenOfAll, settleChange, withChanges } from './changes';

const before = (value: string | string[] | number | null) => ({ value, seen: ['e1'] });

describe('changesOf', () => {
  it('says what the author saw', () => {
    expect(changesOf({ name: 'impact', rule: 'register' }, before('low'), 'high')).toEqual([{ op: 'set', field: 'impact', value: 'high', seen: ['e1'] }]);
  });

  it('hands on the text that the author began from, so that two edits can be merged', () => {
    expect(changesOf({ name: 'description', rule: 'text' }, before('a\nb'), 'a\nc')).toEqual([{ op: 'text', field: 'description', value: 'a\nc', base: 'a\nb', seen: ['e1'] }]);
  });

  it('adds and removes members of a set one by one', () => {
    expect(changesOf({ name: 'tags', rule: 'set' }, before(['a', 'b']), ['b', 'c'])).toEqual([
      { op: 'add', field: 'tags', value: 'c' },
      { op: 'remove', field: 'tags', value: 'a', seen: ['e1'] },
    ]);
  });

  it('counts by difference', () => {
    expect(changesOf({ name: 'helpful', rule: 'counter' }, before(4), 6)).toEqual([{ op: 'count', field: 'helpful', delta: 2 }]);
  });

  it('changes nothing when nothing differs, whatever the order or the kind of empty', () => {
    expect(changesOf({ name: 'tags', rule: 'set' }, before(['a', 'b']), ['b', 'a'])).toEqual([]);
    expect(changesOf({ name: 'location', rule: 'register' }, before(null), '')).toEqual([]);
    expect(sameValue([], null)).toBe(true);
  });

  it('never writes what the program allocates', () => {
    expect(changesOf({ name: 'number', rule: 'number' }, before('1'), '2')).toEqual([]);
  });
});

describe('settling', () => {
  const held = { edit: 'e9', value: 'high', display: 'High', by: mia, at: '', device: 'tablet' };

  it('has seen every value that the field holds', () => {
    expect(seenOfAll({ seen: ['e1', 'e9'], conflicts: [held] })).toEqual(['e1', 'e9']);
  });

  it('is a set, or a text against the one shown', () => {
    expect(settleChange({ name: 'impact', rule: 'register', value: 'low' }, ['e1', 'e9'], 'high')).toEqual({ op: 'set', field: 'impact', value: 'high', seen: ['e1', 'e9'] });
    expect(settleChange({ name: 'body', rule: 'text', value: 'a' }, ['e1'], 'b')).toEqual({ op: 'text', field: 'body', value: 'b', base: 'a', seen: ['e1'] });
  });
});

describe('inverseOf', () => {
  const now = field('tags', { value: ['a'], seen: ['e5'] });

  it('takes a value back against the field as it is now', () => {
    expect(inverseOf({ op: 'set', field: 'impact', value: 'high', seen: [] }, before('low'), field('impact', { value: 'high', seen: ['e5'] }))).toEqual({ op: 'set', field: 'impact', value: 'low', seen: ['e5'] });
    expect(inverseOf({ op: 'add', field: 'tags', value: 'a' }, before([]), now)).toEqual({ op: 'remove', field: 'tags', value: 'a', seen: ['e5'] });
    expect(inverseOf({ op: 'remove', field: 'tags', value: 'b' }, before(['b']), now)).toEqual({ op: 'add', field: 'tags', value: 'b' });
    expect(inverseOf({ op: 'count', field: 'n', delta: 2 }, before(1), now)).toEqual({ op: 'count', field: 'n', delta: -2 });
  });

  it('leaves steps of a life cycle to the workflow', () => {
    expect(inverseOf({ op: 'transition', to: 'closed', from: 'new', with: {} }, before('new'), now)).toBeNull();
  });
});

describe('withChanges', () => {
  it('paints the new value as waiting, and keeps the rest', () => {
    const shown = withChanges(record([field('title', { value: 'a' }), field('impact', { value: 'low', display: 'Low' })]), [{ op: 'set', field: 'title', value: 'b', seen: [] }], undefined);
    expect(shown.title).toBe('b');
    expect(shown.pending).toBe(1);
    expect(shown.fields.map((one) => [one.value, one.pending])).toEqual([['b', true], ['low', false]]);
  });

  it('takes the conflict off only when all its values were seen', () => {
    const held = { edit: 'e9', value: 'x', display: 'x', by: mia, at: '', device: '' };
    const start = record([field('title', { value: 'a', conflicts: [held] })]);
    expect(withChanges(start, [{ op: 'set', field: 'title', value: 'b', seen: ['e1'] }], undefined).fields[0]?.conflicts).toHaveLength(1);
    expect(withChanges(start, [{ op: 'set', field: 'title', value: 'b', seen: ['e1', 'e9'] }], undefined).fields[0]?.conflicts).toHaveLength(0);
  });

  it('moves the state and changes sets in order', () => {
    const shown = withChanges(record([field('status', { rule: 'state', value: 'new' }), field('tags', { rule: 'set', value: ['a'] })]), [
      { op: 'transition', to: 'resolved', from: 'new', with: {} }, { op: 'add', field: 'tags', value: 'b' }, { op: 'remove', field: 'tags', value: 'a' },
    ], 'Resolved');
    expect(shown.fields.map((one) => one.value)).toEqual(['resolved', ['b']]);
  });
});
