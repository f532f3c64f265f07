import { MantineProvider } from '@mantine/core';
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it, vi } from 'vitest';
import type { Published } from '@/bridge/contract';
import { LanguageContext } from '@/state/language';
import type { Language } from '@/lib/i18n';
import { PublishOutcome } from './PublishOutcome';

function show(outcome: Published, language: Language = 'en') {
  const [open, close] = [vi.fn(), vi.fn()];
  render(<MantineProvider><LanguageContext value={language}><PublishOutcome outcome={outcome} open={open} close={close} /></LanguageContext></MantineProvider>);
  return { open, close };
}

it.each([
  ['published', 'status', /in force here/], ['waiting', 'status', /as soon as the others agree/], ['merged', 'status', /were merged/],
  ['conflict', 'alert', /same lines.*Your draft is kept/], ['refused', 'alert', /refused.*Your draft is kept/], ['nothing', 'status', /nothing to publish/],
] as const)('says in a sentence what became of it: %s', (state, role, words) => {
  show({ state, commit: 'a' });
  expect(screen.getByRole(role)).toHaveTextContent(words);
});

it('leads to each problem and to each file that both changed', async () => {
  const user = userEvent.setup();
  const { open, close } = show({ state: 'refused', commit: 'a', problems: [{ file: 'roles.yaml', line: 7, column: 1, what: 'Unknown role' }], conflicts: ['choices.yaml'] });
  await user.click(screen.getByRole('button', { name: 'roles.yaml, line 7' }));
  expect(open).toHaveBeenLastCalledWith('roles.yaml', 7);
  await user.click(screen.getByRole('button', { name: 'choices.yaml' }));
  expect(open).toHaveBeenLastCalledWith('choices.yaml');
  await user.click(screen.getByRole('button', { name: 'Close this message' }));
  expect(close).toHaveBeenCalledOnce();
});

it('speaks German', () => {
  show({ state: 'conflict', commit: 'a' }, 'de');
  expect(screen.getByRole('alert')).toHaveTextContent(/dieselben Zeilen/);
});
