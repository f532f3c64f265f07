import { Button, FileButton, Group, Modal, Progress } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck, IconFile } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { api } from '@/bridge/api';
import type { BundleInfo, BundleRead } from '@/bridge/contract';
import { keys } from '@/bridge/keys';
import { bundleDone, sendBundleFiles } from '@/state/bundles';
import { useText } from '@/state/language';
import { toast, toastError } from '@/state/toasts';
import { Ago } from '@/ui/Ago';
import { Mark } from '@/ui/marks';
import { nameOf, outcomeOf } from './bundleText';
import classes from './sync.module.css';

/** Takes files from a stick in, and says what was new. */
export function ReadBundle({ opened, close }: { opened: boolean; close: () => void }) {
  const t = useText();
  return <Modal opened={opened} onClose={close} title={t.bundles.read} size="lg">{opened && <Steps close={close} />}</Modal>;
}

interface Busy {
  sent: number;
  total: number;
}

function Steps({ close }: { close: () => void }) {
  const t = useText();
  const client = useQueryClient();
  const [busy, setBusy] = useState<Busy | null>(null);
  const [read, setRead] = useState<BundleRead | null>(null);
  const stop = useRef(new AbortController());
  useEffect(() => {
    const controller = stop.current;
    return () => { controller.abort(); };
  }, []);
  const { stopped } = t.bundles;
  const take = async (files: File[]) => {
    const { signal } = stop.current;
    const total = files.reduce((all, file) => all + file.size, 0);
    setBusy({ sent: 0, total });
    try {
      const ids = await sendBundleFiles(files, (sent) => { setBusy({ sent, total }); }, signal);
      if (ids === null) return;
      const job = await bundleDone(await api.readBundle(ids), () => undefined, signal);
      if (job.state === 'cancelled') toast({ tone: 'idle', sentence: stopped });
      setRead(job.read ?? null);
    } finally {
      setBusy(null);
      void client.invalidateQueries({ queryKey: keys.waitingBundles });
    }
  };
  if (busy !== null) return <Going busy={busy} close={close} />;
  return (
    <div>
      {read === null ? <p className="muted">{t.bundles.hint}</p> : <Result read={read} />}
      <Group mt="lg">
        <FileButton multiple onChange={(files) => { if (files.length > 0) take(files).catch(toastError); }} inputProps={{ 'aria-label': t.exchange.file }}>
          {(props) => <Button {...props} variant={read === null ? 'filled' : 'default'} leftSection={<IconFile size={16} stroke={1.5} aria-hidden />}>{read === null ? t.exchange.chooseFile : t.bundles.another}</Button>}
        </FileButton>
        <Button variant={read === null ? 'default' : 'filled'} onClick={close}>{t.bundles.close}</Button>
      </Group>
    </div>
  );
}

function Going({ busy, close }: { busy: Busy; close: () => void }) {
  const t = useText();
  const sent = busy.total === 0 || busy.sent >= busy.total;
  const label = sent ? t.bundles.reading : t.bundles.sending;
  return (
    <div role="status">
      <Progress value={sent ? 100 : (100 * busy.sent) / busy.total} animated={sent} aria-label={label} size="sm" />
      <p className="muted">{label}</p>
      <Button variant="default" onClick={close}>{t.bundles.cancel}</Button>
    </div>
  );
}

/** What came of reading files: what was refused and why, then each bundle. */
export function Result({ read }: { read: BundleRead }) {
  const t = useText();
  return (
    <div role="status">
      {(read.files ?? []).filter((file) => file.state === 'refused').map((file) => (
        <div key={file.name} className={classes.refused}>
          <Mark tone="bad" icon={IconAlertTriangle} label={t.bundles.refused(file.name)} />
          <p>{file.trouble?.sentence} <span className="faint mono">{t.errors.code(file.trouble?.code ?? '')}</span></p>
        </div>
      ))}
      {(read.bundles ?? []).map((info) => <Bundle key={info.bundle} info={info} />)}
    </div>
  );
}

function Bundle({ info }: { info: BundleInfo }) {
  const t = useText();
  const outcome = outcomeOf(t, info);
  const missing = info.missing ?? [];
  return (
    <section aria-label={t.bundles.from(nameOf(info))}>
      <h3 className={classes.subhead}>{t.bundles.from(nameOf(info))} <span className="muted">{t.bundles.made} <Ago at={info.made} /></span></h3>
      {outcome.nothingNew && <Mark tone="good" icon={IconCircleCheck} label={t.bundles.nothingNew} />}
      {outcome.texts.length > 0 && <ul className={classes.counts}>{outcome.texts.map((text) => <li key={text}>{text}</li>)}</ul>}
      {outcome.why.map((why) => <p key={why} className={classes.warn}>{why}</p>)}
      {info.trouble !== undefined && info.trouble !== null && <p className={classes.warn}>{info.trouble.sentence} <span className="faint mono">{t.errors.code(info.trouble.code)}</span></p>}
      {missing.length > 0 && <p className={classes.warn}>{t.bundles.missing(missing, info.parts)}</p>}
      {info.closed > 0 && <p className="muted">{t.bundles.closed}</p>}
    </section>
  );
}
