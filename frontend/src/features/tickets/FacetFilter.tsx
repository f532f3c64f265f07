import { Button, Checkbox, Popover, TextInput } from '@mantine/core';
import { IconChevronDown } from '@tabler/icons-react';
import { useState } from 'react';
import type { Facet } from '@/bridge/contract';
import { useText } from '@/state/language';
import classes from './list.module.css';

const searchFrom = 9;

interface FacetFilterProps {
  label: string;
  facets: readonly Facet[];
  /** its choices are words of the configuration, and no names that people gave */
  worded: boolean;
  chosen: readonly string[];
  onChange: (keys: string[]) => void;
  /** opens by itself, when the filter was just added */
  open?: boolean;
}

/** One filter: its choices with how many tickets have each, several at once. */
export function FacetFilter({ label, facets, worded, chosen, onChange, open = false }: FacetFilterProps) {
  const t = useText();
  const [typed, setTyped] = useState('');
  const missing = chosen.filter((key) => !facets.some((facet) => facet.key === key)).map((key) => ({ key, label: key, count: 0 }));
  const all = [...facets, ...missing].map((one) => (worded ? { ...one, label: t.common.word(one.label) } : one));
  const shown = all.filter((facet) => facet.label.toLowerCase().includes(typed.toLowerCase()));
  const names = chosen.map((key) => all.find((facet) => facet.key === key)?.label ?? key).join(', ');
  return (
    <Popover position="bottom-start" defaultOpened={open} trapFocus returnFocus>
      <Popover.Target>
        <Button variant={chosen.length > 0 ? 'light' : 'default'} size="compact-sm" rightSection={<IconChevronDown size={14} stroke={1.5} aria-hidden />} maw={260}>
          {names === '' ? label : `${label}: ${names}`}
        </Button>
      </Popover.Target>
      <Popover.Dropdown p={8} w={260}>
        {all.length >= searchFrom && (
          <TextInput aria-label={`${t.common.search} ${label}`} placeholder={t.common.search} value={typed} onChange={(e) => { setTyped(e.currentTarget.value); }} mb={6} data-autofocus />
        )}
        <div className={classes.facetList} role="group" aria-label={label}>
          {shown.map((facet) => (
            <div key={facet.key} className={classes.facet}>
              <Checkbox
                size="xs"
                label={facet.label}
                checked={chosen.includes(facet.key)}
                onChange={(e) => { onChange(e.currentTarget.checked ? [...chosen, facet.key] : chosen.filter((key) => key !== facet.key)); }}
              />
              <span className={classes.facetCount}>{facet.count.toLocaleString()}</span>
            </div>
          ))}
          {shown.length === 0 && <span className="muted">{t.common.nothingFound}</span>}
        </div>
        {chosen.length > 0 && <Button variant="subtle" size="compact-xs" mt={6} onClick={() => { onChange([]); }}>{t.common.clear}</Button>}
      </Popover.Dropdown>
    </Popover>
  );
}
