import { Button } from '@mantine/core';
import { IconListCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { queries } from '@/bridge/queries';
import { useText } from '@/state/language';
import { Html } from '@/ui/Html';
import { Empty, Loaded } from '@/ui/states';
import classes from './config.module.css';

interface RunbooksProps {
  /** the path of the open one; the first where there is no such */
  shown: string;
  choose: (path: string) => void;
  edit: (path: string) => void;
}

/** The runbooks that are in force, to read. */
export function Runbooks({ shown, choose, edit }: RunbooksProps) {
  const t = useText();
  const query = useQuery(queries.runbooks());
  return (
    <Loaded query={query}>
      {({ runbooks }) => {
        const open = runbooks.find((one) => one.path === shown) ?? runbooks[0];
        if (open === undefined) return <Empty icon={IconListCheck} title={t.config.runbookEmpty} hint={t.config.runbookEmptyHint} action={{ label: t.config.runbookNew, run: () => { edit('runbooks/first-steps.md'); } }} />;
        return (
          <div className={classes.files}>
            <nav className={classes.tree} aria-label={t.config.runbooks}>
              <div className={classes.treeFiles}>
                {runbooks.map((one) => <button key={one.path} type="button" className={classes.runbook} aria-current={one.path === open.path} onClick={() => { choose(one.path); }}>{one.title}</button>)}
              </div>
            </nav>
            <article className={classes.reader} aria-label={open.title}>
              <div className={classes.readerBar}><span className="faint mono">{open.path}</span><Button variant="default" size="compact-sm" onClick={() => { edit(open.path); }}>{t.config.runbookEdit}</Button></div>
              <Html html={open.html} />
            </article>
          </div>
        );
      }}
    </Loaded>
  );
}
