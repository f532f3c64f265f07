import { Button, Checkbox, TextInput, Textarea, UnstyledButton } from '@mantine/core';
import { IconArrowLeft, IconBuilding, IconTicket, type Icon } from '@tabler/icons-react';
import { type SubmitEvent, useEffect, useState } from 'react';
import { api } from '@/bridge/api';
import type { Setup } from '@/bridge/contract';
import { nameWindow } from '@/bridge/window';
import { useDraft } from '@/state/drafts';
import { useText } from '@/state/language';
import { describeError } from '@/state/toasts';
import { type SetupSecrets, Secrets } from './Secrets';
import classes from './setup.module.css';

type Way = 'choose' | 'start' | 'join';

interface FirstRunProps {
  setup: Setup;
  onReady: (setup: Setup) => void;
  /** keeps this screen although the device has its site, until what was made for it is written down */
  hold: (held: boolean) => void;
}

/** The first screen of a device without a site. */
export function FirstRun({ setup, onReady, hold }: FirstRunProps) {
  const t = useText();
  const [way, setWay] = useState<Way>('choose');
  const [made, setMade] = useState<{ setup: Setup; secrets: SetupSecrets } | null>(null);
  const done = (next: Setup, key = '') => {
    const code = next.recovery ?? '';
    if (code === '' && key === '') onReady(next);
    else setMade({ setup: next, secrets: { code, siteKey: key } });
  };
  useEffect(() => {
    nameWindow(`${t.setup.welcome} · Holdfast`);
  }, [t]);
  const open = ({ recovery: _read, ...settled }: Setup) => { onReady(settled); };
  if (made !== null) return <main className={classes.screen}><Secrets {...made.secrets} go={() => { open(made.setup); }} /></main>;
  return (
    <main className={classes.screen}>
      <div className={classes.panel}>
        <img src="/holdfast.svg" alt="" width={48} height={48} />
        <h1>{t.setup.welcome}</h1>
        {setup.wiped !== undefined && setup.wiped !== '' && <p role="status" className={classes.wiped}>{setup.wiped}</p>}
        <p className={classes.intro}>{t.setup.intro}</p>
        {way === 'choose' && <Choose onChoose={setWay} />}
        {way === 'start' && <StartForm onReady={done} hold={hold} back={() => { setWay('choose'); }} />}
        {way === 'join' && <JoinForm onReady={done} hold={hold} back={() => { setWay('choose'); }} />}
        <footer className={classes.footer}>
          <span>{t.setup.folder(setup.dataFolder)}</span>
          <span>{t.setup.version(setup.version)}</span>
        </footer>
      </div>
    </main>
  );
}

function Choose({ onChoose }: { onChoose: (way: Way) => void }) {
  const t = useText();
  return (
    <div className={classes.ways} role="group" aria-label={t.setup.choose}>
      <WayButton icon={IconBuilding} title={t.setup.startTitle} hint={t.setup.startHint} onClick={() => { onChoose('start'); }} first />
      <WayButton icon={IconTicket} title={t.setup.joinTitle} hint={t.setup.joinHint} onClick={() => { onChoose('join'); }} />
    </div>
  );
}

function WayButton({ icon: Picture, title, hint, onClick, first = false }: { icon: Icon; title: string; hint: string; onClick: () => void; first?: boolean }) {
  return (
    <UnstyledButton className={classes.way ?? ''} onClick={onClick} autoFocus={first} aria-label={title}>
      <Picture size={22} stroke={1.5} aria-hidden />
      <span>
        <b>{title}</b>
        <span className={classes.hint}>{hint}</span>
      </span>
    </UnstyledButton>
  );
}

interface StartDraft {
  name: string;
  code: string;
  person: string;
  starter: boolean;
  sample: boolean;
  encrypt: boolean;
}

function isStartDraft(value: unknown): value is StartDraft {
  return typeof value === 'object' && value !== null && 'name' in value && 'code' in value && 'person' in value && 'starter' in value && 'sample' in value && 'encrypt' in value;
}

export const siteCode = /^[A-Z][A-Z0-9]{1,5}$/;

/** Runs a step of the first run: busy while it lasts, with what went wrong in words. */
function useStep<R>(onReady: (made: R) => void, hold: (held: boolean) => void): { busy: boolean; problem: { sentence: string; code: string } | null; run: (keep: boolean, step: () => Promise<R>) => void } {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<{ sentence: string; code: string } | null>(null);
  const run = (keep: boolean, step: () => Promise<R>) => {
    if (busy) return;
    setBusy(true);
    hold(keep);
    setProblem(null);
    step().then(onReady, (error: unknown) => {
      hold(false);
      setProblem(describeError(error));
    }).finally(() => { setBusy(false); });
  };
  return { busy, problem, run };
}

function StepProblem({ problem }: { problem: { sentence: string; code: string } | null }) {
  const t = useText();
  if (problem === null) return null;
  const fallback = problem.code === 'unreachable' ? t.errors.unreachable : t.errors.unknown;
  return (
    <div role="alert" className={classes.problem}>
      {problem.sentence === '' ? fallback : t.errors.said(problem.code, problem.sentence)} <span className={classes.code}>{t.errors.code(problem.code)}</span>
    </div>
  );
}

interface FormProps {
  onReady: (setup: Setup, key?: string) => void;
  hold: (held: boolean) => void;
  back: () => void;
}

function StartForm({ onReady, hold, back }: FormProps) {
  const t = useText();
  const [form, setForm, drop] = useDraft<StartDraft>('setup-start', { name: '', code: '', person: '', starter: true, sample: false, encrypt: false }, isStartDraft);
  const [tried, setTried] = useState(false);
  const { busy, problem, run } = useStep<{ setup: Setup; key: string }>(({ setup, key }) => { drop(); onReady(setup, key); }, hold);
  const blank = (text: string) => (tried && text.trim() === '' ? t.setup.nameMissing : undefined);
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    setTried(true);
    if (form.name.trim() === '' || form.person.trim() === '' || !siteCode.test(form.code)) return;
    run(true, async () => {
      const setup = await api.startSite({ ...form, name: form.name.trim(), person: form.person.trim() });
      // Without a key the site stands all the same; the Sync screen asks for one until there is.
      const key = await api.makeRecoveryKey().then((made) => made.key, () => '');
      return { setup, key };
    });
  };
  return (
    <form className={classes.form} onSubmit={submit} noValidate aria-label={t.setup.startTitle}>
      <TextInput size="sm" label={t.setup.siteName} description={t.setup.siteNameHint} placeholder={t.setup.siteNameExample} value={form.name} onChange={(e) => { setForm({ ...form, name: e.currentTarget.value }); }} error={blank(form.name)} autoFocus required withAsterisk={false} />
      <TextInput
        size="sm" label={t.setup.siteCode} description={t.setup.siteCodeHint} placeholder="LYO" value={form.code} maxLength={6} w="100%" required withAsterisk={false}
        onChange={(e) => { setForm({ ...form, code: e.currentTarget.value.toUpperCase() }); }} error={tried && !siteCode.test(form.code) ? t.setup.siteCodeBad : undefined}
      />
      <TextInput size="sm" label={t.setup.yourName} description={t.setup.yourNameHint} value={form.person} onChange={(e) => { setForm({ ...form, person: e.currentTarget.value }); }} error={blank(form.person)} autoComplete="name" required withAsterisk={false} />
      <Checkbox label={t.setup.starter} description={t.setup.starterHint} checked={form.starter} onChange={(e) => { setForm({ ...form, starter: e.currentTarget.checked }); }} />
      <Checkbox label={t.setup.sample} description={t.setup.sampleHint} checked={form.sample} onChange={(e) => { setForm({ ...form, sample: e.currentTarget.checked }); }} />
      <Checkbox label={t.setup.encrypt} description={t.setup.encryptHint} checked={form.encrypt} onChange={(e) => { setForm({ ...form, encrypt: e.currentTarget.checked }); }} />
      <StepProblem problem={problem} />
      <div className={classes.actions}>
        <Button type="submit" size="sm" loading={busy}>{busy ? t.setup.starting : t.setup.start}</Button>
        <Button variant="subtle" color="gray" size="sm" leftSection={<IconArrowLeft size={16} stroke={1.5} aria-hidden />} onClick={back} disabled={busy}>{t.common.back}</Button>
      </div>
    </form>
  );
}

interface JoinDraft {
  invite: string;
  person: string;
  device: string;
  encrypt: boolean;
}

function isJoinDraft(value: unknown): value is JoinDraft {
  return typeof value === 'object' && value !== null && 'invite' in value && 'person' in value && 'device' in value && 'encrypt' in value;
}

function JoinForm({ onReady, hold, back }: FormProps) {
  const t = useText();
  const [form, setForm, drop] = useDraft<JoinDraft>('setup-join', { invite: '', person: '', device: '', encrypt: false }, isJoinDraft);
  const [tried, setTried] = useState(false);
  const { busy, problem, run } = useStep<Setup>((setup) => { drop(); onReady(setup); }, hold);
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    setTried(true);
    const [invite, person, device] = [form.invite.trim(), form.person.trim(), form.device.trim()];
    if (invite === '') return;
    run(form.encrypt, () => api.joinSite({ invite, encrypt: form.encrypt, ...(person === '' ? {} : { person }), ...(device === '' ? {} : { device }) }));
  };
  return (
    <form className={classes.form} onSubmit={submit} noValidate aria-label={t.setup.joinTitle}>
      <Textarea
        size="sm" label={t.setup.invite} description={t.setup.inviteHint} placeholder={t.setup.inviteExample} autosize minRows={3} maxRows={8} autoFocus value={form.invite} spellCheck={false} styles={{ input: { fontFamily: 'var(--hf-code)' } }}
        onChange={(e) => { setForm({ ...form, invite: e.currentTarget.value }); }} error={tried && form.invite.trim() === '' ? t.setup.inviteMissing : undefined} required withAsterisk={false}
      />
      <TextInput size="sm" label={t.setup.yourName} description={t.setup.yourNameHint} value={form.person} onChange={(e) => { setForm({ ...form, person: e.currentTarget.value }); }} autoComplete="name" />
      <TextInput size="sm" label={t.setup.deviceName} description={t.setup.deviceHint} value={form.device} onChange={(e) => { setForm({ ...form, device: e.currentTarget.value }); }} />
      <Checkbox label={t.setup.encrypt} description={t.setup.encryptHint} checked={form.encrypt} onChange={(e) => { setForm({ ...form, encrypt: e.currentTarget.checked }); }} />
      <StepProblem problem={problem} />
      {busy && <p className="muted" role="status">{t.setup.joinProgress}</p>}
      <div className={classes.actions}>
        <Button type="submit" size="sm" loading={busy}>{busy ? t.setup.joining : t.setup.join}</Button>
        <Button variant="subtle" color="gray" size="sm" leftSection={<IconArrowLeft size={16} stroke={1.5} aria-hidden />} onClick={back} disabled={busy}>{t.common.back}</Button>
      </div>
    </form>
  );
}
