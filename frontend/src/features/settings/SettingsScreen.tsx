import { Button, SegmentedControl, Select } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { api } from '@/bridge/api';
import { queries } from '@/bridge/queries';
import { useText } from '@/state/language';
import { usePrefs, useSavePrefs } from '@/state/prefs';
import { toastError } from '@/state/toasts';
import { Mark } from '@/ui/marks';
import { Page, Section } from '@/ui/page';
import classes from './settings.module.css';

/** This device's own settings, and what it is. */
export function SettingsScreen() {
  const t = useText();
  const prefs = usePrefs();
  const save = useSavePrefs();
  return (
    <Page title={t.settings.title} narrow>
      <Section title={t.settings.appearance} hint={t.settings.deviceHint}>
        <div className={classes.rows}>
          <Line label={t.settings.theme}>
            <SegmentedControl
              aria-label={t.settings.theme} value={prefs.theme} onChange={(theme) => { save({ theme: theme === 'light' || theme === 'dark' ? theme : 'system' }); }}
              data={[{ value: 'system', label: t.settings.system }, { value: 'light', label: t.settings.light }, { value: 'dark', label: t.settings.dark }]}
            />
          </Line>
          <Line label={t.settings.density}>
            <SegmentedControl
              aria-label={t.settings.density} value={prefs.density} onChange={(density) => { save({ density: density === 'compact' ? 'compact' : 'comfortable' }); }}
              data={[{ value: 'comfortable', label: t.settings.comfortable }, { value: 'compact', label: t.settings.compact }]}
            />
          </Line>
          <Line label={t.settings.language}>
            <Select
              aria-label={t.settings.language} value={prefs.language} allowDeselect={false} onChange={(language) => { save({ language: language === 'de' ? 'de' : 'en' }); }}
              data={[{ value: 'en', label: 'English' }, { value: 'de', label: 'Deutsch' }]} w={200}
            />
          </Line>
        </div>
      </Section>
      <About />
    </Page>
  );
}

function Line({ label, children }: { label: string; children: ReactNode }) {
  return <div className={classes.line}><span className={classes.label}>{label}</span><div>{children}</div></div>;
}

function About() {
  const t = useText();
  const { data: setup } = useQuery(queries.setup());
  const { data: me } = useQuery(queries.me());
  const { data: sync } = useQuery(queries.sync());
  const check = useMutation({ mutationFn: () => api.doctor(), onError: toastError });
  return (
    <Section title={t.settings.about}>
      <div className={classes.rows}>
        <Line label={t.settings.version}><span className="num">{setup?.version}</span></Line>
        <Line label={t.settings.dataFolder}><span className="mono">{setup?.dataFolder}</span></Line>
        <Line label={t.settings.person}>{me?.person?.title ?? t.common.unset}</Line>
        <Line label={t.settings.site}>{setup?.site === undefined || setup.site === null ? me?.site : `${setup.site.name} (${setup.site.code})`}</Line>
        <Line label={t.settings.device}>{sync?.device.name}</Line>
        <Line label={t.settings.cluster}>{sync?.cluster.name}</Line>
        <Line label={t.settings.check}>
          <p className="muted">{t.settings.checkHint}</p>
          <Button variant="default" mt={6} onClick={() => { check.mutate(); }} loading={check.isPending}>{check.isPending ? t.settings.checking : t.settings.check}</Button>
          {check.data !== undefined && (
            <ul className={classes.checks} role="status">
              {(check.data.checks ?? []).map((one, i) => (
                <li key={`${one.name}-${String(i)}`}>{one.ok ? <Mark tone="good" icon={IconCircleCheck} label={t.settings.fine} /> : <Mark tone="bad" icon={IconAlertTriangle} label={t.settings.trouble} />} {one.sentence}</li>
              ))}
            </ul>
          )}
        </Line>
      </div>
      <p className="faint">{t.settings.noCalls}</p>
    </Section>
  );
}
