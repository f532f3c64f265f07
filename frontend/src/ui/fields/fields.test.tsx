import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { keys } from '@/bridge/keys';
import { newQueryClient } from '@/bridge/client';
import type { FieldState } from '@/bridge/contract';
import { readDraft } from '@/state/drafts';
import { useRecordEdits } from '@/state/edits';
import { field, meta, mia, problem, program, record, show } from '@test/world';
import { LongText } from './LongText';
import { ParkedCard } from './ParkedCard';
import { Property } from './Property';
import { valueText } from './spec';
import { TitleField } from './TitleField';
import { textsIn } from '@/lib/i18n';

afterEach(() => { vi.unstubAllGlobals(); });

const location = field('location', { label: 'Location', value: 'Floor 2', display: 'Floor 2', seen: ['e1'] });

function Location({ with: shown }: { with: FieldState }) {
  return <Property recordId="r1" kind="incident" field={shown} edits={useRecordEdits('r1')} />;
}

const answers = (more: Record<string, unknown> = {}) => ({ 'GET /meta': meta, 'POST /markdown/preview': { html: '<p>shown</p>' }, ...more });

describe('a property', () => {
  it('is edited in place and stored with what its author saw', async () => {
    const asked = program(answers({ 'POST /records/r1/changes': record([location]) }));
    await show(<Location with={location} />);
    await userEvent.click(screen.getByRole('button', { name: 'Edit: Location' }));
    const box = screen.getByRole('textbox', { name: 'Location' });
    await userEvent.clear(box);
    await userEvent.type(box, 'Floor 3{Enter}');
    await waitFor(() => { expect(asked.at(-1)?.path).toBe('/records/r1/changes'); });
    expect(asked.find((one) => one.method === 'POST')?.body).toEqual({ action: 'edit', changes: [{ op: 'set', field: 'location', value: 'Floor 3', seen: ['e1'] }] });
    expect(readDraft('r1/location')).toBeUndefined();
  });

  it('keeps what was typed when it is left, and says so', async () => {
    program(answers());
    await show(<Location with={location} />);
    await userEvent.click(screen.getByRole('button', { name: 'Edit: Location' }));
    await userEvent.type(screen.getByRole('textbox', { name: 'Location' }), ' east{Escape}');
    expect(screen.getByText('Draft kept on this device')).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: 'Edit: Location' }));
    expect(screen.getByRole('textbox', { name: 'Location' })).toHaveValue('Floor 2 east');
  });

  it('stays open with its text when it cannot be stored', async () => {
    program(answers({ 'POST /records/r1/changes': () => problem(507, 'disk_full', 'The disk is full.') }));
    await show(<Location with={location} />);
    await userEvent.click(screen.getByRole('button', { name: 'Edit: Location' }));
    await userEvent.type(screen.getByRole('textbox', { name: 'Location' }), '!{Enter}');
    expect(await screen.findByRole('textbox', { name: 'Location' })).toHaveValue('Floor 2!');
  });

  it('claims to have seen only what stood there when editing began', async () => {
    const asked = program(answers({ 'POST /records/r1/changes': record([location]) }));
    const shown = await show(<Location with={location} />);
    await userEvent.click(screen.getByRole('button', { name: 'Edit: Location' }));
    await userEvent.type(screen.getByRole('textbox', { name: 'Location' }), ' west{Escape}');
    shown.unmount();
    await show(<Location with={{ ...location, value: 'Cellar', display: 'Cellar', seen: ['e7'] }} />);
    await userEvent.click(screen.getByRole('button', { name: 'Edit: Location' }));
    await userEvent.type(screen.getByRole('textbox', { name: 'Location' }), '{Enter}');
    await waitFor(() => { expect(asked.some((one) => one.method === 'POST')).toBe(true); });
    expect(asked.find((one) => one.method === 'POST')?.body).toMatchObject({ changes: [{ value: 'Floor 2 west', seen: ['e1'] }] });
  });

  it('marks what waits to be shared, and shows the fixed without an editor', async () => {
    program(answers());
    await show(<Location with={{ ...location, pending: true, readOnly: true }} />);
    expect(screen.getByRole('img', { name: 'Waiting to be shared' })).toBeVisible();
    expect(screen.queryByRole('button')).toBeNull();
  });

  it('shows both values of a conflict, and settles it with one click', async () => {
    const conflicted = { ...location, conflicts: [{ edit: 'e9', value: 'Roof', display: 'Roof', by: mia, at: '2026-03-10T11:00:00Z', device: 'mia-tablet' }] };
    const asked = program(answers({ 'POST /records/r1/changes': record([location]) }));
    await show(<Location with={conflicted} />);
    const card = screen.getByRole('group', { name: /Two people changed “Location”/ });
    expect(within(card).getByText(/by Mia Schneider/)).toHaveTextContent('on mia-tablet');
    expect(within(card).getByRole('button', { name: 'Keep “Floor 2”' })).toBeVisible();
    await userEvent.click(within(card).getByRole('button', { name: 'Use “Roof”' }));
    expect(asked.find((one) => one.method === 'POST')?.body).toEqual({ action: 'settle', changes: [{ op: 'set', field: 'location', value: 'Roof', seen: ['e1', 'e9'] }] });
  });
});

const text = field('description', { label: 'Description', type: 'markdown', rule: 'text', value: 'one\ntwo', seen: ['e1'] });

function Description() {
  return <LongText recordId="r1" field={text} edits={useRecordEdits('r1')} placeholder="Add a description" html="<p>one two</p>" />;
}

function Title() {
  return <TitleField recordId="r1" field={field('title', { value: 'VPN', seen: ['e1'] })} edits={useRecordEdits('r1')} />;
}

describe('a text', () => {
  it('is stored with the text that its author began from', async () => {
    const asked = program(answers({ 'POST /records/r1/changes': record([text]) }));
    await show(<Description />);
    await userEvent.click(screen.getByRole('button', { name: 'Edit: Description' }));
    await userEvent.type(screen.getByRole('textbox', { name: 'Description' }), '\nthree{Control>}{Enter}{/Control}');
    await waitFor(() => { expect(asked.some((one) => one.path === '/records/r1/changes')).toBe(true); });
    expect(asked.find((one) => one.path === '/records/r1/changes')?.body).toMatchObject({ changes: [{ op: 'text', value: 'one\ntwo\nthree', base: 'one\ntwo', seen: ['e1'] }] });
  });

  it('is previewed as the program renders it', async () => {
    program(answers());
    await show(<Description />);
    await userEvent.click(screen.getByRole('button', { name: 'Edit: Description' }));
    await userEvent.click(screen.getByRole('radio', { name: 'Preview' }));
    expect(await screen.findByText('shown')).toBeVisible();
  });
});

describe('a title', () => {
  it('is a heading, and saves on Enter, painting at once', async () => {
    const client = newQueryClient();
    client.setQueryData(keys.ticket('r1'), record([field('title', { value: 'VPN' })], { title: 'VPN' }));
    const asked = program(answers({ 'POST /records/r1/changes': record([], { title: 'VPN down' }) }));
    await show(<Title />, { client });
    expect(screen.getByRole('heading', { level: 1, name: 'VPN' })).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: 'VPN' }));
    await userEvent.type(screen.getByRole('textbox', { name: 'Title' }), ' down{Enter}');
    await waitFor(() => { expect(asked.find((one) => one.method === 'POST')?.body).toMatchObject({ changes: [{ value: 'VPN down' }] }); });
  });
});

describe('a long text that two people changed', () => {
  const base = 'It prints blank pages since this morning. Toner is full.';
  const mine = 'It prints blank pages since Monday. Toner is full.';
  const theirs = 'It prints blank pages since Tuesday. Toner is full and new.';
  const clashing = { ...text, value: mine, conflicts: [{ edit: 'e9', value: theirs, display: theirs, by: mia, at: '2026-03-10T11:00:00Z', device: 'mia-tablet', base }] };

  function Clash() {
    return <LongText recordId="r1" field={clashing} edits={useRecordEdits('r1')} placeholder="Add a description" html="<p>shown</p>" />;
  }

  it('shows what both began from, marks the words of each, and takes the merge as it is edited', async () => {
    const asked = program(answers({ 'POST /records/r1/changes': record([text]) }));
    await show(<Clash />);
    const card = screen.getByRole('group', { name: /Two people changed “Description”/ });
    expect(within(card).getByText(base)).toBeVisible();
    expect(within(card).getAllByRole('insertion').map((one) => one.textContent)).toEqual(['Monday. ', 'Tuesday. ', 'full and new.', 'added']);
    expect(within(card).getAllByRole('deletion').map((one) => one.textContent)).toEqual(['this morning. ', 'this morning. ', 'full.', 'taken out']);
    const together = within(card).getByRole('textbox', { name: 'Description: both together' });
    expect(together).toHaveValue('It prints blank pages since Monday. Tuesday. Toner is full and new.');
    expect(card).toHaveTextContent('In 1 place both changed the same words');
    await userEvent.clear(together);
    await userEvent.type(together, 'Since Monday, or Tuesday.');
    await userEvent.click(within(card).getByRole('button', { name: 'Use the merged text' }));
    expect(asked.find((one) => one.method === 'POST')?.body).toEqual({ action: 'settle', changes: [{ op: 'text', field: 'description', value: 'Since Monday, or Tuesday.', base: mine, seen: ['e1', 'e9'] }] });
  });

  it('takes one of the two with one click', async () => {
    const asked = program(answers({ 'POST /records/r1/changes': record([text]) }));
    await show(<Clash />);
    await userEvent.click(screen.getByRole('button', { name: 'Use the text by Mia Schneider' }));
    expect(asked.find((one) => one.method === 'POST')?.body).toMatchObject({ action: 'settle', changes: [{ value: theirs, seen: ['e1', 'e9'] }] });
  });
});

describe('a parked change', () => {
  const parked = {
    edit: 'e3', record: mia, action: 'resolve', reason: { code: 'transition', sentence: 'It was already on hold.' }, by: mia, at: '2026-03-10T11:00:00Z', device: 'tablet',
    texts: [{ field: 'resolution_text', label: 'resolution_text', text: 'Replaced the token.' }], mine: true, kept: true,
  };

  it('shows why, and all that was typed', async () => {
    program(answers());
    const dismiss = vi.fn();
    const take = vi.fn();
    await show(<ParkedCard parked={parked} dismiss={dismiss} useText={take} />);
    const card = screen.getByRole('group', { name: '“resolve” could not be applied' });
    expect(card).toHaveTextContent('It was already on hold.');
    expect(card).toHaveTextContent('Replaced the token.');
    expect(card).toHaveTextContent('What was typed stands on the ticket as a note already.');
    expect(within(card).queryByRole('button', { name: 'Keep as a note' })).toBeNull();
    await userEvent.click(within(card).getByRole('button', { name: 'Copy text to a note' }));
    await userEvent.click(within(card).getByRole('button', { name: 'I have seen this' }));
    expect(take).toHaveBeenCalledWith('Replaced the token.');
    expect(dismiss).toHaveBeenCalledOnce();
  });
});

describe('valueText', () => {
  const t = textsIn('en');
  it.each([
    [{ type: 'money' as const, value: 690 }, '6.90'],
    [{ type: 'flag' as const, value: false }, 'No'],
    [{ type: 'ref' as const, value: 'id', display: 'Ana' }, 'Ana'],
    [{ type: 'choice' as const, value: 'low' }, 'Low'],
    [{ type: 'text' as const, value: ['b', 'c'] }, 'b, c'],
    [{ type: 'integer' as const, value: 12_000 }, '12,000'],
    [{ type: 'text' as const, value: null }, ''],
  ])('%j is "%s"', (value, words) => {
    expect(valueText(t, 'en', value, [{ key: 'low', label: 'Low' }])).toBe(words);
  });
});
