import { Button, FileButton, SegmentedControl, Select } from '@mantine/core';
import { IconDownload, IconFile } from '@tabler/icons-react';
import { useRef, useState } from 'react';
import { api } from '@/bridge/api';
import type { ImportForm } from '@/bridge/contract';
import { saveText } from '@/bridge/window';
import { readStored, writeStored } from '@/lib/storage';
import { sendFile } from '@/state/imports';
import { useText } from '@/state/language';
import { toast, toastError } from '@/state/toasts';
import { Page, Section } from '@/ui/page';
import classes from './exchange.module.css';
import { ImportProgress, ProgressLine } from './ImportProgress';

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
  const [job, setJob] = useState(() => readStored('import') ?? '');
  const remember = (id: string) => {
    setJob(id);
    writeStored('import', id === '' ? null : id);
  };
  return job === '' ? <ChooseFile onStarted={remember} /> : <ImportProgress key={job} id={job} again={() => { remember(''); }} />;
}

function ChooseFile({ onStarted }: { onStarted: (id: string) => void }) {
  const t = useText();
  const [form, setForm] = useState<ImportForm>('servicenow-log');
  const [kind, setKind] = useState('incident');
  const [file, setFile] = useState<File | null>(null);
  const [sent, setSent] = useState<{ bytes: number; at: number } | null>(null);
  const stop = useRef(new AbortController());
  const start = () => {
    if (file === null) return;
    stop.current = new AbortController();
    setSent({ bytes: 0, at: Date.now() });
    sendFile({ as: form, file, ...(form === 'csv' ? { kind } : {}) }, (bytes) => { setSent((now) => ({ bytes, at: now?.at ?? Date.now() })); }, stop.current.signal)
      .then((job) => { onStarted(job.id); }, toastError)
      .finally(() => { setSent(null); });
  };
  if (sent !== null && file !== null) {
    return <ProgressLine label={t.exchange.sending} done={sent.bytes} total={file.size} rate={0} cancel={() => { stop.current.abort(); }} />;
  }
  return (
    <div className={classes.form}>
      <Select label={t.exchange.form} data={forms.map((one) => ({ value: one, label: t.exchange.forms[one] }))} value={form} onChange={(next) => { setForm(forms.find((one) => one === next) ?? form); }} allowDeselect={false} maw={420} />
      {form === 'csv' && (
        <SegmentedControl size="xs" aria-label={t.exchange.kind} value={kind} onChange={setKind} data={[{ value: 'incident', label: t.frame.newIncident }, { value: 'request', label: t.frame.newRequest }]} style={{ alignSelf: 'flex-start' }} />
      )}
      <div className={classes.line}>
        <FileButton onChange={setFile} accept=".csv,.jsonl,.ndjson,.json,text/csv" inputProps={{ 'aria-label': t.exchange.file }}>
          {(props) => <Button {...props} variant="default" leftSection={<IconFile size={16} stroke={1.5} aria-hidden />}>{t.exchange.chooseFile}</Button>}
        </FileButton>
        <span className={file === null ? 'faint' : undefined}>{file === null ? t.exchange.noFile : `${file.name} · ${(file.size / 1024).toLocaleString(undefined, { maximumFractionDigits: 0 })} KiB`}</span>
      </div>
      <div className={classes.line}>
        <Button onClick={start} disabled={file === null}>{t.exchange.start}</Button>
        <span className="muted">{t.exchange.startHint}</span>
      </div>
    </div>
  );
}

function Export() {
  const t = useText();
  const [busy, setBusy] = useState(false);
  const run = () => {
    setBusy(true);
    api.exportAll().then((text) => {
      saveText(`holdfast-${new Date().toISOString().slice(0, 10)}.jsonl`, text, 'application/x-ndjson');
      toast({ tone: 'good', sentence: t.exchange.exported });
    }, toastError).finally(() => { setBusy(false); });
  };
  return (
    <div className={classes.form}>
      <p className="muted">{t.exchange.exportHint}</p>
      <div className={classes.line}><Button variant="default" leftSection={<IconDownload size={16} stroke={1.5} aria-hidden />} onClick={run} loading={busy}>{busy ? t.exchange.exporting : t.exchange.exportButton}</Button></div>
    </div>
  );
}
