import { Checkbox } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import type { Change, FieldState, RecordView } from '@/bridge/contract';
import { queries } from '@/bridge/queries';
import { asList } from '@/state/changes';
import type { RecordEdits } from '@/state/edits';
import { useText } from '@/state/language';
import { choicesOf, useMay, useMeta } from '@/state/queries';
import { CreateForm } from '@/ui/CreateForm';
import { LongText } from '@/ui/fields/LongText';
import { RecordLink } from '@/ui/links';
import { Page } from '@/ui/page';
import { PendingDot } from '@/ui/Pending';
import { fieldNamed, RecordPage } from '@/ui/RecordPage';
import { Loaded } from '@/ui/states';
import { newLabel, type PeopleKind } from './PeopleScreen';
import classes from './people.module.css';

const elsewhere = ['title', 'description', 'roles', 'number', 'source'];

export function PersonScreen({ kind, id }: { kind: PeopleKind; id: string }) {
  const query = useQuery(queries.plain(id));
  return <Loaded query={query} screen>{(record) => <PersonPage key={id} kind={kind} record={record} />}</Loaded>;
}

function PersonPage({ kind, record }: { kind: PeopleKind; record: RecordView }) {
  const t = useText();
  const properties = record.fields.map((field) => field.name).filter((name) => !elsewhere.includes(name));
  const description = fieldNamed(record, 'description');
  const roles = kind === 'person' ? fieldNamed(record, 'roles') : undefined;
  return (
    <RecordPage record={record} back={kind === 'person' ? '/people' : `/people?kind=${kind}`} sideTitle={t.people.properties} properties={properties}>
      {(edits) => (
        <>
          {record.duplicateOf.map((one) => <div key={one.id} className={classes.duplicate} role="alert">{t.people.duplicate} <RecordLink record={one} /></div>)}
          {description !== undefined && <LongText recordId={record.id} field={description} edits={edits} placeholder={t.ticket.noDescription} />}
          {roles !== undefined && <Roles field={roles} edits={edits} />}
          {kind !== 'site' && <OpenTickets kind={kind} id={record.id} />}
        </>
      )}
    </RecordPage>
  );
}

function OpenTickets({ kind, id }: { kind: PeopleKind; id: string }) {
  const t = useText();
  const filter = { [kind === 'team' ? 'team' : 'assignee']: [id] };
  const open = useQuery(queries.ticketCount({ view: 'open', ...filter })).data;
  return open === undefined ? null : <p><Link to="/tickets" search={filter}>{t.people.tickets}: <span className="num">{open}</span></Link></p>;
}

/** The change that gives a role or takes it. */
export function roleChange(field: Pick<FieldState, 'seen'>, role: string, give: boolean): Change {
  return give ? { op: 'add', field: 'roles', value: role } : { op: 'remove', field: 'roles', value: role, seen: field.seen };
}

/** What a person may do, as one box a role; each click is an edit of its own. */
export function Roles({ field, edits }: { field: FieldState; edits: Pick<RecordEdits, 'save'> }) {
  const t = useText();
  const meta = useMeta();
  const may = useMay('person.edit');
  const held = asList(field.value);
  const choices = choicesOf(meta, 'person', 'roles');
  const unknown = held.filter((role) => !choices.some((one) => one.key === role)).map((key) => ({ key, label: key, hint: '' }));
  return (
    <section className={classes.roles} aria-label={t.people.roles}>
      <h2>{t.people.roles} {field.pending && <PendingDot />}</h2>
      <p className="muted">{may ? t.people.rolesHint : t.people.notAllowed}</p>
      {choices.length + unknown.length === 0 && <p className="muted">{t.people.noRoles}</p>}
      {[...choices, ...unknown].map((role) => (
        <Checkbox
          key={role.key} size="xs" label={t.common.word(role.label)} {...(role.hint === undefined || role.hint === '' ? {} : { description: t.common.word(role.hint) })} checked={held.includes(role.key)} disabled={!may || field.readOnly === true}
          onChange={(e) => void edits.save('edit', [roleChange(field, role.key, e.currentTarget.checked)])}
        />
      ))}
    </section>
  );
}

const fieldsOf: Record<PeopleKind, readonly string[]> = {
  person: ['title', 'login', 'email', 'phone', 'team', 'site', 'roles', 'active'],
  team: ['title', 'members', 'site', 'description'],
  site: ['title', 'code', 'zone', 'address'],
};

export function NewPersonScreen({ kind }: { kind: PeopleKind }) {
  const t = useText();
  const navigate = useNavigate();
  const submit = { person: t.people.createPerson, team: t.people.createTeam, site: t.people.createSite }[kind];
  return (
    <Page title={newLabel(t, kind)} narrow>
      <CreateForm
        kind={kind} fields={fieldsOf[kind]} required={kind === 'site' ? ['title', 'code'] : ['title']} missing={t.people.missing} submitLabel={submit}
        {...(kind === 'site' ? { hint: t.people.newSiteHint } : {})} {...(kind === 'person' ? { initial: { active: true } } : {})}
        onCreated={(record) => void navigate({ to: '/people/$kind/$id', params: { kind, id: record.id } })} onBack={() => void navigate({ to: '/people', search: kind === 'person' ? {} : { kind } })}
      />
    </Page>
  );
}
