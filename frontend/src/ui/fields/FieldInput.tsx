import { MultiSelect, NumberInput, Select, Switch, TagsInput, Textarea, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Value } from '@/bridge/contract';
import { parseInstant, toLocalInput } from '@/lib/time';
import { asList } from '@/state/changes';
import { useText } from '@/state/language';
import { RefInput, RefsInput } from './RefInput';
import { type FieldSpec, moneyScale } from './spec';

interface FieldInputProps {
  spec: FieldSpec;
  value: Value;
  onChange: (value: Value, display?: string) => void;
  /** what a reference's record is called */
  display?: string | undefined;
  hideLabel?: boolean;
  autoFocus?: boolean;
  error?: string | undefined;
  description?: ReactNode;
  minRows?: number;
}

const text = (value: Value): string => (typeof value === 'string' ? value : '');

/** The input that a field's type and rule ask for, always with its label. */
export function FieldInput(props: FieldInputProps) {
  const { spec, value, onChange } = props;
  if (spec.rule === 'set') return <SetInput {...props} />;
  switch (spec.type) {
    case 'choice':
      return <ChoiceInput {...props} />;
    case 'ref':
      return (
        <RefInput
          label={spec.label} hideLabel={props.hideLabel ?? false} target={spec.target} value={text(value) === '' ? null : text(value)}
          display={props.display ?? ''} onChange={onChange} required={spec.required} error={props.error} open={props.autoFocus ?? false} name={spec.name}
        />
      );
    case 'markdown':
      return <Textarea {...labelled(props)} value={text(value)} onChange={(e) => { onChange(e.currentTarget.value); }} autosize minRows={props.minRows ?? 4} maxRows={24} />;
    case 'integer':
    case 'money':
      return <FigureInput {...props} />;
    case 'instant':
      return <InstantInput {...props} />;
    case 'flag':
      return <Switch label={spec.label} checked={value === true} onChange={(e) => { onChange(e.currentTarget.checked); }} autoFocus={props.autoFocus ?? false} />;
    default:
      return <TextInput {...labelled(props)} value={text(value)} onChange={(e) => { onChange(e.currentTarget.value); }} autoComplete="off" />;
  }
}

function labelled({ spec, hideLabel = false, autoFocus = false, error, description }: FieldInputProps) {
  return {
    ...(hideLabel ? { 'aria-label': spec.label } : { label: spec.label, withAsterisk: spec.required }),
    ...(error === undefined ? {} : { error }),
    ...(description === undefined ? {} : { description }),
    autoFocus,
    'aria-required': spec.required,
    'data-field': spec.name,
  };
}

function ChoiceInput(props: FieldInputProps) {
  const t = useText();
  return (
    <Select
      {...labelled(props)}
      data={props.spec.choices.map((one) => ({ value: one.key, label: one.label }))}
      value={text(props.value) === '' ? null : text(props.value)}
      onChange={(key, option) => { props.onChange(key, option?.label); }}
      searchable
      clearable={!props.spec.required}
      placeholder={t.common.choose}
      nothingFoundMessage={t.common.nothingFound}
      defaultDropdownOpened={props.autoFocus ?? false}
    />
  );
}

function SetInput(props: FieldInputProps) {
  const { spec, value, onChange } = props;
  if (spec.type === 'ref') {
    return <RefsInput label={spec.label} hideLabel={props.hideLabel ?? false} target={spec.target} value={asList(value)} onChange={onChange} autoFocus={props.autoFocus ?? false} />;
  }
  if (spec.choices.length > 0) {
    return <MultiSelect {...labelled(props)} data={spec.choices.map((one) => ({ value: one.key, label: one.label }))} value={asList(value)} onChange={onChange} searchable />;
  }
  return <TagsInput {...labelled(props)} value={asList(value)} onChange={onChange} splitChars={[',', ' ']} acceptValueOnBlur />;
}

function FigureInput(props: FieldInputProps) {
  const scale = props.spec.type === 'money' ? moneyScale : 1;
  return (
    <NumberInput
      {...labelled(props)}
      value={typeof props.value === 'number' ? props.value / scale : ''}
      onChange={(next) => { props.onChange(next === '' ? null : Math.round(Number(next) * scale)); }}
      decimalScale={scale === 1 ? 0 : 2}
      fixedDecimalScale={scale !== 1}
      hideControls
    />
  );
}

function InstantInput(props: FieldInputProps) {
  const at = parseInstant(text(props.value));
  return (
    <TextInput
      {...labelled(props)}
      type="datetime-local"
      value={at === null ? '' : toLocalInput(at)}
      onChange={(e) => {
        const next = parseInstant(e.currentTarget.value);
        props.onChange(next === null ? null : next.toISOString());
      }}
    />
  );
}
