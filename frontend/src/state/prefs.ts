import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { api } from '@/bridge/api';
import type { Prefs } from '@/bridge/contract';
import { keys } from '@/bridge/keys';
import { queries } from '@/bridge/queries';
import { type Language, systemLanguage } from '@/lib/i18n';
import { readStoredJson, writeStoredJson } from '@/lib/storage';
import { toastError } from './toasts';

const key = 'prefs';

function isPrefs(value: unknown): value is Prefs {
  return typeof value === 'object' && value !== null && 'theme' in value && 'density' in value && 'language' in value && 'nearby' in value;
}

/** What the last visit used, so that the first paint has the right colours before the program answers. */
function remembered(): Prefs {
  return readStoredJson(key, isPrefs) ?? { theme: 'system', density: 'comfortable', language: 'system', nearby: true };
}

/** This device's settings; never waits. */
export function usePrefs(): Prefs {
  const { data } = useQuery({ ...queries.prefs(), retry: false });
  return data ?? remembered();
}

/** The language that the settings ask for. */
export function languageOf(prefs: Prefs): Language {
  return prefs.language === 'de' || prefs.language === 'en' ? prefs.language : systemLanguage(navigator.languages);
}

/** Changes settings: shown at once, taken back with a message when the program cannot keep them. */
export function useSavePrefs(): (part: Partial<Prefs>) => void {
  const client = useQueryClient();
  const now = usePrefs();
  return useCallback(
    (part) => {
      const next = { ...now, ...part };
      client.setQueryData(keys.prefs, next);
      writeStoredJson(key, next);
      api.savePrefs({ theme: next.theme, density: next.density, language: next.language, nearby: next.nearby }).catch((error: unknown) => {
        toastError(error);
      });
    },
    [client, now],
  );
}

/** Remembers what the program answered, for the next first paint. */
export function rememberPrefs(prefs: Prefs): void {
  writeStoredJson(key, prefs);
}
