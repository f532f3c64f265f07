import { Button, CloseButton, Menu, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconChevronDown, IconPlus, IconSearch } from '@tabler/icons-react';
import { memo, type RefObject, useState } from 'react';
import type { Facet } from '@/bridge/contract';
import type { Catalogue } from '@/lib/i18n';
import { type TicketFacet, ticketFacets, type TicketQuery, type TicketView, ticketViews, withFilter } from '@/lib/ticketQuery';
import { useText } from '@/state/language';
import { FacetFilter } from './FacetFilter';
import classes from './list.module.css';

/** Filters whose choices are words of the configuration. */
const worded: ReadonlySet<TicketFacet> = new Set(['status', 'priority', 'kind', 'category']);
const always: readonly TicketFacet[] = ['status', 'priority', 'team', 'assignee'];

export function facetName(t: Catalogue, facet: TicketFacet): string {
  return facet === 'tag' ? t.tickets.tags : t.tickets[facet];
}

export function viewName(t: Catalogue, view: TicketView): string {
  return t.tickets[view];
}

/** The API calls the facet of tags by its field. */
const facetKey = (facet: TicketFacet): string => (facet === 'tag' ? 'tags' : facet);

interface FilterBarProps {
  query: TicketQuery;
  facets: Record<string, Facet[]>;
  onChange: (query: TicketQuery) => void;
  searchBox: RefObject<HTMLInputElement | null>;
  /** a filter that the screen itself has set */
  without?: TicketFacet;
}

export function ViewMenu({ query, onChange }: Pick<FilterBarProps, 'query' | 'onChange'>) {
  const t = useText();
  return (
    <Menu position="bottom-start">
      <Menu.Target>
        <Button variant="subtle" color="gray" size="compact-sm" rightSection={<IconChevronDown size={14} stroke={1.5} aria-hidden />} aria-label={`${t.tickets.viewLabel}: ${viewName(t, query.view)}`}>
          {viewName(t, query.view)}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {ticketViews.map((view) => (
          <Menu.Item key={view} onClick={() => { onChange({ ...query, view }); }}>{viewName(t, view)}</Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

/** Text and facets that narrow the list; drawn again only when they change. */
export const FilterBar = memo(function FilterBar({ query, facets, onChange, searchBox, without }: FilterBarProps) {
  const t = useText();
  const [added, setAdded] = useState<TicketFacet | null>(null);
  const shown = ticketFacets.filter((facet) => always.includes(facet) || facet === added || query.filters[facet] !== undefined);
  const hidden = ticketFacets.filter((facet) => facet !== without && !shown.includes(facet));
  const filtered = query.q !== '' || Object.keys(query.filters).length > 0;
  return (
    <div className={classes.bar} role="search" aria-label={t.common.filter}>
      <TextFilter key={query.q === '' ? 'empty' : 'typed'} value={query.q} onChange={(q) => { onChange({ ...query, q }); }} box={searchBox} />
      {shown.map((facet) => (
        <FacetFilter
          key={facet} label={facetName(t, facet)} worded={worded.has(facet)} facets={facets[facetKey(facet)] ?? facets[facet] ?? []} chosen={query.filters[facet] ?? []}
          onChange={(keys) => { onChange(withFilter(query, facet, keys)); }} open={facet === added}
        />
      ))}
      {hidden.length > 0 && (
        <Menu position="bottom-start">
          <Menu.Target>
            <Button variant="subtle" color="gray" size="compact-sm" leftSection={<IconPlus size={14} stroke={1.5} aria-hidden />}>{t.common.addFilter}</Button>
          </Menu.Target>
          <Menu.Dropdown>
            {hidden.map((facet) => <Menu.Item key={facet} onClick={() => { setAdded(facet); }}>{facetName(t, facet)}</Menu.Item>)}
          </Menu.Dropdown>
        </Menu>
      )}
      {filtered && <Button variant="subtle" size="compact-sm" onClick={() => { setAdded(null); onChange({ ...query, q: '', filters: {} }); }}>{t.common.clearFilters}</Button>}
    </div>
  );
});

const typingMs = 15;

function TextFilter({ value, onChange, box }: { value: string; onChange: (q: string) => void; box: RefObject<HTMLInputElement | null> }) {
  const t = useText();
  const [typed, setTyped] = useState(value);
  const tell = useDebouncedCallback(onChange, typingMs);
  const type = (text: string) => {
    setTyped(text);
    tell(text.trim());
  };
  return (
    <TextInput
      ref={box} className={classes.search ?? ''} aria-label={t.tickets.filterText} placeholder={t.tickets.filterText} value={typed}
      leftSection={<IconSearch size={14} stroke={1.5} aria-hidden />}
      rightSection={typed === '' ? null : <CloseButton size="xs" aria-label={t.common.clear} onClick={() => { type(''); }} />}
      onChange={(e) => { type(e.currentTarget.value); }}
      onKeyDown={(e) => {
        if (e.key !== 'Escape' && e.key !== 'Enter') return;
        e.preventDefault();
        e.currentTarget.blur();
        document.querySelector<HTMLElement>('[role="grid"]')?.focus();
      }}
    />
  );
}
