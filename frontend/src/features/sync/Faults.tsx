import { Button } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import type { Check } from '@/bridge/contract.care';
import { type Remedy, remedyOf } from '@/lib/i18n/areas/faults';
import { useText } from '@/state/language';
import { toast, toastError } from '@/state/toasts';
import classes from './care.module.css';

interface FaultsProps {
  checks: readonly Check[];
  mayManage: boolean;
  makesKeys: boolean;
  go: (tab: 'waiting' | 'members' | 'invites' | 'devices' | 'decisions') => void;
  open: (what: 'backup' | 'key') => void;
  lookAgain: () => void;
}

/** What needs somebody: each has one sentence and one button. Nothing where all is well. */
export function Faults({ checks, mayManage, makesKeys, go, open, lookAgain }: FaultsProps) {
  const t = useText();
  const navigate = useNavigate();
  const bad = checks.filter((check) => !check.ok);
  if (bad.length === 0) return null;
  const copy = (check: Check) => { navigator.clipboard.writeText(`${check.sentence} (${check.name})`).then(() => { toast({ tone: 'good', sentence: t.care.copied }); }, toastError); };
  const act: Record<Remedy, (check: Check) => void> = {
    again: lookAgain, understood: lookAgain, sync: lookAgain, copy, waiting: () => { go('waiting'); }, nodes: () => { go('members'); }, invites: () => { go('invites'); }, devices: () => { go('devices'); }, decisions: () => { go('decisions'); },
    check: () => void navigate({ to: '/settings' }), backup: () => { open('backup'); }, key: () => { open('key'); },
  };
  const remedy = (check: Check): Remedy => {
    const wanted = remedyOf(check.name);
    return (wanted === 'backup' && !mayManage) || (wanted === 'key' && !(mayManage && makesKeys)) ? 'nodes' : wanted;
  };
  return (
    <section aria-label={t.care.needs} className={classes.faults}>
      <ul>
        {bad.map((check, i) => {
          const sentence = t.errors.said(check.name, check.sentence);
          const way = remedy(check);
          const words = way === 'again' || way === 'understood' ? t.care.lookAgain : t.remedies[way];
          return (
            <li key={`${check.name}-${String(i)}`}>
              <IconAlertTriangle size={16} stroke={1.5} aria-hidden />
              <span>{sentence}</span>
              <Button size="compact-sm" variant="default" onClick={() => { act[way](check); }} aria-label={`${words}: ${sentence}`}>{words}</Button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
