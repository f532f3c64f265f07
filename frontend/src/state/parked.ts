import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '@/bridge/api';
import type { Parked } from '@/bridge/contract';
import { keys } from '@/bridge/keys';
import { newId } from '@/lib/ids';
import { useText } from './language';
import { toast, toastError } from './toasts';

export const isTicket = (parked: Parked): boolean => parked.record.kind === 'incident' || parked.record.kind === 'request';

interface ParkedActions {
  /** makes the change anew, against the record as it is now */
  again: () => void;
  /** puts all that was typed into a note of the ticket, and settles the change */
  keepNote: () => void;
  busy: boolean;
}

/** What can be done with a change that could not be applied, besides looking at it. */
export function useParkedActions(parked: Parked): ParkedActions {
  const t = useText();
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  const { id } = parked.record;
  const run = (step: () => Promise<unknown>, done: string) => {
    setBusy(true);
    step().then(() => {
      toast({ tone: 'good', sentence: done });
      for (const queryKey of [keys.record(id), keys.allConflicts, keys.syncAll, keys.tickets]) void client.invalidateQueries({ queryKey });
    }, toastError).finally(() => { setBusy(false); });
  };
  const keep = async () => {
    await api.note(id, { text: parked.texts.map((one) => one.text).join('\n\n'), item: newId() });
    await api.change(id, { action: 'settle', changes: [{ op: 'settle', edit: parked.edit }] });
  };
  return { again: () => { run(() => api.retryParked(parked.edit), t.waiting.againDone); }, keepNote: () => { run(keep, t.waiting.kept); }, busy };
}
