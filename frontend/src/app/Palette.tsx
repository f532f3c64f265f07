import { Kbd, Modal } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconBook2, IconBuilding, IconCloudOff, IconHistory, IconKeyboard, IconLayoutGrid, IconMoon, IconPlus, IconShoppingBag, IconSun, IconTicket, IconUser, IconUsers, type Icon } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type KeyboardEvent, useEffect, useState } from 'react';
import { queries } from '@/bridge/queries';
import { useStore } from '@/lib/store';
import { useText } from '@/state/language';
import { useSavePrefs } from '@/state/prefs';
import { recentlyOpened } from '@/state/recent';
import { Html } from '@/ui/Html';
import { numberOf, pathOf } from '@/ui/links';
import { places } from './places';
import classes from './sheet.module.css';
import { useToggleOffline } from './useOffline';

interface Item {
  id: string;
  group: string;
  icon: Icon;
  title: string;
  snippet?: string | undefined;
  side?: string;
  shortcut?: string;
  run: () => void;
}

interface PaletteProps {
  opened: boolean;
  close: () => void;
  showShortcuts: () => void;
}

const kindIcons: Record<string, Icon> = { incident: IconTicket, request: IconShoppingBag, service: IconLayoutGrid, article: IconBook2, person: IconUser, team: IconUsers, site: IconBuilding };

/** Records and commands in one place, by keyboard. */
export function Palette({ opened, close, showShortcuts }: PaletteProps) {
  const t = useText();
  return (
    <Modal opened={opened} onClose={close} withCloseButton={false} padding={0} size={640} yOffset="12vh" attributes={{ content: { 'aria-label': t.palette.title } }} returnFocus>
      {opened && <PaletteBody close={close} showShortcuts={showShortcuts} />}
    </Modal>
  );
}

const typingMs = 40;

/** What fits the words; settled once the records among it belong to all that is typed. */
function useItems(typed: string, showShortcuts: () => void): { items: Item[]; took: string; settled: boolean } {
  const t = useText();
  const navigate = useNavigate();
  const save = useSavePrefs();
  const toggleOffline = useToggleOffline();
  const paused = useQuery(queries.sync()).data?.state === 'paused';
  const recent = useStore(recentlyOpened);
  const [q] = useDebouncedValue(typed.trim(), typingMs);
  const { data, isFetching, isPlaceholderData } = useQuery(queries.search(q, '', 12));
  const settled = typed.trim() === '' || (typed.trim() === q && !isFetching && !isPlaceholderData);
  const go = (to: string, search: Record<string, string> = {}) => () => void navigate({ to, search });
  const matches = (label: string) => label.toLowerCase().includes(typed.trim().toLowerCase());

  const found = q === '' || typed.trim() === '' ? [] : (data?.hits ?? []).map((hit): Item => ({
    id: hit.id, group: t.palette.records, icon: kindIcons[hit.kind] ?? IconTicket, title: hit.title, snippet: hit.snippet, side: numberOf(hit), run: go(pathOf(hit.kind, hit.id)),
  }));
  const opened = typed.trim() !== '' ? [] : recent.map((one): Item => ({ id: one.id, group: t.palette.recent, icon: IconHistory, title: one.title, side: one.number, run: go(pathOf(one.kind, one.id)) }));
  const commands: Item[] = [
    { id: 'new', group: t.palette.commands, icon: IconPlus, title: t.frame.newTicket, shortcut: 'c', run: go('/tickets/new') },
    { id: 'new-request', group: t.palette.commands, icon: IconPlus, title: `${t.frame.new}: ${t.frame.newRequest}`, run: go('/tickets/new', { kind: 'request' }) },
    { id: 'new-service', group: t.palette.commands, icon: IconPlus, title: `${t.frame.new}: ${t.frame.newService}`, run: go('/catalogue/new') },
    { id: 'new-article', group: t.palette.commands, icon: IconPlus, title: `${t.frame.new}: ${t.frame.newArticle}`, run: go('/knowledge/new') },
    { id: 'offline', group: t.palette.commands, icon: IconCloudOff, title: paused ? t.palette.workOnline : t.palette.workOffline, run: toggleOffline },
    { id: 'light', group: t.palette.commands, icon: IconSun, title: t.palette.themeLight, run: () => { save({ theme: 'light' }); } },
    { id: 'dark', group: t.palette.commands, icon: IconMoon, title: t.palette.themeDark, run: () => { save({ theme: 'dark' }); } },
    { id: 'keys', group: t.palette.commands, icon: IconKeyboard, title: t.palette.showShortcuts, shortcut: '?', run: showShortcuts },
    ...places.map((place): Item => ({ id: place.to, group: t.palette.places, icon: place.icon, title: place.label(t), shortcut: `g ${place.key}`, run: go(place.to, place.search) })),
  ].filter((item) => matches(item.title));
  const create: Item[] = typed.trim() === '' ? [] : [{ id: 'create', group: t.palette.commands, icon: IconPlus, title: t.palette.createFrom(typed.trim()), run: go('/tickets/new', { title: typed.trim() }) }];
  return { items: [...opened, ...found, ...commands, ...create], took: q === '' ? '' : (data?.took ?? ''), settled };
}

function PaletteBody({ close, showShortcuts }: { close: () => void; showShortcuts: () => void }) {
  const t = useText();
  const [typed, setTyped] = useState('');
  const [place, setPlace] = useState(0);
  const [entered, setEntered] = useState(false);
  const { items, took, settled } = useItems(typed, showShortcuts);
  const active = Math.min(place, items.length - 1);
  const choose = (item: Item | undefined) => {
    if (item === undefined) return;
    close();
    item.run();
  };
  // Whoever types a number and Enter in one go means the record, which is found a moment later.
  const chosen = entered && settled ? items[active] : undefined;
  useEffect(() => {
    if (chosen === undefined) return;
    close();
    chosen.run();
  }, [chosen, close]);
  const onKeyDown = (event: KeyboardEvent) => {
    const moves: Record<string, number> = { ArrowDown: (active + 1) % items.length, ArrowUp: (active - 1 + items.length) % items.length, Home: 0, End: items.length - 1 };
    const to = moves[event.key];
    if (event.key === 'Enter' && settled) choose(items[active]);
    else if (event.key === 'Enter') setEntered(true);
    else if (to !== undefined && (event.key !== 'Home' && event.key !== 'End')) {
      setPlace(to);
      document.getElementById(`palette-${String(to)}`)?.scrollIntoView({ block: 'nearest' });
    } else return;
    event.preventDefault();
  };
  return (
    <div className={classes.palette}>
      <input
        className={classes.input} role="combobox" aria-expanded aria-controls="palette-results" aria-activedescendant={`palette-${String(active)}`} aria-label={t.palette.placeholder} placeholder={t.palette.placeholder}
        autoFocus data-autofocus value={typed} onChange={(e) => { setTyped(e.currentTarget.value); setPlace(0); setEntered(false); }} onKeyDown={onKeyDown} spellCheck={false}
      />
      <div className={classes.results} id="palette-results" role="listbox" aria-label={t.palette.title}>
        {items.map((item, i) => (
          <div key={`${item.group}-${item.id}`} role="presentation">
            {items[i - 1]?.group !== item.group && <div className={classes.groupName} role="presentation">{item.group}</div>}
            <ItemLine item={item} index={i} active={i === active} choose={choose} />
          </div>
        ))}
        {items.length === 0 && <div className={classes.nothing}>{t.palette.nothing(typed)}</div>}
      </div>
      <div className={classes.foot}><span>{t.palette.hint}</span><span className="num">{took}</span></div>
    </div>
  );
}

function ItemLine({ item, index, active, choose }: { item: Item; index: number; active: boolean; choose: (item: Item) => void }) {
  const Picture = item.icon;
  return (
    // The arrow keys of the input above move through the options.
    // eslint-disable-next-line jsx-a11y/click-events-have-key-events
    <div id={`palette-${String(index)}`} role="option" tabIndex={-1} aria-selected={active} data-active={active} className={classes.item} onClick={() => { choose(item); }}>
      <Picture size={17} stroke={1.5} aria-hidden />
      <div className={classes.itemText}>
        <div className={classes.itemTitle}>{item.title}</div>
        {item.snippet !== undefined && item.snippet !== '' && <Html html={item.snippet} className={classes.snippet ?? ''} />}
      </div>
      {item.side !== undefined && item.side !== '' && <span className={classes.itemSide}>{item.side}</span>}
      {item.shortcut?.split(' ').map((key) => <Kbd key={key}>{key}</Kbd>)}
    </div>
  );
}
