import { createRootRoute, createRoute, createRouter, Navigate, redirect, useNavigate } from '@tanstack/react-router';
import { CatalogueScreen } from '@/features/catalogue/CatalogueScreen';
import { NewServiceScreen, ServiceScreen } from '@/features/catalogue/ServiceScreen';
import { ConfigScreen } from '@/features/config/ConfigScreen';
import { ExchangeScreen } from '@/features/exchange/ExchangeScreen';
import { ArticleScreen, KnowledgeScreen, NewArticleScreen } from '@/features/knowledge/KnowledgeScreen';
import { NewTicketScreen } from '@/features/newticket/NewTicketScreen';
import { PeopleScreen, peopleKinds } from '@/features/people/PeopleScreen';
import { NewPersonScreen, PersonScreen } from '@/features/people/PersonScreen';
import { SettingsScreen } from '@/features/settings/SettingsScreen';
import { readSyncTab, SyncScreen } from '@/features/sync/SyncScreen';
import { type TicketFocus, TicketScreen } from '@/features/ticket/TicketScreen';
import { TicketsScreen } from '@/features/tickets/TicketsScreen';
import { WorkScreen } from '@/features/work/WorkScreen';
import { formatSearch, parseSearch, wordOf } from '@/lib/search';
import { readTicketQuery, ticketParams } from '@/lib/ticketQuery';
import { useText } from '@/state/language';
import { Frame } from './Frame';
import { Crashed, NotFound } from './Problems';

const root = createRootRoute({ component: Frame, notFoundComponent: NotFound, errorComponent: Crashed });

const loose = (search: Record<string, unknown>): Record<string, unknown> => search;
/** A part of a screen's path. */
const part = (params: Record<string, unknown>, name: string): string => wordOf(params[name]);

const home = createRoute({ getParentRoute: () => root, path: '/', beforeLoad: () => { throw redirect({ to: '/my-work' }); } });
const work = createRoute({ getParentRoute: () => root, path: '/my-work', component: WorkScreen });

const tickets = createRoute({
  getParentRoute: () => root, path: '/tickets', validateSearch: loose,
  component: function Tickets() {
    const t = useText();
    const navigate = useNavigate();
    const query = readTicketQuery(tickets.useSearch());
    return <TicketsScreen title={t.frame.tickets} query={query} onQuery={(next) => void navigate({ to: '/tickets', search: ticketParams(next), replace: true })} />;
  },
});

const requests = createRoute({
  getParentRoute: () => root, path: '/requests', validateSearch: loose,
  component: function Requests() {
    const t = useText();
    const navigate = useNavigate();
    const query = readTicketQuery(requests.useSearch());
    return <TicketsScreen title={t.frame.requests} only="request" query={query} onQuery={(next) => void navigate({ to: '/requests', search: ticketParams(next), replace: true })} />;
  },
});

const newTicket = createRoute({
  getParentRoute: () => root, path: '/tickets/new', validateSearch: loose,
  component: function NewTicket() {
    const navigate = useNavigate();
    const search = loose(newTicket.useSearch());
    const kind = wordOf(search['kind']) === 'request' ? 'request' : 'incident';
    return (
      <NewTicketScreen kind={kind} title={wordOf(search['title'])} onKind={(next) => void navigate({ to: '/tickets/new', search: next === 'request' ? { kind: next } : {}, replace: true })} />
    );
  },
});

const focuses: readonly TicketFocus[] = ['title', 'status', 'assign'];

const ticket = createRoute({
  getParentRoute: () => root, path: '/tickets/$id', validateSearch: loose,
  component: function OneTicket() {
    const id = part(ticket.useParams(), 'id');
    const search: Record<string, unknown> = ticket.useSearch();
    const focus = wordOf(search['focus']);
    return <TicketScreen key={id} id={id} focus={focuses.find((one) => one === focus) ?? ''} />;
  },
});

const catalogue = createRoute({ getParentRoute: () => root, path: '/catalogue', component: CatalogueScreen });
const newService = createRoute({ getParentRoute: () => root, path: '/catalogue/new', component: NewServiceScreen });
const service = createRoute({
  getParentRoute: () => root, path: '/catalogue/$id',
  component: function OneService() {
    const id = part(service.useParams(), 'id');
    return <ServiceScreen key={id} id={id} />;
  },
});

const knowledge = createRoute({ getParentRoute: () => root, path: '/knowledge', component: KnowledgeScreen });
const newArticle = createRoute({ getParentRoute: () => root, path: '/knowledge/new', component: NewArticleScreen });
const article = createRoute({
  getParentRoute: () => root, path: '/knowledge/$id',
  component: function OneArticle() {
    const id = part(article.useParams(), 'id');
    return <ArticleScreen key={id} id={id} />;
  },
});

const peopleKind = (text: string) => peopleKinds.find((one) => one === text) ?? 'person';
const people = createRoute({
  getParentRoute: () => root, path: '/people', validateSearch: loose,
  component: function People() {
    const navigate = useNavigate();
    const kind = peopleKind(wordOf(loose(people.useSearch())['kind']));
    return <PeopleScreen kind={kind} onKind={(next) => void navigate({ to: '/people', search: next === 'person' ? {} : { kind: next }, replace: true })} />;
  },
});
const newPerson = createRoute({
  getParentRoute: () => root, path: '/people/$kind/new',
  component: function NewPerson() {
    const kind = peopleKind(part(newPerson.useParams(), 'kind'));
    return <NewPersonScreen key={kind} kind={kind} />;
  },
});
const person = createRoute({
  getParentRoute: () => root, path: '/people/$kind/$id',
  component: function OnePerson() {
    const kind = peopleKind(part(person.useParams(), 'kind'));
    const id = part(person.useParams(), 'id');
    return <PersonScreen key={id} kind={kind} id={id} />;
  },
});

const sync = createRoute({
  getParentRoute: () => root, path: '/sync', validateSearch: loose,
  component: function Sync() {
    const navigate = useNavigate();
    const tab = readSyncTab(wordOf(loose(sync.useSearch())['tab']));
    return <SyncScreen tab={tab} onTab={(next) => void navigate({ to: '/sync', search: next === 'overview' ? {} : { tab: next }, replace: true })} />;
  },
});

const configuration = createRoute({
  getParentRoute: () => root, path: '/configuration', validateSearch: loose,
  component: function Configuration() {
    const navigate = useNavigate();
    const search = loose(configuration.useSearch());
    return <ConfigScreen file={wordOf(search['file'])} tab={wordOf(search['tab'])} go={(to) => void navigate({ to: '/configuration', search: { ...to }, replace: true })} />;
  },
});

const exchange = createRoute({ getParentRoute: () => root, path: '/import', component: ExchangeScreen });
const settings = createRoute({ getParentRoute: () => root, path: '/settings', component: SettingsScreen });
const anyOther = createRoute({ getParentRoute: () => root, path: '/index.html', component: () => <Navigate to="/my-work" /> });

const tree = root.addChildren([
  home, work, tickets, requests, newTicket, ticket, catalogue, newService, service, knowledge, newArticle, article, people, newPerson, person, sync, configuration, exchange, settings, anyOther,
]);

/** The screens by their address. */
export function newRouter() {
  return createRouter({
    routeTree: tree,
    parseSearch: (text) => parseSearch(text),
    stringifySearch: (search) => formatSearch(search),
    defaultPreload: false,
    defaultErrorComponent: Crashed,
    defaultNotFoundComponent: NotFound,
  });
}
