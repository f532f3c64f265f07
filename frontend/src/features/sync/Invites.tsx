import { Button, CopyButton, NumberInput, SegmentedControl, Textarea } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type SubmitEvent, useState } from 'react';
import { api } from '@/bridge/api';
import type { Invite } from '@/bridge/contract';
import { keys } from '@/bridge/keys';
import { queries } from '@/bridge/queries';
import { useText } from '@/state/language';
import { toastError } from '@/state/toasts';
import { Ago } from '@/ui/Ago';
import { RefInput } from '@/ui/fields/RefInput';
import { Empty, Loaded } from '@/ui/states';
import classes from './sync.module.css';

const hoursAtFirst = 24;
const hoursMax = 720;

/** Lets another device join, by text or picture. */
export function Invites() {
  const t = useText();
  const client = useQueryClient();
  const query = useQuery(queries.invites());
  const [role, setRole] = useState<'desktop' | 'node'>('desktop');
  const [hours, setHours] = useState(hoursAtFirst);
  const [person, setPerson] = useState<{ id: string; name: string } | null>(null);
  const [made, setMade] = useState<Invite | null>(null);
  const [busy, setBusy] = useState(false);
  const make = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    setBusy(true);
    api.invite({ role, hours, ...(person === null || role === 'node' ? {} : { person: person.id }) }).then((invite) => {
      setMade(invite);
      void client.invalidateQueries({ queryKey: keys.invites });
    }, toastError).finally(() => { setBusy(false); });
  };
  return (
    <>
      <form className={classes.form} onSubmit={make} aria-label={t.sync.invite}>
        <div>
          <div className={classes.label} aria-hidden>{t.sync.inviteRole}</div>
          <SegmentedControl size="xs" value={role} onChange={(next) => { setRole(next === 'node' ? 'node' : 'desktop'); }} aria-label={t.sync.inviteRole} data={[{ value: 'desktop', label: t.sync.inviteDesktop }, { value: 'node', label: t.sync.inviteNode }]} />
        </div>
        {role === 'desktop' && <RefInput label={t.sync.invitePerson} target="person" value={person?.id ?? null} display={person?.name ?? ''} onChange={(id, name) => { setPerson(id === null ? null : { id, name }); }} />}
        <NumberInput label={t.sync.inviteHours} value={hours} onChange={(next) => { setHours(Number(next)); }} min={1} max={hoursMax} w={150} />
        <Button type="submit" loading={busy}>{t.sync.make}</Button>
      </form>
      {made !== null && <Made invite={made} close={() => { setMade(null); }} />}
      <Loaded query={query}>
        {({ invites }) => (invites ?? []).length === 0 ? <Empty compact title={t.sync.noInvites} /> : (
          <table className={classes.table} aria-label={t.sync.invites}>
            <thead><tr><th>{t.sync.inviteRole}</th><th>{t.sync.expires}</th><th>{t.sync.state}</th><th>{t.sync.addresses}</th></tr></thead>
            <tbody>
              {invites.map((invite, i) => (
                <tr key={`${invite.expires}-${String(i)}`}>
                  <td>{invite.role === 'node' ? t.sync.inviteNode : t.sync.inviteDesktop}</td><td><Ago at={invite.expires} /></td>
                  <td>{invite.used === null || invite.used === undefined ? t.sync.open : <>{t.sync.used} <Ago at={invite.used} /></>}</td><td className="mono muted">{(invite.addresses ?? []).join(', ')}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </Loaded>
    </>
  );
}

function Made({ invite, close }: { invite: Invite; close: () => void }) {
  const t = useText();
  const text = invite.text ?? '';
  return (
    <section className={classes.invite} aria-label={t.sync.inviteText}>
      <div>
        <Textarea label={t.sync.inviteText} description={t.sync.inviteTextHint} value={text} readOnly autosize minRows={4} maxRows={8} styles={{ input: { fontFamily: 'var(--hf-code)' } }} onFocus={(e) => { e.currentTarget.select(); }} />
        <p className="muted">{t.sync.expires} <Ago at={invite.expires} /> · {t.sync.addresses} {(invite.addresses ?? []).join(', ')}</p>
        <div style={{ display: 'flex', gap: 8, marginTop: 8 }}>
          <CopyButton value={text}>{({ copied, copy }) => <Button onClick={copy}>{copied ? t.common.copied : t.common.copy}</Button>}</CopyButton>
          <Button variant="default" onClick={close}>{t.sync.done}</Button>
        </div>
      </div>
      {invite.qrPng !== undefined && invite.qrPng !== '' && <img className={classes.qr} src={`data:image/png;base64,${invite.qrPng}`} alt={t.sync.qr} />}
    </section>
  );
}
