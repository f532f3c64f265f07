import { Button, Group } from '@mantine/core';
import type { KeyboardEvent } from 'react';
import type { FieldState } from '@/bridge/contract';
import { fieldLabel } from '@/lib/i18n';
import type { RecordEdits } from '@/state/edits';
import { useText } from '@/state/language';
import { Html } from '../Html';
import { MarkdownEditor, Preview } from '../MarkdownEditor';
import { PendingDot } from '../Pending';
import { RemoveForGood, wasRemoved } from '../RemoveForGood';
import { FieldConflict } from './ConflictCard';
import classes from './longText.module.css';
import { useFieldEdit } from './useFieldEdit';

interface LongTextProps {
  recordId: string;
  field: FieldState;
  edits: RecordEdits;
  /** rendered by the program; without it the preview operation renders the text */
  html?: string | undefined;
  placeholder: string;
  sideBySide?: boolean;
  /** the heading above is the screen's */
  noHeading?: boolean;
}

/** A text in Markdown on its record: read, edited in place, merged, and settled where two people overlap. */
export function LongText({ recordId, field, edits, html, placeholder, sideBySide = false, noHeading = false }: LongTextProps) {
  const t = useText();
  const label = fieldLabel(t, field.name, field.label);
  const edit = useFieldEdit(recordId, field, edits);
  const text = typeof field.value === 'string' ? field.value : '';
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      void edit.commit();
    } else if (event.key === 'Escape') {
      event.preventDefault();
      event.stopPropagation();
      edit.leave();
    }
  };
  const fixed = field.readOnly === true;
  return (
    <section className={classes.section} aria-label={label} data-field={field.name}>
      <div className={classes.head}>
        {!noHeading && <h2 className={classes.heading}>{label}</h2>}
        {field.pending && <PendingDot />}
        {edit.hasDraft && edit.editing === null && <span className={classes.draft}>{t.common.draftKept}</span>}
        {edit.editing === null && !fixed && text !== '' && (
          <Button variant="subtle" color="gray" size="compact-xs" onClick={edit.begin} aria-label={`${t.common.edit}: ${label}`} className={classes.edit ?? ''}>{t.common.edit}</Button>
        )}
        {edit.editing === null && !fixed && !field.pending && text !== '' && !wasRemoved(text) && <RemoveForGood record={recordId} field={field.name} what={label} />}
      </div>
      {edit.editing !== null ? (
        <>
          <MarkdownEditor
            label={label} value={typeof edit.editing.value === 'string' ? edit.editing.value : ''} onChange={edit.change} autoFocus
            sideBySide={sideBySide} minRows={sideBySide ? 18 : 6} onKeyDown={onKeyDown}
          />
          <Group gap={8} mt={8}>
            <Button onClick={() => void edit.commit()}>{t.common.save}</Button>
            <Button variant="subtle" color="gray" onClick={edit.discard}>{t.common.cancel}</Button>
            <span className="faint">{t.common.saveHintLong}</span>
          </Group>
        </>
      ) : text === '' ? (
        fixed ? <span className="faint">{t.common.noValue}</span> : <button type="button" className={classes.add} onClick={edit.begin}>{placeholder}</button>
      ) : wasRemoved(text) ? <span className="faint">{t.removal.removed}</span> : html === undefined || field.pending ? <Preview text={text} /> : <Html html={html} />}
      <FieldConflict field={field} label={label} display={text} settle={(value, display) => void edits.settle(field, value, display)} />
    </section>
  );
}
