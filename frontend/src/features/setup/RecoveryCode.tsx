import { Button, Checkbox, CopyButton } from '@mantine/core';
import { IconKey } from '@tabler/icons-react';
import { type SubmitEvent, useEffect, useRef, useState } from 'react';
import { useText } from '@/state/language';
import classes from './setup.module.css';

/** The recovery code of a folder that was just encrypted, the only time that it is shown. Nothing goes on before it is said to be written down. */
export function RecoveryCode({ code, go }: { code: string; go: () => void }) {
  const t = useText();
  const [written, setWritten] = useState(false);
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => { title.current?.focus(); }, []);
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (written) go();
  };
  return (
    <div className={classes.panel}>
      <IconKey size={40} stroke={1.5} className={classes.key} aria-hidden />
      <h1 ref={title} tabIndex={-1}>{t.setup.recoveryTitle}</h1>
      <p className={classes.intro}>{t.setup.recoveryWhy}</p>
      <form className={classes.form} onSubmit={submit} aria-label={t.setup.recoveryTitle}>
        <div className={classes.recovery}>
          <output className={classes.recoveryCode} aria-label={t.setup.recoveryCode}>{code}</output>
          <CopyButton value={code}>{({ copied, copy }) => <Button variant="default" onClick={copy}>{copied ? t.common.copied : t.common.copy}</Button>}</CopyButton>
        </div>
        <p className="muted">{t.setup.recoveryKeep}</p>
        <Checkbox label={t.setup.recoveryWritten} checked={written} onChange={(e) => { setWritten(e.currentTarget.checked); }} />
        <div className={classes.actions}><Button type="submit" size="sm" disabled={!written}>{t.setup.recoveryGo}</Button></div>
      </form>
    </div>
  );
}
