import { Button, CopyButton } from '@mantine/core';
import { useText } from '@/state/language';
import classes from './Secret.module.css';

/** Something that is shown once, to be written down. */
export function Secret({ label, value }: { label: string; value: string }) {
  const t = useText();
  return (
    <div className={classes.secret}>
      <output className={classes.value} aria-label={label}>{value}</output>
      <CopyButton value={value}>{({ copied, copy }) => <Button variant="default" onClick={copy} aria-label={`${copied ? t.common.copied : t.common.copy}: ${label}`}>{copied ? t.common.copied : t.common.copy}</Button>}</CopyButton>
    </div>
  );
}
