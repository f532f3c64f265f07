import { Button, Checkbox } from '@mantine/core';
import { IconKey } from '@tabler/icons-react';
import { type SubmitEvent, useEffect, useRef, useState } from 'react';
import { useText } from '@/state/language';
import { Secret } from '@/ui/Secret';
import classes from './setup.module.css';

/** What is to be written down; an empty one is none. */
export interface SetupSecrets {
  /** opens the encrypted folder */
  code: string;
  /** brings the site back when its nodes are lost */
  siteKey: string;
}

/** What was just made and is kept nowhere, the only time that it is shown. Nothing goes on before it is said to be written down. */
export function Secrets({ code, siteKey, go }: SetupSecrets & { go: () => void }) {
  const t = useText();
  const [written, setWritten] = useState(false);
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => { title.current?.focus(); }, []);
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (written) go();
  };
  const both = code !== '' && siteKey !== '';
  const heading = both ? t.setup.secretsTitle : code === '' ? t.care.keyTitle : t.setup.recoveryTitle;
  return (
    <div className={classes.panel}>
      <IconKey size={40} stroke={1.5} className={classes.key} aria-hidden />
      <h1 ref={title} tabIndex={-1}>{heading}</h1>
      <form className={classes.form} onSubmit={submit} aria-label={heading}>
        {siteKey !== '' && <One name={t.care.key} why={t.care.keyWhy} value={siteKey} heading={both} />}
        {code !== '' && <One name={t.setup.recoveryCode} why={t.setup.recoveryWhy} value={code} heading={both} />}
        <p className="muted">{both ? t.setup.secretsKeep : code === '' ? t.care.keyKeep : t.setup.recoveryKeep}</p>
        <Checkbox label={both ? t.setup.secretsWritten : t.setup.recoveryWritten} checked={written} onChange={(e) => { setWritten(e.currentTarget.checked); }} />
        <div className={classes.actions}><Button type="submit" size="sm" disabled={!written}>{t.setup.recoveryGo}</Button></div>
      </form>
    </div>
  );
}

function One({ name, why, value, heading }: { name: string; why: string; value: string; heading: boolean }) {
  return (
    <div>
      {heading && <h2 className={classes.secretName}>{name}</h2>}
      <p className={classes.secretWhy}>{why}</p>
      <Secret label={name} value={value} />
    </div>
  );
}
