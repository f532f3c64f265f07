import { useEffect, type ReactNode } from 'react';
import { nameWindow } from '@/bridge/window';
import classes from './page.module.css';

interface PageProps {
  title: string;
  /** beside the title, such as how many */
  count?: ReactNode;
  /** between title and actions */
  tools?: ReactNode;
  actions?: ReactNode;
  /** leaves scrolling and padding to the content */
  bare?: boolean;
  /** keeps lines at a length that reads well */
  narrow?: boolean;
  children: ReactNode;
}

/** One screen: a head with its name, figures and actions, and what it shows. */
export function Page({ title, count, tools, actions, bare = false, narrow = false, children }: PageProps) {
  useEffect(() => {
    nameWindow(`${title} · Holdfast`);
  }, [title]);
  return (
    <div className={classes.page}>
      <header className={classes.head}>
        <h1>{title}</h1>
        {count !== undefined && <span className={classes.count}>{count}</span>}
        {tools}
        {actions !== undefined && <div className={classes.actions}>{actions}</div>}
      </header>
      {bare ? children : (
        <div className={`${classes.body ?? ''} ${classes.padded ?? ''}`}>
          {narrow ? <div className={classes.narrow}>{children}</div> : children}
        </div>
      )}
    </div>
  );
}

/** A part of a screen under its own heading. */
export function Section({ title, hint, action, children }: { title: string; hint?: ReactNode; action?: ReactNode; children: ReactNode }) {
  return (
    <section className={classes.section} aria-label={title}>
      <div className={classes.sectionHead}>
        <h2>{title}</h2>
        {hint !== undefined && <span className="muted">{hint}</span>}
        {action}
      </div>
      {children}
    </section>
  );
}
