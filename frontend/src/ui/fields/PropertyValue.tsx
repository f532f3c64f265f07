import type { ReactNode } from 'react';
import { useText } from '@/state/language';
import classes from './property.module.css';

/** A value that opens its editor, or only shows itself. */
export function PropertyValue({ label, fixed, edit, hasDraft, children }: {
  label: string;
  fixed: boolean;
  edit: () => void;
  hasDraft: boolean;
  children: ReactNode;
}) {
  const t = useText();
  if (fixed) return <div className={classes.value}>{children}</div>;
  return (
    <button type="button" className={classes.value} onClick={edit} aria-label={`${t.common.edit}: ${label}`}>
      {children}
      {hasDraft && <span className={classes.draft}>{t.common.draftKept}</span>}
    </button>
  );
}
