import { fireEvent, render } from '@testing-library/react';
import { expect, it, vi } from 'vitest';
import { handleKey, useShortcuts } from './shortcuts';

function Screen({ run }: { run: () => void }) {
  useShortcuts([{ keys: '/', label: 'filter', group: 'list', run }]);
  return null;
}

function Around({ palette, filter }: { palette: () => void; filter: () => void }) {
  useShortcuts([{ keys: '/', label: 'search', group: 'everywhere', run: palette }], true);
  return <Screen run={filter} />;
}

it('gives a key to the screen before the frame around it, also when both come at once', () => {
  const [palette, filter] = [vi.fn(), vi.fn()];
  window.addEventListener('keydown', handleKey);
  render(<Around palette={palette} filter={filter} />);
  fireEvent.keyDown(document.body, { key: '/' });
  window.removeEventListener('keydown', handleKey);
  expect(filter).toHaveBeenCalledOnce();
  expect(palette).not.toHaveBeenCalled();
});
