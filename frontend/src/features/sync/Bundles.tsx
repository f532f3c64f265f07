import { Button } from '@mantine/core';
import { IconUsb } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '@/bridge/api';
import type { BundleInfo } from '@/bridge/contract';
import { keys } from '@/bridge/keys';
import { queries } from '@/bridge/queries';
import { useText } from '@/state/language';
import { toastError } from '@/state/toasts';
import { Ago } from '@/ui/Ago';
import { Section } from '@/ui/page';
import { nameOf } from './bundleText';
import { ReadBundle } from './ReadBundle';
import classes from './sync.module.css';
import { WriteBundle } from './WriteBundle';

/** Work that goes by hand, where no network reaches. */
export function Bundles({ own }: { own: string }) {
  const t = useText();
  const [open, setOpen] = useState<'write' | 'read' | null>(null);
  const query = useQuery(queries.waitingBundles());
  const waiting = query.data?.bundles ?? [];
  const close = () => { setOpen(null); };
  return (
    <Section title={t.bundles.title}>
      <p className={classes.intro}>{t.bundles.hint}</p>
      <div className={classes.buttons}>
        <Button variant="default" leftSection={<IconUsb size={16} stroke={1.5} aria-hidden />} onClick={() => { setOpen('write'); }}>{t.bundles.write}</Button>
        <Button variant="default" onClick={() => { setOpen('read'); }}>{t.bundles.read}</Button>
      </div>
      {waiting.length > 0 && (
        <>
          <h3 className={classes.subhead}>{t.bundles.waitingTitle}</h3>
          <ul className={classes.plainList}>{waiting.map((info) => <Waiting key={info.bundle} info={info} />)}</ul>
        </>
      )}
      <WriteBundle opened={open === 'write'} own={own} close={close} />
      <ReadBundle opened={open === 'read'} close={close} />
    </Section>
  );
}

function Waiting({ info }: { info: BundleInfo }) {
  const t = useText();
  const client = useQueryClient();
  const forget = () => { api.forgetBundle(info.bundle).then(() => client.invalidateQueries({ queryKey: keys.waitingBundles }), toastError); };
  return (
    <li>
      <span><b>{t.bundles.from(nameOf(info))}</b> <span className="muted"><Ago at={info.made} /></span> · {t.bundles.missing(info.missing ?? [], info.parts)}</span>
      <Button size="compact-xs" variant="subtle" color="gray" onClick={forget} aria-label={t.bundles.forgetFor(nameOf(info))}>{t.bundles.forget}</Button>
    </li>
  );
}
