import { Tooltip } from '@mantine/core';
import { useText } from '@/state/language';
import classes from './Pending.module.css';

/** The small hollow dot of what is saved here and not yet agreed. */
export function PendingDot() {
  const t = useText();
  return (
    <Tooltip label={t.common.pendingHint} multiline w={240}>
      <span className={classes.dot} role="img" aria-label={t.common.pending} />
    </Tooltip>
  );
}
