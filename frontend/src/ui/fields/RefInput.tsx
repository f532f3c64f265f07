import { MultiSelect, Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQueries, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { type ListKind, listPaths } from '@/bridge/api';
import { queries } from '@/bridge/queries';
import { useText } from '@/state/language';

const offeredMax = 30;

interface Option {
  value: string;
  label: string;
}

function isListKind(kind: string): kind is ListKind {
  return kind in listPaths;
}

/** Records of a kind whose name fits what is typed. */
function useOptions(target: string, typed: string): Option[] {
  const [q] = useDebouncedValue(typed.trim(), 60);
  const listed = useQuery({ ...queries.list(isListKind(target) ? target : 'person', { q, sort: 'title', limit: offeredMax }), enabled: isListKind(target) });
  const found = useQuery({ ...queries.search(q, '', offeredMax), enabled: !isListKind(target) && q !== '' });
  if (isListKind(target)) return (listed.data?.rows ?? []).map((row) => ({ value: row.id, label: row.title }));
  return (found.data?.hits ?? []).map((hit) => ({ value: hit.id, label: `${hit.number ?? hit.provisional} ${hit.title}` }));
}

function withOption(options: Option[], chosen: readonly Option[]): Option[] {
  const missing = chosen.filter((one) => !options.some((option) => option.value === one.value));
  return [...missing, ...options];
}

interface RefInputProps {
  label: string;
  hideLabel?: boolean;
  target: string;
  value: string | null;
  /** what the chosen record is called */
  display: string;
  onChange: (id: string | null, display: string) => void;
  onClose?: (() => void) | undefined;
  open?: boolean;
  required?: boolean;
  error?: string | undefined;
  description?: string;
  /** the field's name, by which a form finds what is missing */
  name?: string;
}

export function RefInput({ label, hideLabel = false, target, value, display, onChange, onClose, open, required, error, name }: RefInputProps) {
  const t = useText();
  const [typed, setTyped] = useState('');
  const options = useOptions(target, typed === display ? '' : typed);
  const data = withOption(options, value === null || value === '' ? [] : [{ value, label: display === '' ? value : display }]);
  return (
    <Select
      {...(hideLabel ? { 'aria-label': label } : { label, required: required ?? false })}
      data={data}
      value={value}
      onChange={(id, option) => { onChange(id, option?.label ?? ''); }}
      searchable
      clearable
      searchValue={typed}
      onSearchChange={setTyped}
      filter={({ options: all }) => all}
      nothingFoundMessage={t.common.nothingFound}
      defaultDropdownOpened={open ?? false}
      autoFocus={open ?? false}
      onDropdownClose={() => onClose?.()}
      error={error}
      comboboxProps={{ width: 'target', middlewares: { flip: true, shift: true } }}
      maxDropdownHeight={260}
      placeholder={t.common.typeToSearch}
      data-field={name}
    />
  );
}

/** What the records with these ids are called. */
export function useTitles(ids: readonly string[]): Map<string, string> {
  const found = useQueries({ queries: ids.map((id) => queries.plain(id)) });
  return new Map(ids.map((id, i) => [id, found[i]?.data?.title ?? '…']));
}

interface RefsInputProps {
  label: string;
  hideLabel?: boolean;
  target: string;
  value: string[];
  onChange: (ids: string[]) => void;
  autoFocus?: boolean;
}

export function RefsInput({ label, hideLabel = false, target, value, onChange, autoFocus = false }: RefsInputProps) {
  const t = useText();
  const [typed, setTyped] = useState('');
  const titles = useTitles(value);
  const data = withOption(useOptions(target, typed), value.map((id) => ({ value: id, label: titles.get(id) ?? id })));
  return (
    <MultiSelect
      {...(hideLabel ? { 'aria-label': label } : { label })}
      data={data}
      value={value}
      onChange={onChange}
      searchable
      searchValue={typed}
      onSearchChange={setTyped}
      filter={({ options: all }) => all}
      nothingFoundMessage={t.common.nothingFound}
      placeholder={value.length === 0 ? t.common.typeToSearch : ''}
      autoFocus={autoFocus}
      hidePickedOptions
    />
  );
}
