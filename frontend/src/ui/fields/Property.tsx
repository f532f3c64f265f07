import { Button, Group } from '@mantine/core';
import { type KeyboardEvent, type ReactNode, useEffect, useRef } from 'react';
import type { FieldState } from '@/bridge/contract';
import { useLanguage, useText } from '@/state/language';
import type { RecordEdits } from '@/state/edits';
import { useMeta } from '@/state/queries';
import { PendingDot } from '../Pending';
import { FieldConflict } from './ConflictCard';
import { FieldInput } from './FieldInput';
import classes from './property.module.css';
import { RefInput } from './RefInput';
import { type FieldSpec, specOf, valueText } from './spec';
import { type FieldEdit, useFieldEdit } from './useFieldEdit';
import { PropertyValue } from './PropertyValue';

interface PropertyProps {
  recordId: string;
  kind: string;
  field: FieldState;
  edits: RecordEdits;
  /** in place of the plain value */
  show?: ReactNode;
  /** beside the value */
  extra?: ReactNode;
  /** rises when a shortcut asks for the editor */
  openSignal?: number;
}

/** One field of a record: label, value, and its editor in place. */
export function Property({ recordId, kind, field, edits, show, extra, openSignal = 0 }: PropertyProps) {
  const t = useText();
  const language = useLanguage();
  const meta = useMeta();
  const spec = specOf(t, meta, kind, field);
  const edit = useFieldEdit(recordId, field, edits);
  const fixed = field.readOnly === true || spec.rule === 'number' || spec.rule === 'list' || spec.rule === 'state' || spec.type === 'entry';
  const words = valueText(t, language, field, spec.choices);
  const begin = edit.begin;
  const asked = useRef(openSignal);
  useEffect(() => {
    if (openSignal === asked.current) return;
    asked.current = openSignal;
    begin();
  }, [openSignal, begin]);

  return (
    <div className={classes.row} data-field={field.name}>
      <div className={classes.label}>{spec.label}</div>
      {edit.editing !== null ? <PropertyEditor spec={spec} edit={edit} /> : (
        <PropertyValue label={spec.label} fixed={fixed} edit={begin} hasDraft={edit.hasDraft}>
          {show ?? <ValueText spec={spec} field={field} words={words} />}
          {field.pending && <PendingDot />}
          {extra}
        </PropertyValue>
      )}
      {field.conflicts.length > 0 && (
        <div className={classes.below}>
          <FieldConflict field={field} label={spec.label} display={words} settle={(value, display) => void edits.settle(field, value, display)} />
        </div>
      )}
    </div>
  );
}

function ValueText({ spec, field, words }: { spec: FieldSpec; field: FieldState; words: string }) {
  const t = useText();
  if (words === '') return <span className={classes.unset}>{t.common.noValue}</span>;
  if (spec.rule === 'set' && spec.type !== 'ref' && Array.isArray(field.value)) {
    return (
      <span className={classes.chips}>
        {field.value.map((one) => <span key={one} className={classes.chip}>{spec.choices.find((c) => c.key === one)?.label ?? one}</span>)}
      </span>
    );
  }
  return <span className={classes.text}>{words}</span>;
}

function PropertyEditor({ spec, edit }: { spec: FieldSpec; edit: FieldEdit }) {
  const { editing } = edit;
  if (editing === null) return null;
  if (spec.rule !== 'set' && spec.type === 'ref') {
    return (
      <RefInput
        label={spec.label} hideLabel target={spec.target} open value={typeof editing.value === 'string' && editing.value !== '' ? editing.value : null}
        display={editing.display ?? ''} onChange={(id, display) => void edit.commit(id, display)} onClose={edit.leave}
      />
    );
  }
  if (spec.rule !== 'set' && (spec.type === 'choice' || spec.type === 'flag')) {
    return (
      <EscapeBox leave={edit.leave}>
        <FieldInput spec={spec} hideLabel autoFocus value={editing.value} onChange={(value, display) => void edit.commit(value, display)} />
      </EscapeBox>
    );
  }
  return <TypedEditor spec={spec} edit={edit} />;
}

function TypedEditor({ spec, edit }: { spec: FieldSpec; edit: FieldEdit }) {
  const t = useText();
  const long = spec.type === 'markdown' || spec.rule === 'set';
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey || !long)) {
      event.preventDefault();
      void edit.commit();
    }
  };
  return (
    <EscapeBox leave={edit.leave} onKeyDown={onKeyDown}>
      <FieldInput spec={spec} hideLabel autoFocus value={edit.editing?.value ?? null} onChange={edit.change} display={edit.editing?.display} />
      <Group gap={6}>
        <Button size="compact-xs" onClick={() => void edit.commit()}>{t.common.save}</Button>
        <Button size="compact-xs" variant="subtle" color="gray" onClick={edit.discard}>{t.common.cancel}</Button>
        <span className={classes.hint}>{long ? t.common.saveHintLong : t.common.saveHint}</span>
      </Group>
    </EscapeBox>
  );
}

function EscapeBox({ leave, onKeyDown, children }: { leave: () => void; onKeyDown?: (event: KeyboardEvent) => void; children: ReactNode }) {
  return (
    // The keys come from the input inside.
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions
    <div
      className={classes.editor}
      onKeyDown={(event) => {
        onKeyDown?.(event);
        if (event.key !== 'Escape') return;
        event.preventDefault();
        event.stopPropagation();
        leave();
      }}
    >
      {children}
    </div>
  );
}
