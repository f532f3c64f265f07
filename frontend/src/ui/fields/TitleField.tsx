import { TextInput } from '@mantine/core';
import { useEffect, useRef } from 'react';
import type { FieldState } from '@/bridge/contract';
import { fieldLabel } from '@/lib/i18n';
import type { RecordEdits } from '@/state/edits';
import { useText } from '@/state/language';
import { PendingDot } from '../Pending';
import { FieldConflict } from './ConflictCard';
import classes from './longText.module.css';
import { useFieldEdit } from './useFieldEdit';

/** A record's title as its heading, edited in place. */
export function TitleField({ recordId, field, edits, openSignal = 0 }: { recordId: string; field: FieldState; edits: RecordEdits; openSignal?: number }) {
  const t = useText();
  const edit = useFieldEdit(recordId, field, edits);
  const label = fieldLabel(t, field.name, field.label);
  const text = typeof field.value === 'string' ? field.value : '';
  const begin = edit.begin;
  const fixed = field.readOnly === true;
  const asked = useRef(0);
  useEffect(() => {
    if (openSignal === asked.current) return;
    asked.current = openSignal;
    if (!fixed) begin();
  }, [openSignal, begin, fixed]);
  return (
    <>
      <div className={classes.title} data-field={field.name}>
        {edit.editing === null ? (
          <h1 dir="auto">{fixed ? text : <button type="button" className={classes.titleButton} onClick={begin} title={t.ticket.editTitle}>{text === '' ? t.ticket.noTitle : text}</button>}</h1>
        ) : (
          <TextInput
            className={classes.titleInput ?? ''} size="md" aria-label={label} autoFocus value={typeof edit.editing.value === 'string' ? edit.editing.value : ''}
            onChange={(e) => { edit.change(e.currentTarget.value); }}
            onBlur={() => void edit.commit()}
            onKeyDown={(event) => {
              if (event.key === 'Enter') void edit.commit();
              else if (event.key === 'Escape') edit.leave();
              else return;
              event.preventDefault();
              event.stopPropagation();
            }}
          />
        )}
        {field.pending && <PendingDot />}
        {edit.hasDraft && edit.editing === null && <span className={classes.draft}>{t.common.draftKept}</span>}
      </div>
      <FieldConflict field={field} label={label} display={text} settle={(value, display) => void edits.settle(field, value, display)} edit={begin} />
    </>
  );
}
