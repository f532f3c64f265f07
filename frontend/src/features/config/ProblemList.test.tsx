import { MantineProvider } from '@mantine/core';
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { expect, it, vi } from 'vitest';
import { CodeField } from './CodeField';
import { ProblemList } from './ProblemList';

const text = 'one: 1\ntwo: 2\nthree: 3\n';

function Pair({ onSave = () => {}, onLeave = () => {}, start = text }: { onSave?: () => void; onLeave?: () => void; start?: string }) {
  const [value, setValue] = useState(start);
  const [jump, setJump] = useState<{ line: number; count: number } | null>(null);
  return (
    <MantineProvider>
      <CodeField label="Text" describedBy="hint" text={value} onChange={setValue} wrong={new Map([[2, 'two is not known']])} jump={jump} onSave={onSave} onLeave={onLeave} />
      <ProblemList
        problems={[{ file: 'sla/a.yaml', line: 2, column: 1, what: 'two is not known', allowed: 'one, three' }]}
        open={(_, line) => { setJump((before) => ({ line, count: (before?.count ?? 0) + 1 })); }}
      />
    </MantineProvider>
  );
}

const field = () => screen.getByRole<HTMLTextAreaElement>('textbox', { name: 'Text' });

it('goes to the line of a problem, again with every click, and says what is allowed', async () => {
  const user = userEvent.setup();
  render(<Pair />);
  expect(screen.getByText('Allowed: one, three')).toBeVisible();
  for (let i = 0; i < 2; i++) {
    field().setSelectionRange(0, 0);
    await user.click(screen.getByRole('button', { name: 'Go to sla/a.yaml, line 2' }));
    expect(field()).toHaveFocus();
    expect(field().value.slice(field().selectionStart, field().selectionEnd)).toBe('two: 2');
  }
  expect(field()).toBeInvalid();
});

it('shows nothing where nothing is wrong', () => {
  render(<MantineProvider><ProblemList problems={[]} open={vi.fn()} /></MantineProvider>);
  expect(screen.queryByRole('region')).toBeNull();
});

it('indents by Tab, saves by Ctrl S, and lets go by Escape', async () => {
  const user = userEvent.setup();
  const [onSave, onLeave] = [vi.fn(), vi.fn()];
  render(<Pair start="a: b" onSave={onSave} onLeave={onLeave} />);
  await user.click(field());
  field().setSelectionRange(0, 0);
  await user.tab();
  expect(field()).toHaveValue('  a: b');
  expect(field()).toHaveFocus();
  await user.tab({ shift: true });
  expect(field()).toHaveValue('a: b');
  await user.keyboard('{Control>}s{/Control}');
  expect(onSave).toHaveBeenCalledOnce();
  await user.keyboard('{Escape}');
  expect(onLeave).toHaveBeenCalledOnce();
});
