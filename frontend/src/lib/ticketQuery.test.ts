import { describe, expect, it } from 'vitest';
import { formatSearch, parseSearch, wordOf, wordsOf } from './search';
import { nextSort, readTicketQuery, ticketParams, ticketRequest, withFilter } from './ticketQuery';

describe('addresses', () => {
  it('repeat a parameter for several words', () => {
    expect(parseSearch('?status=new&status=held&q=a%20b')).toEqual({ status: ['new', 'held'], q: 'a b' });
    expect(formatSearch({ status: ['new', 'held'], q: 'a b', empty: '', none: undefined, page: 2 })).toBe('?status=new&status=held&q=a+b&page=2');
    expect(formatSearch({})).toBe('');
  });

  it('keep text that looks like a number', () => {
    expect(parseSearch('?q=00042')).toEqual({ q: '00042' });
  });

  it('give one word or many, whatever stands there', () => {
    expect(wordOf(['a', 'b'])).toBe('a');
    expect(wordOf(7)).toBe('');
    expect(wordsOf('a')).toEqual(['a']);
    expect(wordsOf(['a', 3, ''])).toEqual(['a']);
    expect(wordsOf(undefined)).toEqual([]);
  });
});

describe('readTicketQuery', () => {
  it('falls back on open tickets, newest change first', () => {
    expect(readTicketQuery({ view: 'nonsense' })).toEqual({ view: 'open', q: '', sort: '-changedAt', filters: {} });
  });

  it('comes back the same from the address', () => {
    const query = readTicketQuery({ view: 'mine', q: 'vpn', sort: 'due', status: ['new', 'on_hold'], tag: 'vip' });
    expect(readTicketQuery(parseSearch(formatSearch(ticketParams(query))))).toEqual(query);
  });

  it('leaves defaults out of the address and puts them into the request', () => {
    const query = readTicketQuery({});
    expect(ticketParams(query)).toEqual({});
    expect(ticketRequest(query)).toEqual({ view: 'open', sort: '-changedAt' });
  });
});

describe('nextSort', () => {
  it('turns a column up, down and back', () => {
    expect(nextSort('-changedAt', 'title')).toBe('title');
    expect(nextSort('title', 'title')).toBe('-title');
    expect(nextSort('-title', 'title')).toBe('-changedAt');
  });

  it('lets the default column go both ways', () => {
    expect(nextSort('-changedAt', 'changedAt')).toBe('changedAt');
    expect(nextSort('changedAt', 'changedAt')).toBe('-changedAt');
  });
});

describe('withFilter', () => {
  it('adds, replaces and removes one facet and leaves the others', () => {
    const start = readTicketQuery({ team: 't1' });
    const added = withFilter(start, 'status', ['new']);
    expect(added.filters).toEqual({ team: ['t1'], status: ['new'] });
    expect(withFilter(added, 'team', []).filters).toEqual({ status: ['new'] });
  });
});
