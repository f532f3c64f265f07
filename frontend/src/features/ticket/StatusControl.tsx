import { Button, Menu } from '@mantine/core';
import { IconChevronDown } from '@tabler/icons-react';
import { useState } from 'react';
import type { NextStatus, Ticket } from '@/bridge/contract';
import type { RecordEdits } from '@/state/edits';
import { useText } from '@/state/language';
import { StatusMark } from '@/ui/marks';
import { TransitionForm } from '@/ui/TransitionForm';
import classes from './ticket.module.css';

interface StatusControlProps {
  ticket: Ticket;
  edits: RecordEdits;
  open: boolean;
  setOpen: (open: boolean) => void;
}

/** The status with the ways on from it: only those that the workflow allows, each asking for what it needs. */
export function StatusControl({ ticket, edits, open, setOpen }: StatusControlProps) {
  const t = useText();
  const [chosen, setChosen] = useState<NextStatus | null>(null);
  const { status } = ticket;
  const move = (next: NextStatus) => {
    if ((next.required ?? []).length > 0) setChosen(next);
    else void edits.save('transition', [{ op: 'transition', to: next.to, from: status.key, with: {} }], { display: t.common.word(next.label) });
  };
  return (
    <>
      <Menu opened={open} onChange={setOpen} width="target" position="bottom-start">
        <Menu.Target>
          <Button variant="default" fullWidth justify="space-between" size="sm" rightSection={<IconChevronDown size={16} stroke={1.5} aria-hidden />} aria-label={`${t.ticket.changeStatus}: ${t.common.word(status.label)}`}>
            <StatusMark status={status.key} label={status.label} phase={status.phase} />
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {(ticket.next ?? []).map((next) => (
            <Menu.Item key={next.to} disabled={!next.allowed} onClick={() => { move(next); }}>
              {t.common.word(next.label)}
              {!next.allowed && <div className={classes.reason}>{next.reason === undefined ? t.ticket.notAllowed : t.errors.said('', next.reason)}</div>}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      {chosen !== null && <TransitionForm record={ticket} from={status.key} next={chosen} edits={edits} close={() => { setChosen(null); }} />}
    </>
  );
}
