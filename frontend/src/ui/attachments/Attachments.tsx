import { ActionIcon, Button, Modal, Progress } from '@mantine/core';
import { IconDownload, IconFile, IconPaperclip, IconX } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { api } from '@/bridge/api';
import type { Attachment } from '@/bridge/contract';
import { keys } from '@/bridge/keys';
import { queries } from '@/bridge/queries';
import { saveAnswers } from '@/bridge/window';
import { fileShare, fileSize } from '@/lib/fileSize';
import { useStore } from '@/lib/store';
import { useLanguage, useText } from '@/state/language';
import { useShortcuts } from '@/state/shortcuts';
import { describeError, toast, toastError } from '@/state/toasts';
import { attachFile, cancelSending, retrySending, type Sending, sendings } from '@/state/uploads';
import { Ago } from '@/ui/Ago';
import { PendingDot } from '@/ui/Pending';
import { RemoveForGood } from '@/ui/RemoveForGood';
import { type Incoming, useIncoming } from './useIncoming';
import classes from './attachments.module.css';

/** The files of a record: attach by button, key, drop or paste; see what is here and what is on its way. */
export function Attachments({ id }: { id: string }) {
  const t = useText();
  const client = useQueryClient();
  const { data } = useQuery(queries.attachments(id));
  const picker = useRef<HTMLInputElement>(null);
  const [shown, setShown] = useState<Attachment | null>(null);
  const here = useStore(sendings).filter((one) => one.record === id);
  const take = (files: Incoming[]) => {
    void Promise.all(files.map(({ file, name }) => attachFile(client, id, file, name))).then((all) => {
      const attached = all.filter(Boolean).length;
      if (attached > 0) toast({ tone: 'good', sentence: t.attachments.attached(attached) });
    });
  };
  const over = useIncoming(t.attachments.screenshot, take, () => { toast({ tone: 'bad', sentence: t.attachments.noFolder }); });
  const pick = () => picker.current?.click();
  useShortcuts([{ keys: 'u', label: t.attachments.shortcut, group: 'ticket', run: pick }]);
  const files = data?.attachments ?? [];
  return (
    <section className={classes.section} aria-label={t.attachments.title}>
      <div className={classes.head}>
        <h2>{t.attachments.title}</h2>
        {files.length > 0 && <span className="muted num">{files.length}</span>}
        <Button variant="default" size="compact-xs" leftSection={<IconPaperclip size={14} stroke={1.5} aria-hidden />} onClick={pick}>{t.attachments.attach}</Button>
        <span className={classes.hint}>{t.attachments.hint}</span>
        <input
          ref={picker} type="file" multiple hidden tabIndex={-1} aria-label={t.attachments.attach}
          onChange={(e) => {
            take([...(e.currentTarget.files ?? [])].map((file) => ({ file, name: file.name })));
            e.currentTarget.value = '';
          }}
        />
      </div>
      {files.length > 0 && <ul className={classes.list} aria-label={t.attachments.list}>{files.map((one) => <Row key={one.item} id={id} file={one} show={() => { setShown(one); }} />)}</ul>}
      {here.length > 0 && <ul className={classes.list} aria-label={t.attachments.sending}>{here.map((one) => <SendingRow key={one.item} one={one} />)}</ul>}
      {over && <div className={classes.drop} role="status">{t.attachments.drop}</div>}
      <Modal opened={shown !== null} onClose={() => { setShown(null); }} title={shown?.name} size="xl">
        {shown !== null && <img className={classes.picture} src={api.contentAddress(id, shown.item)} alt={shown.name} />}
      </Modal>
    </section>
  );
}

function Row({ id, file, show }: { id: string; file: Attachment; show: () => void }) {
  const t = useText();
  const language = useLanguage();
  const save = () => {
    const extension = file.name.includes('.') ? [file.name.slice(file.name.lastIndexOf('.') + 1)] : [];
    saveAnswers({ title: t.attachments.save(file.name), name: file.name, kind: file.media, extensions: extension }, [api.contentAddress(id, file.item)])
      .then((where) => { if (where !== null) toast({ tone: 'good', sentence: t.attachments.saved(where) }); }, toastError);
  };
  const ready = file.state === 'here';
  return (
    <li className={classes.row}>
      {file.picture && ready ? (
        <button type="button" className={classes.thumb} aria-label={t.attachments.show(file.name)} onClick={show}><img src={api.contentAddress(id, file.item)} alt="" loading="lazy" /></button>
      ) : <span className={classes.thumb}><IconFile size={20} stroke={1.5} aria-hidden /></span>}
      <div className={classes.what}>
        <span className={classes.name}><b title={file.name}>{file.name}</b>{file.pending && <PendingDot />}</span>
        <span className={classes.meta}>
          <span className="num">{fileSize(file.size, language)}</span>
          <span>{file.media}</span>
          {file.by !== null && <span>{t.attachments.by(file.by.title)}</span>}
          <Ago at={file.at} />
        </span>
        {!ready && <Arriving file={file} />}
      </div>
      <span className={classes.actions}>
        {ready ? <ActionIcon aria-label={t.attachments.save(file.name)} title={t.attachments.saveShort} onClick={save}><IconDownload size={16} stroke={1.5} /></ActionIcon> : file.state === 'elsewhere' && <Fetch id={id} file={file} />}
        {!file.pending && <RemoveForGood record={id} field="attachments" item={file.item} what={file.name} />}
      </span>
    </li>
  );
}

/** How much of a file has come, and what it waits for. */
function Arriving({ file }: { file: Attachment }) {
  const t = useText();
  const language = useLanguage();
  const [part, whole] = fileShare(file.received, file.size, language);
  const why = { coming: t.attachments.coming, waiting: t.attachments.waiting(file.device.name), elsewhere: t.attachments.elsewhere, here: '' }[file.state];
  const text = `${t.attachments.progress(part, whole)}, ${why}`;
  return (
    <span className={classes.bar}>
      <Progress value={file.size === 0 ? 0 : (100 * file.received) / file.size} size="xs" aria-label={text} transitionDuration={100} />
      <span>{text}</span>
    </span>
  );
}

function Fetch({ id, file }: { id: string; file: Attachment }) {
  const t = useText();
  const client = useQueryClient();
  const fetchNow = () => { api.fetchAttachment(id, file.item).then((all) => client.setQueryData(keys.attachments(id), all), toastError); };
  return <Button variant="default" size="compact-xs" onClick={fetchNow} aria-label={t.attachments.fetchOf(file.name)}>{t.attachments.fetch}</Button>;
}

function SendingRow({ one }: { one: Sending }) {
  const t = useText();
  const client = useQueryClient();
  const language = useLanguage();
  const [part, whole] = fileShare(one.sent, one.file.size, language);
  const failed = one.error !== null ? describeError(one.error) : null;
  return (
    <li className={classes.row}>
      <span className={classes.thumb}><IconFile size={20} stroke={1.5} aria-hidden /></span>
      <div className={classes.what}>
        <span className={classes.name}><b title={one.name}>{one.name}</b></span>
        {failed === null ? (
          <span className={classes.bar}>
            <Progress value={one.file.size === 0 ? 100 : (100 * one.sent) / one.file.size} size="xs" aria-label={one.name} transitionDuration={100} />
            <span>{t.attachments.progress(part, whole)}</span>
          </span>
        ) : <span className={classes.wrong} role="alert">{failed.sentence === '' ? t.errors.code(failed.code) : failed.sentence}</span>}
      </div>
      <span className={classes.actions}>
        {failed !== null && <Button variant="default" size="compact-xs" onClick={() => void retrySending(client, one.item)} aria-label={t.attachments.retryOf(one.name)}>{t.attachments.retry}</Button>}
        <ActionIcon aria-label={t.attachments.cancelOf(one.name)} title={t.attachments.cancel} onClick={() => { cancelSending(one.item); }}><IconX size={16} stroke={1.5} /></ActionIcon>
      </span>
    </li>
  );
}
