import { createRootRoute, createRoute, createRouter, Navigate, redirect, useNavigate } from '@tanstack/react-router';
import { NewTicketScreen } from '@/features/newticket/NewTicketScreen';
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
    const query = readTicketQuery({ ...requests.useSearch(), kind: 'request' });
    return <TicketsScreen title={t.frame.requests} query={query} onQuery={(next) => void navigate({ to: '/requests', search: ticketParams(next), replace: true })} />;
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
    const id = wordOf(loose(ticket.useParams())['id']);
    const search: Record<string, unknown> = ticket.useSearch();
    const focus = wordOf(search['focus']);
    return <TicketScreen key={id} id={id} focus={focuses.find((one) => one === focus) ?? ''} />;
  },
});

const anyOther = createRoute({ getParentRoute: () => root, path: '/index.html', component: () => <Navigate to="/my-work" /> });

const tree = root.addChildren([home, work, tickets, requests, newTicket, ticket, anyOther]);

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
