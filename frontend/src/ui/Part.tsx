import { Button } from '@mantine/core';
import { useState } from 'react';
import { useLanguage, useText } from '@/state/language';

interface PartState<T> {
  shown: readonly T[];
  all: number;
  step: number;
  more: () => void;
}

/** The first of a long list, step by step, so that a screen of hundreds is as quick as one of ten. */
export function usePart<T>(list: readonly T[], step: number): PartState<T> {
  const [most, setMost] = useState(step);
  return { shown: list.slice(0, most), all: list.length, step, more: () => { setMost((now) => now + step); } };
}

/** How much of a list is shown, and the button for more of it; nothing where all of it is. */
export function MorePart<T>({ part: { shown, all, step, more }, last = false }: { part: PartState<T>; /** no more of it can be shown */ last?: boolean }) {
  const t = useText();
  const language = useLanguage();
  if (shown.length >= all) return null;
  return (
    <p className="muted" style={{ marginTop: 12 }}>
      {t.common.shownOf(shown.length.toLocaleString(language), all.toLocaleString(language))}{' '}
      {!last && <Button size="compact-sm" variant="default" onClick={more}>{t.common.showNext(Math.min(step, all - shown.length).toLocaleString(language))}</Button>}
    </p>
  );
}
