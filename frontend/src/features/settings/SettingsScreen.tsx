import { Button, SegmentedControl, Switch } from '@mantine/core';
import { IconAlertTriangle, IconChevronRight, IconCircleCheck } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { api } from '@/bridge/api';
import { queries } from '@/bridge/queries';
import { useText } from '@/state/language';
import { usePrefs, useSavePrefs } from '@/state/prefs';
import { activeShortcuts } from '@/state/shortcuts';
import { toast, toastError } from '@/state/toasts';
import { Mark } from '@/ui/marks';
import { Page, Section } from '@/ui/page';
import { ErrorState } from '@/ui/states';
import { FilePolicy } from './FilePolicy';
import classes from './settings.module.css';

/** This device's own settings, the way to the rest, and what this device is. */
export function SettingsScreen() {
  const t = useText();
  return (
    <Page title={t.settings.title} narrow>
      <Appearance />
      <FilePolicy />
      <Nearby />
      <More />
      <Health />
      <About />
    </Page>
  );
}

function Line({ label, children }: { label: string; children: ReactNode }) {
  return <div className={classes.line}><span className={classes.label} aria-hidden>{label}</span><div>{children}</div></div>;
}

function Appearance() {
  const t = useText();
  const prefs = usePrefs();
  const save = useSavePrefs();
  return (
    <Section title={t.settings.appearance} hint={t.settings.deviceHint}>
      <div className={classes.rows}>
        <Line label={t.settings.theme}>
          <SegmentedControl
            size="xs" aria-label={t.settings.theme} value={prefs.theme} onChange={(theme) => { save({ theme: theme === 'light' || theme === 'dark' ? theme : 'system' }); }}
            data={[{ value: 'system', label: t.settings.system }, { value: 'light', label: t.settings.light }, { value: 'dark', label: t.settings.dark }]}
          />
        </Line>
        <Line label={t.settings.density}>
          <SegmentedControl
            size="xs" aria-label={t.settings.density} value={prefs.density} onChange={(density) => { save({ density: density === 'compact' ? 'compact' : 'comfortable' }); }}
            data={[{ value: 'comfortable', label: t.settings.comfortable }, { value: 'compact', label: t.settings.compact }]}
          />
        </Line>
        <Line label={t.settings.language}>
          <SegmentedControl
            size="xs" aria-label={t.settings.language} value={prefs.language} onChange={(language) => { save({ language: language === 'de' || language === 'en' ? language : 'system' }); }}
            data={[{ value: 'system', label: t.settings.system }, { value: 'en', label: 'English' }, { value: 'de', label: 'Deutsch' }]}
          />
        </Line>
      </div>
    </Section>
  );
}

function Nearby() {
  const t = useText();
  const prefs = usePrefs();
  const save = useSavePrefs();
  return (
    <Section title={t.settings.nearby} hint={t.settings.nearbyHint}>
      <Switch label={t.settings.nearbyLook} checked={prefs.nearby} onChange={(e) => { save({ nearby: e.currentTarget.checked }); }} />
    </Section>
  );
}

function More() {
  const t = useText();
  const places: [to: string, name: string, hint: string][] = [
    ['/configuration', t.settings.configuration, t.settings.configurationHint], ['/people', t.settings.people, t.settings.peopleHint], ['/import', t.settings.exchange, t.settings.exchangeHint], ['/sync', t.settings.sync, t.settings.syncHint],
  ];
  const showShortcuts = () => { activeShortcuts.get().flatMap((layer) => layer.current).find((one) => one.keys === '?')?.run(); };
  const inside = (name: string, hint: string) => (
    <>
      <span><b>{name}</b><span className="muted">{hint}</span></span>
      <IconChevronRight size={16} stroke={1.5} aria-hidden />
    </>
  );
  return (
    <Section title={t.settings.more}>
      <ul className={classes.links}>
        {places.map(([to, name, hint]) => <li key={to}><Link to={to} className={classes.link ?? ''}>{inside(name, hint)}</Link></li>)}
        <li><button type="button" className={classes.link} onClick={showShortcuts}>{inside(t.settings.shortcuts, t.settings.shortcutsHint)}</button></li>
      </ul>
    </Section>
  );
}

function Health() {
  const t = useText();
  const check = useMutation({ mutationFn: () => api.doctor() });
  const checks = check.data?.checks ?? [];
  const bad = checks.filter((one) => !one.ok).length;
  return (
    <Section title={t.settings.health} hint={t.settings.checkHint}>
      <Button variant="default" onClick={() => { check.mutate(); }} loading={check.isPending}>{check.isPending ? t.settings.checking : t.settings.check}</Button>
      {check.isError && <ErrorState error={check.error} retry={() => { check.mutate(); }} />}
      <div role="status">
        {check.data !== undefined && (
          <>
            <p className={classes.verdict}>{bad === 0 ? t.settings.allFine : t.settings.someTrouble(bad)}</p>
            <ul className={classes.checks}>
              {checks.map((one, i) => (
                <li key={`${one.name}-${String(i)}`}>{one.ok ? <Mark tone="good" icon={IconCircleCheck} label={t.settings.fine} /> : <Mark tone="bad" icon={IconAlertTriangle} label={t.settings.trouble} />} <span>{t.errors.said(one.name, one.sentence)}</span></li>
              ))}
            </ul>
          </>
        )}
      </div>
    </Section>
  );
}

function About() {
  const t = useText();
  const { data: setup } = useQuery(queries.setup());
  const { data: me } = useQuery(queries.me());
  const { data: sync } = useQuery(queries.sync());
  const folder = setup?.dataFolder ?? '';
  const copy = () => { navigator.clipboard.writeText(folder).then(() => { toast({ tone: 'good', sentence: t.settings.copied }); }, toastError); };
  const facts: [name: string, value: ReactNode][] = [
    [t.settings.version, <span key="version" className="num">{setup?.version}</span>],
    [t.settings.dataFolder, <span key="folder" className={classes.folder}><span className="mono">{folder}</span>{folder !== '' && <Button size="compact-xs" variant="subtle" color="gray" onClick={copy} aria-label={`${t.settings.copy}: ${t.settings.dataFolder}`}>{t.settings.copy}</Button>}</span>],
    [t.settings.person, me?.person?.title ?? t.common.unset],
    [t.settings.site, setup?.site === undefined || setup.site === null ? me?.site : `${setup.site.name} (${setup.site.code})`],
    [t.settings.device, sync?.device.name],
    [t.settings.cluster, sync?.cluster.name],
  ];
  return (
    <Section title={t.settings.about} hint={t.settings.noCalls}>
      <dl className={classes.rows}>{facts.map(([name, value]) => <div key={name} className={classes.line}><dt className={classes.label}>{name}</dt><dd>{value}</dd></div>)}</dl>
    </Section>
  );
}
