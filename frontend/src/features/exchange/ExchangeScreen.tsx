import { Button, FileButton, SegmentedControl, Select } from '@mantine/core';
import { IconDownload, IconFile } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '@/bridge/api';
import type { ImportForm } from '@/bridge/contract';
import { saveText } from '@/bridge/window';
import { useStore } from '@/lib/store';
import { beginImport, currentImport, rememberImport, type Sending, sending } from '@/state/imports';
import { useText } from '@/state/language';
import { useMay } from '@/state/queries';
import { toast, toastError } from '@/state/toasts';
import { Page, Section } from '@/ui/page';
import classes from './exchange.module.css';
import { ImportProgress } from './ImportProgress';
import { ProgressLine } from './ProgressLine';

const forms: readonly ImportForm[] = ['servicenow-log', 'csv', 'jsonl'];

/** Brings records in from a file, and takes everything out. */
export function ExchangeScreen() {
  const t = useText();
  return (
    <Page title={t.exchange.title} narrow>
      <Section title={t.exchange.importTitle}><Import /></Section>
      <Section title={t.exchange.exportTitle}><Export /></Section>
    </Page>
  );
}

function Import() {
  const job = useStore(currentImport);
  const now = useStore(sending);
  if (now !== null) return <SendingLine now={now} />;
  return job === '' ? <ChooseFile /> : <ImportProgress key={job} id={job} again={() => { rememberImport(''); }} />;
}

const kib = 1024;

function SendingLine({ now }: { now: Sending }) {
  const t = useText();
  const [done, total] = [Math.round(now.sent / kib), Math.round(now.total / kib)];
  return <ProgressLine label={`${t.exchange.sending}: ${now.name}`} done={done} total={total} unit="KiB" rate={now.rate / kib} rateText={t.exchange.rateKib} hint={t.exchange.leaveStops} cancel={() => { now.stop.abort(); }} />;
}

function ChooseFile() {
  const t = useText();
  const may = useMay('ticket.import');
  const [form, setForm] = useState<ImportForm>('servicenow-log');
  const [kind, setKind] = useState('incident');
  const [file, setFile] = useState<File | null>(null);
  const [tried, setTried] = useState(false);
  const start = () => {
    setTried(true);
    if (file !== null) beginImport({ as: form, file, ...(form === 'csv' ? { kind } : {}) }).catch(toastError);
  };
  if (!may) return <p className={classes.hint}>{t.exchange.notAllowed}</p>;
  return (
    <form className={classes.form} noValidate onSubmit={(event) => { event.preventDefault(); start(); }}>
      <Select label={t.exchange.form} description={t.exchange.formHints[form]} inputWrapperOrder={['label', 'input', 'description']} data={forms.map((one) => ({ value: one, label: t.exchange.forms[one] }))} value={form} onChange={(next) => { setForm(forms.find((one) => one === next) ?? form); }} allowDeselect={false} maw={520} />
      {form === 'csv' && (
        <div className={classes.field}>
          <span className={classes.label} aria-hidden>{t.exchange.kind}</span>
          <SegmentedControl size="xs" aria-label={t.exchange.kind} value={kind} onChange={setKind} data={[{ value: 'incident', label: t.exchange.incidents }, { value: 'request', label: t.exchange.requests }]} />
        </div>
      )}
      <div className={classes.field}>
        <span className={classes.label} aria-hidden>{t.exchange.file}</span>
        <div className={classes.line}>
          <FileButton onChange={setFile} accept=".csv,.jsonl,.ndjson,.json,text/csv" inputProps={{ 'aria-label': t.exchange.file }}>
            {(props) => <Button {...props} variant="default" leftSection={<IconFile size={16} stroke={1.5} aria-hidden />}>{t.exchange.chooseFile}</Button>}
          </FileButton>
          <span className={file === null ? 'faint' : undefined}>{file === null ? t.exchange.noFile : `${file.name} · ${t.exchange.size(file.size / kib)}`}</span>
        </div>
        {tried && file === null && <span className={classes.wrong} role="alert">{t.exchange.fileMissing}</span>}
      </div>
      <div className={classes.line}>
        <Button type="submit">{t.exchange.start}</Button>
        <span className="muted">{t.exchange.startHint}</span>
      </div>
    </form>
  );
}

function Export() {
  const t = useText();
  const run = useMutation({
    mutationFn: async () => {
      const name = `holdfast-${new Date().toISOString().slice(0, 10)}.jsonl`;
      return saveText({ title: t.exchange.exportTitle, name, kind: t.exchange.exportKind, extensions: ['jsonl'] }, await api.exportAll(), 'application/x-ndjson');
    },
    onSuccess: (where) => { if (where !== null) toast({ tone: 'good', sentence: t.exchange.exported(where) }); },
    onError: toastError,
  });
  return (
    <div className={classes.form}>
      <p className="muted">{t.exchange.exportHint}</p>
      <div className={classes.line}><Button variant="default" leftSection={<IconDownload size={16} stroke={1.5} aria-hidden />} onClick={() => { run.mutate(); }} loading={run.isPending}>{run.isPending ? t.exchange.exporting : t.exchange.exportButton}</Button></div>
    </div>
  );
}
