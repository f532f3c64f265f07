import { MantineProvider } from '@mantine/core';
import { QueryClientProvider, useQuery, useQueryClient } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { useEffect, useMemo, useState } from 'react';
import { newQueryClient } from '@/bridge/client';
import type { Setup } from '@/bridge/contract';
import { browserFeed, windowFeed } from '@/bridge/events';
import { keys } from '@/bridge/keys';
import { queries } from '@/bridge/queries';
import { refetchOnChange } from '@/bridge/refetch';
import { colourFrame, inWindow, reportRendered } from '@/bridge/window';
import { FirstRun } from '@/features/setup/FirstRun';
import { textsIn } from '@/lib/i18n';
import { connected } from '@/state/connection';
import { LanguageContext } from '@/state/language';
import { languageOf, rememberPrefs, usePrefs } from '@/state/prefs';
import { ErrorState } from '@/ui/states';
import { cssVariables, themeWith } from '@/ui/theme';
import { newRouter } from './routes';
import { Toasts } from './Toasts';

/** The whole interface. */
export function App() {
  const [client] = useState(newQueryClient);
  return (
    <QueryClientProvider client={client}>
      <Themed />
    </QueryClientProvider>
  );
}

function Themed() {
  const [router] = useState(newRouter);
  const prefs = usePrefs();
  const language = languageOf(prefs);
  const { close, clear } = textsIn(language).common;
  const theme = useMemo(() => themeWith({ close, clear }), [close, clear]);
  useEffect(() => {
    rememberPrefs(prefs);
    document.documentElement.lang = language;
    document.documentElement.dataset['density'] = prefs.density;
    colourFrame(prefs.theme);
  }, [prefs, language]);
  return (
    <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto" {...(prefs.theme === 'system' ? {} : { forceColorScheme: prefs.theme })}>
      <LanguageContext value={language}>
        <Gate router={router} />
        <Toasts go={(path) => { router.history.push(path); }} />
      </LanguageContext>
    </MantineProvider>
  );
}

/** Frames to wait for the first screen's heading before what is there is reported anyway; and how much of it. */
const framesMax = 300;
const renderedMax = 2000;

/** The first run until this device has a site, then the screens. */
function Gate({ router }: { router: ReturnType<typeof newRouter> }) {
  const client = useQueryClient();
  const { data, error, refetch } = useQuery(queries.setup());
  // The first run goes on until its last word is read, although the program is ready before.
  const [held, setHeld] = useState(false);
  const shown = data?.ready;
  useEffect(() => {
    const feed = inWindow() ? windowFeed() : browserFeed();
    const stops = [refetchOnChange(client, feed), feed.onConnection((up) => { connected.set(up); })];
    return () => {
      for (const stop of stops) stop();
    };
  }, [client]);
  useEffect(() => {
    if (shown === undefined) return undefined;
    let frame = 0;
    const look = (left: number) => {
      frame = requestAnimationFrame(() => {
        if (document.querySelector('h1') === null && left > 0) look(left - 1);
        else reportRendered(document.body.innerText.slice(0, renderedMax));
      });
    };
    look(framesMax);
    return () => { cancelAnimationFrame(frame); };
  }, [shown]);

  if (data === undefined) return error === null ? null : <main style={{ height: '100%', display: 'grid', placeItems: 'center' }}><ErrorState error={error} retry={() => void refetch()} /></main>;
  if (!data.ready || held) {
    const ready = (setup: Setup) => {
      setHeld(false);
      client.setQueryData(keys.setup, setup);
      void client.invalidateQueries();
    };
    return <FirstRun setup={data} onReady={ready} hold={setHeld} />;
  }
  return <RouterProvider router={router} />;
}
