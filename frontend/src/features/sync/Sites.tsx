import { Button, Group, Modal, Select, TagsInput, TextInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type SubmitEvent, useState } from 'react';
import { api } from '@/bridge/api';
import type { Device, Member } from '@/bridge/contract';
import { keys } from '@/bridge/keys';
import { queries } from '@/bridge/queries';
import { useText } from '@/state/language';
import { toastError } from '@/state/toasts';

/** Asks for which sites a device is, and says so. */
export function Sites({ device, close }: { device: Device | null; close: () => void }) {
  const t = useText();
  return (
    <Modal opened={device !== null} onClose={close} title={device === null ? '' : t.standing.title(device.name)}>
      {device !== null && <SitesForm key={device.id} device={device} close={close} />}
    </Modal>
  );
}

function SitesForm({ device, close }: { device: Device; close: () => void }) {
  const t = useText();
  const client = useQueryClient();
  const [site, setSite] = useState(device.site ?? '');
  const [sites, setSites] = useState<string[]>(device.sites ?? []);
  const known = (useQuery(queries.places()).data?.places ?? []).map((place) => place.code);
  const codes = [...new Set([...known, site, ...sites].filter((code) => code !== ''))];
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    api.setSites(device.id, { site, sites: sites.filter((code) => code !== site) }).then(() => {
      close();
      return client.invalidateQueries({ queryKey: keys.syncAll });
    }, toastError);
  };
  return (
    <form onSubmit={submit}>
      <p className="muted">{t.standing.effect}</p>
      <Select mt="sm" label={t.standing.home} description={t.standing.homeHint} data={codes} value={site} allowDeselect={false} required data-autofocus onChange={(value) => { setSite(value ?? site); }} />
      <TagsInput mt="md" label={t.standing.further} description={t.standing.furtherHint} data={codes.filter((code) => code !== site)} value={sites} maxTags={7} onChange={setSites} />
      <Group mt="lg">
        <Button type="submit" disabled={site === ''}>{t.standing.act}</Button>
        <Button variant="default" onClick={close}>{t.common.cancel}</Button>
      </Group>
    </form>
  );
}

/** Asks where a node is reached from now on, and tells the group. */
export function MemberAddress({ member, close }: { member: Member | null; close: () => void }) {
  const t = useText();
  return (
    <Modal opened={member !== null} onClose={close} title={member === null ? '' : t.standing.addressTitle(member.name)}>
      {member !== null && <AddressForm key={member.id} member={member} close={close} />}
    </Modal>
  );
}

function AddressForm({ member, close }: { member: Member; close: () => void }) {
  const t = useText();
  const client = useQueryClient();
  const [address, setAddress] = useState(member.address);
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    api.setAddress(member.id, address.trim()).then(() => {
      close();
      return client.invalidateQueries({ queryKey: keys.syncAll });
    }, toastError);
  };
  return (
    <form onSubmit={submit}>
      <TextInput label={t.sync.address} description={t.standing.addressHint} value={address} required data-autofocus onChange={(event) => { setAddress(event.currentTarget.value); }} />
      <Group mt="lg">
        <Button type="submit" disabled={address.trim() === ''}>{t.standing.act}</Button>
        <Button variant="default" onClick={close}>{t.common.cancel}</Button>
      </Group>
    </form>
  );
}
