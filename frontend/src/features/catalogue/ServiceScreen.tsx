import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { IconAlertTriangle, IconCircleCheck } from '@tabler/icons-react';
import type { Service } from '@/bridge/contract';
import { queries } from '@/bridge/queries';
import { fieldLabel } from '@/lib/i18n';
import { useRecordEdits } from '@/state/edits';
import { useText } from '@/state/language';
import { CreateForm } from '@/ui/CreateForm';
import { LongText } from '@/ui/fields/LongText';
import { Mark } from '@/ui/marks';
import { Page } from '@/ui/page';
import { fieldNamed, RecordPage } from '@/ui/RecordPage';
import { StateButtons } from '@/ui/StateButtons';
import { Loaded } from '@/ui/states';
import classes from './catalogue.module.css';

const properties = ['owner', 'deputy', 'team', 'category', 'price_model', 'price', 'currency', 'hours', 'sla', 'continuity_class', 'provider', 'depends_on'];

export function ServiceScreen({ id }: { id: string }) {
  const query = useQuery(queries.service(id));
  return <Loaded query={query} screen>{(service) => <ServicePage key={id} service={service} />}</Loaded>;
}

function ServicePage({ service }: { service: Service }) {
  const t = useText();
  const edits = useRecordEdits(service.id);
  const [description, features, stage] = ['description', 'features', 'stage'].map((name) => fieldNamed(service, name));
  const open = useQuery(queries.ticketCount({ view: 'open', service: [service.id] })).data;
  return (
    <RecordPage
      record={service} back="/catalogue" sideTitle={t.catalogue.properties} properties={properties}
      side={
        <>
          {stage !== undefined && (
            <StateButtons
              record={service} field={stage} next={service.next ?? []} edits={edits}
              label={(to, name) => (to === 'live' ? t.catalogue.goLive : to === 'retired' ? t.catalogue.retire : t.common.word(name))}
            />
          )}
          {stage?.value !== 'live' && <Gate service={service} />}
          {open !== undefined && <Link to="/tickets" search={{ service: [service.id] }}>{t.catalogue.openTickets}: <span className="num">{open}</span></Link>}
        </>
      }
    >
      {() => (
        <>
          {description !== undefined && <LongText recordId={service.id} field={description} edits={edits} html={service.html['description']} placeholder={t.catalogue.addDescription} />}
          {features !== undefined && <LongText recordId={service.id} field={features} edits={edits} html={service.html['features']} placeholder={t.catalogue.addFeatures} />}
        </>
      )}
    </RecordPage>
  );
}

/** What a service still lacks before it can go live. */
function Gate({ service }: { service: Service }) {
  const t = useText();
  const missing = service.gate.missing ?? [];
  return (
    <div className={classes.gate} data-ready={service.gate.ready} role="status">
      {service.gate.ready ? <Mark tone="good" icon={IconCircleCheck} label={t.catalogue.gateReady} /> : <Mark wrap tone="risk" icon={IconAlertTriangle} label={t.catalogue.gateMissing(missing.length)} />}
      {missing.length > 0 && <ul>{missing.map((one) => <li key={one.id}>{fieldLabel(t, one.id, one.name)}</li>)}</ul>}
    </div>
  );
}

const asked = ['title', 'description', 'features', 'category', 'owner', 'team', 'price_model', 'price', 'currency', 'hours', 'sla', 'continuity_class', 'provider'];

export function NewServiceScreen() {
  const t = useText();
  const navigate = useNavigate();
  return (
    <Page title={t.catalogue.newService} narrow>
      <CreateForm
        kind="service" fields={asked} required={['title']} missing={t.catalogue.nameMissing} submitLabel={t.catalogue.create} hint={t.catalogue.createdHint}
        onCreated={(record) => void navigate({ to: '/catalogue/$id', params: { id: record.id } })} onBack={() => void navigate({ to: '/catalogue' })}
      />
    </Page>
  );
}
