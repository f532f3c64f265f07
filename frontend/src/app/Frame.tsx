import { ActionIcon, Button, Kbd, Menu, Tooltip, UnstyledButton } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconKeyboard, IconLayoutSidebarLeftCollapse, IconLayoutSidebarLeftExpand, IconPlus, IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, Outlet, useNavigate, useRouterState } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { queries } from '@/bridge/queries';
import { onWindowEvent } from '@/bridge/window';
import { readStored, writeStored } from '@/lib/storage';
import { useLanguage, useText } from '@/state/language';
import { useMyself } from '@/state/queries';
import { type Shortcut, handleKey, useShortcuts } from '@/state/shortcuts';
import { toast, toastError } from '@/state/toasts';
import { popUndo } from '@/state/undo';
import { Initials } from '@/ui/marks';
import classes from './frame.module.css';
import { OutageBanner } from './OutageBanner';
import { Palette } from './Palette';
import { type Place, places } from './places';
import { ShortcutSheet } from './ShortcutSheet';
import { SyncChip } from './SyncChip';
import { useToggleOffline } from './useOffline';

type Overlay = 'palette' | 'shortcuts' | null;

const foldBelow = '(width < 900px)';

/** The frame of every screen: sidebar, top bar, and what is reached by keyboard from anywhere. */
export function Frame() {
  const t = useText();
  const [overlay, setOverlay] = useState<Overlay>(null);
  const [chosenFold, setChosenFold] = useState(() => readStored('sidebar') === 'folded');
  const narrow = useMediaQuery(foldBelow) ?? false;
  const folded = chosenFold || narrow;
  const toggleFold = () => {
    setChosenFold(!chosenFold);
    writeStored('sidebar', chosenFold ? null : 'folded');
  };
  useGlobalKeys(setOverlay);
  useMenuOfWindow(setOverlay);
  return (
    <div className={classes.frame} data-folded={folded}>
      <a className={classes.skip} href="#content">{t.frame.skip}</a>
      <Sidebar folded={folded} toggle={narrow ? undefined : toggleFold} />
      <TopBar open={setOverlay} />
      <main id="content" className={classes.content} tabIndex={-1}>
        <OutageBanner />
        <div className={classes.screen}><Outlet /></div>
      </main>
      <Palette opened={overlay === 'palette'} close={() => { setOverlay(null); }} showShortcuts={() => { setOverlay('shortcuts'); }} />
      <ShortcutSheet opened={overlay === 'shortcuts'} close={() => { setOverlay(null); }} />
    </div>
  );
}

function useGlobalKeys(open: (overlay: Overlay) => void): void {
  const t = useText();
  const navigate = useNavigate();
  const everywhere = (keys: string, label: string, run: () => void, whileTyping = false): Shortcut => ({ keys, label, group: 'everywhere', run, whileTyping });
  useShortcuts([
    ...places.map((place): Shortcut => ({ keys: `g ${place.key}`, label: place.label(t), group: 'go', run: () => void navigate({ to: place.to, search: place.search ?? {} }) })),
    everywhere('mod+k', t.shortcuts.palette, () => { open('palette'); }, true),
    everywhere('/', t.shortcuts.search, () => { open('palette'); }),
    everywhere('c', t.shortcuts.create, () => void navigate({ to: '/tickets/new' })),
    everywhere('?', t.shortcuts.help, () => { open('shortcuts'); }),
    everywhere('mod+z', t.shortcuts.undo, () => {
      const entry = popUndo();
      if (entry === null) {
        toast({ tone: 'idle', sentence: t.common.nothingToUndo });
        return;
      }
      entry.undo().then(() => { toast({ tone: 'good', sentence: `${t.common.undone}${entry.title === '' ? '' : `: ${entry.title}`}` }); }, toastError);
    }),
  ], true);
  useEffect(() => {
    window.addEventListener('keydown', handleKey);
    return () => { window.removeEventListener('keydown', handleKey); };
  }, []);
}

/** The menu of the native window does what the keyboard does. */
function useMenuOfWindow(open: (overlay: Overlay) => void): void {
  const navigate = useNavigate();
  const toggleOffline = useToggleOffline();
  useEffect(() => onWindowEvent('holdfast:menu', (action) => {
    const targets: Record<string, string> = {
      'new-ticket': '/tickets/new', import: '/import', export: '/import', settings: '/settings', about: '/settings', 'go-my-work': '/my-work', 'go-tickets': '/tickets',
      'go-catalogue': '/catalogue', 'go-knowledge': '/knowledge', 'go-sync': '/sync',
    };
    if (typeof action !== 'string') return;
    const to = targets[action];
    if (to !== undefined) void navigate({ to });
    else if (action === 'palette') open('palette');
    else if (action === 'keyboard-map') open('shortcuts');
    else if (action === 'toggle-offline') toggleOffline();
  }), [navigate, open, toggleOffline]);
}

function Sidebar({ folded, toggle }: { folded: boolean; toggle: (() => void) | undefined }) {
  const t = useText();
  const language = useLanguage();
  const mine = useQuery(queries.ticketCount({ view: 'mine' })).data;
  const decisions = useQuery(queries.sync()).data?.decisions ?? 0;
  const countOf = (place: Place) => (place.to === '/my-work' ? mine : place.to === '/sync' ? decisions : undefined);
  const Fold = folded ? IconLayoutSidebarLeftExpand : IconLayoutSidebarLeftCollapse;
  return (
    <nav className={classes.sidebar} aria-label={t.frame.navigation}>
      <Link to="/my-work" className={classes.brand ?? ''}>
        <img src="/holdfast.svg" alt="" width={24} height={24} />
        {!folded && <span>{t.frame.product}</span>}
      </Link>
      <ul>{places.filter((place) => place.lower !== true).map((place) => <li key={place.to}><PlaceLink place={place} folded={folded} count={countOf(place)} language={language} /></li>)}</ul>
      <ul className={classes.lower}>{places.filter((place) => place.lower === true).map((place) => <li key={place.to}><PlaceLink place={place} folded={folded} count={countOf(place)} language={language} /></li>)}</ul>
      {toggle !== undefined && (
        <ActionIcon className={classes.fold ?? ''} onClick={toggle} aria-label={folded ? t.frame.unfold : t.frame.fold}><Fold size={18} stroke={1.5} /></ActionIcon>
      )}
    </nav>
  );
}

function PlaceLink({ place, folded, count, language }: { place: Place; folded: boolean; count: number | undefined; language: string }) {
  const t = useText();
  const path = useRouterState({ select: (state) => state.location.pathname });
  const active = path === place.to || path.startsWith(`${place.to}/`);
  const label = place.label(t);
  const Picture = place.icon;
  return (
    <Tooltip label={label} position="right" disabled={!folded}>
      <Link to={place.to} search={place.search ?? {}} className={classes.place ?? ''} data-active={active} aria-current={active ? 'page' : undefined} {...(folded ? { 'aria-label': label } : {})}>
        <Picture size={18} stroke={1.5} aria-hidden />
        {!folded && <span className="ellipsis">{label}</span>}
        {!folded && count !== undefined && count > 0 && <span className={classes.badge}>{count.toLocaleString(language)}</span>}
      </Link>
    </Tooltip>
  );
}

function TopBar({ open }: { open: (overlay: Overlay) => void }) {
  const t = useText();
  return (
    <header className={classes.topbar}>
      <UnstyledButton className={classes.search ?? ''} onClick={() => { open('palette'); }} aria-label={t.frame.searchOrCommand} aria-keyshortcuts="Control+K">
        <IconSearch size={16} stroke={1.5} aria-hidden />
        <span className="ellipsis">{t.frame.searchOrCommand}</span>
        <Kbd className={classes.searchKey ?? ''}>{t.common.controlKey} K</Kbd>
      </UnstyledButton>
      <div className={classes.right}>
        <NewMenu />
        <SyncChip />
        <Profile open={open} />
      </div>
    </header>
  );
}

function NewMenu() {
  const t = useText();
  const navigate = useNavigate();
  const entries: [label: string, to: string, search: Record<string, string>, hint: string][] = [
    [t.frame.newIncident, '/tickets/new', {}, t.frame.newIncidentHint],
    [t.frame.newRequest, '/tickets/new', { kind: 'request' }, t.frame.newRequestHint],
    [t.frame.newService, '/catalogue/new', {}, ''],
    [t.frame.newArticle, '/knowledge/new', {}, ''],
    [t.frame.newPerson, '/people/person/new', {}, ''],
    [t.frame.newTeam, '/people/team/new', {}, ''],
  ];
  return (
    <Menu position="bottom-end" width={220}>
      <Menu.Target>
        <Button leftSection={<IconPlus size={16} stroke={1.5} aria-hidden />}>{t.frame.new}</Button>
      </Menu.Target>
      <Menu.Dropdown>
        {entries.map(([label, to, search, hint], i) => (
          <Menu.Item key={label} onClick={() => void navigate({ to, search })} rightSection={i === 0 ? <Kbd>c</Kbd> : null}>
            {label}
            {hint !== '' && <div className="faint">{hint}</div>}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function Profile({ open }: { open: (overlay: Overlay) => void }) {
  const t = useText();
  const me = useMyself();
  const { data: sync } = useQuery(queries.sync());
  const navigate = useNavigate();
  const name = me?.title ?? '';
  return (
    <Menu position="bottom-end" width={240}>
      <Menu.Target>
        <UnstyledButton aria-label={`${t.frame.profile}${name === '' ? '' : `: ${name}`}`} className={classes.avatar ?? ''}><Initials name={name === '' ? '?' : name} size={28} /></UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {name !== '' && <div>{t.frame.signedInAs(name)}</div>}
          {sync !== undefined && <div>{t.frame.deviceAt(sync.device.name, sync.device.site)}</div>}
        </Menu.Label>
        <Menu.Item onClick={() => void navigate({ to: '/settings' })}>{t.frame.settings}</Menu.Item>
        <Menu.Item leftSection={<IconKeyboard size={16} stroke={1.5} aria-hidden />} rightSection={<Kbd>?</Kbd>} onClick={() => { open('shortcuts'); }}>{t.frame.shortcuts}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
