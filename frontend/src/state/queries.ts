import { useQuery } from '@tanstack/react-query';
import type { Choice, Meta, Ref } from '@/bridge/contract';
import { queries } from '@/bridge/queries';

export function useMeta(): Meta | undefined {
  return useQuery(queries.meta()).data;
}

/** The person who works here. */
export function useMyself(): Ref | null {
  return useQuery(queries.me()).data?.person ?? null;
}

/** Whether the person's roles allow an action; unknown counts as allowed, because the leader decides anyway. */
export function useMay(action: string): boolean {
  return useQuery(queries.me()).data?.may[action] ?? true;
}

/** The choices of a field of a kind. */
export function choicesOf(meta: Meta | undefined, kind: string, field: string): Choice[] {
  return meta?.kinds.find((one) => one.name === kind)?.fields.find((one) => one.name === field)?.choices ?? [];
}

/** The kind that a reference field points to. */
export function targetOf(meta: Meta | undefined, kind: string, field: string): string {
  const found = meta?.kinds.find((one) => one.name === kind)?.fields.find((one) => one.name === field)?.target;
  return found ?? guessTarget(field);
}

function guessTarget(field: string): string {
  if (field === 'team') return 'team';
  if (field === 'service' || field === 'services' || field === 'depends_on') return 'service';
  if (field === 'site') return 'site';
  return 'person';
}
