import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { api } from '@/bridge/api';
import { keys } from '@/bridge/keys';
import { queries } from '@/bridge/queries';
import { toastError } from '@/state/toasts';

/** Stops sharing, or takes it up again. */
export function useToggleOffline(): () => void {
  const client = useQueryClient();
  const { data } = useQuery(queries.sync());
  const paused = data?.state === 'paused';
  return useCallback(() => {
    (paused ? api.resume() : api.pause()).then((status) => { client.setQueryData(keys.sync, status); }, toastError);
  }, [client, paused]);
}
