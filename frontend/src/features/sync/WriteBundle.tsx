import { Button, Checkbox, Group, Modal, Progress, Radio, Select } from '@mantine/core';
import { IconCircleCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { type SubmitEvent, useEffect, useRef, useState } from 'react';
import { api } from '@/bridge/api';
import type { BundleCommits, BundleJob, BundleWish, BundleWritten } from '@/bridge/contract';
import { queries } from '@/bridge/queries';
import { saveAnswers } from '@/bridge/window';
import { bundleDone } from '@/state/bundles';
import { useText } from '@/state/language';
import { toast, toastError } from '@/state/toasts';
import { Mark } from '@/ui/marks';
import { contentTexts } from './bundleText';
import classes from './sync.module.css';

const commitChoices: readonly BundleCommits[] = ['lacking', 'all', 'none'];
const sizes = ['0', '32000000', '700000000', '4000000000'] as const;
const megabyte = 1e6;

/** Asks what is to go on a stick, writes it, and saves it where the person says. */
export function WriteBundle({ opened, own, close }: { opened: boolean; own: string; close: () => void }) {
  const t = useText();
  return <Modal opened={opened} onClose={close} title={t.bundles.write}>{opened && <Steps own={own} close={close} />}</Modal>;
}

function Steps({ own, close }: { own: string; close: () => void }) {
  const t = useText();
  const [job, setJob] = useState<BundleJob | null>(null);
  const stop = useRef(new AbortController());
  useEffect(() => {
    const controller = stop.current;
    return () => { controller.abort(); };
  }, []);
  const start = (wish: BundleWish) => {
    const { signal } = stop.current;
    api.writeBundle(wish).then((begun) => {
      setJob(begun);
      return bundleDone(begun, (done) => { setJob((now) => (now === null ? null : { ...now, done })); }, signal).then(setJob);
    }).catch((error: unknown) => {
      setJob(null);
      toastError(error);
    });
  };
  if (job === null) return <Form own={own} start={start} close={close} />;
  if (job.written !== undefined && job.written !== null) return <Saved id={job.id} written={job.written} close={close} />;
  return (
    <div role="status">
      <Progress value={100} animated aria-label={t.bundles.writing} size="sm" />
      <p className="muted">{t.bundles.writing} {t.bundles.megabytes(job.done / megabyte)}</p>
      <Button variant="default" onClick={close}>{t.bundles.cancel}</Button>
    </div>
  );
}

function Form({ own, start, close }: { own: string; start: (wish: BundleWish) => void; close: () => void }) {
  const t = useText();
  const devices = useQuery(queries.devices());
  const [reader, setReader] = useState('');
  const [commits, setCommits] = useState<BundleCommits>('lacking');
  const [files, setFiles] = useState(true);
  const [size, setSize] = useState<(typeof sizes)[number]>('0');
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    start({ commits, ...(reader === '' ? {} : { for: reader }), ...(files ? {} : { noFiles: true }), ...(size === '0' ? {} : { partBytes: Number(size) }) });
  };
  const others = (devices.data?.devices ?? []).filter((device) => device.id !== own && (device.revoked ?? '') === '');
  return (
    <form onSubmit={submit}>
      <Select label={t.bundles.forWhom} data={[{ value: '', label: t.bundles.anyone }, ...others.map((device) => ({ value: device.id, label: device.person === undefined || device.person === null ? device.name : `${device.name} · ${device.person.title}` }))]} value={reader} onChange={(next) => { setReader(next ?? ''); }} allowDeselect={false} data-autofocus />
      <Radio.Group mt="md" label={t.bundles.agreed} description={t.bundles.commitsHint} value={commits} onChange={(next) => { setCommits(commitChoices.find((one) => one === next) ?? 'lacking'); }}>
        {commitChoices.map((one) => <Radio key={one} value={one} mt="xs" label={t.bundles.commits[one]} />)}
      </Radio.Group>
      <Checkbox mt="md" label={t.bundles.files} checked={files} onChange={(event) => { setFiles(event.currentTarget.checked); }} />
      <Select mt="md" label={t.bundles.partSize} description={t.bundles.sizeHint} data={sizes.map((one) => ({ value: one, label: t.bundles.sizes[one] }))} value={size} onChange={(next) => { setSize(sizes.find((one) => one === next) ?? '0'); }} allowDeselect={false} />
      <Group mt="lg"><Button type="submit">{t.bundles.start}</Button><Button variant="default" onClick={close}>{t.bundles.cancel}</Button></Group>
    </form>
  );
}

function Saved({ id, written, close }: { id: string; written: BundleWritten; close: () => void }) {
  const t = useText();
  const [busy, setBusy] = useState(false);
  const parts = written.parts ?? [];
  const bytes = parts.reduce((all, part) => all + part, 0);
  const save = () => {
    setBusy(true);
    const name = `holdfast-${new Date().toISOString().slice(0, 10)}.bundle`;
    saveAnswers({ title: t.bundles.write, name, kind: t.bundles.kind, extensions: [] }, parts.map((_, i) => api.bundlePart(id, i + 1))).then((where) => {
      if (where === null) return;
      toast({ tone: 'good', sentence: t.bundles.saved(where) });
      close();
    }, toastError).finally(() => { setBusy(false); });
  };
  return (
    <div>
      <div role="status"><Mark tone="good" icon={IconCircleCheck} label={`${t.bundles.holds} · ${t.bundles.megabytes(bytes / megabyte)}`} /></div>
      <ul className={classes.counts}>{contentTexts(t, written.spaces ?? [], written.files).map((text) => <li key={text}>{text}</li>)}</ul>
      {written.filesAbsent > 0 && <p className={classes.warn}>{t.bundles.absent(written.filesAbsent)}</p>}
      {(written.spaces ?? []).some((space) => space.incomplete) && <p className={classes.warn}>{t.bundles.incomplete}</p>}
      <p className="muted">{t.bundles.readers(written.readers)}</p>
      <Group mt="lg"><Button onClick={save} loading={busy} data-autofocus>{t.bundles.save(parts.length)}</Button><Button variant="default" onClick={close}>{t.bundles.close}</Button></Group>
    </div>
  );
}
