import type { Page } from '@playwright/test';
import { Configuration } from './pages/configuration';
import { Exchange } from './pages/exchange';
import { FirstRun } from './pages/firstRun';
import { Frame } from './pages/frame';
import { TicketList } from './pages/ticketList';
import { incidentLog } from './support/data';
import type { Device } from './support/device';
import { Gallery, type Picture } from './support/gallery';
import { type Desktop, expect, journey } from './support/world';

interface Listed {
  rows: { id: string; title: string }[];
}

/** Opens an address; clicks and keys may follow. */
function at(path: string, more: (page: Page) => Promise<void> = () => Promise.resolve()): Picture['show'] {
  return async (page) => {
    await page.goto(new URL(path, page.url()).href);
    await page.getByRole('heading', { level: 1 }).first().waitFor();
    await more(page);
  };
}

const firstRun: Picture[] = [
  { name: 'first-run', show: at('/') },
  { name: 'first-run-start', show: at('/', (page) => page.getByRole('button', { name: 'Start a new site' }).click()) },
  { name: 'first-run-join', show: at('/', (page) => page.getByRole('button', { name: 'Join with an invite' }).click()) },
];

/** A site without a ticket: what screens say when there is nothing, and what an import would bring. */
const empty: Picture[] = [
  { name: 'empty-my-work', show: at('/my-work') },
  { name: 'empty-tickets', show: at('/tickets') },
  { name: 'empty-catalogue', show: at('/catalogue') },
  { name: 'empty-knowledge', show: at('/knowledge') },
  { name: 'import-plan', show: at('/import', (page) => new Exchange(page).plan.waitFor()) },
];

function screens(ids: { ticket: string; conflict: string; service: string; article: string; person: string }): Picture[] {
  return [
    { name: 'my-work', show: at('/my-work'), alsoWide: true },
    { name: 'tickets', show: at('/tickets?view=all', (page) => new TicketList(page).grid.waitFor()), alsoWide: true },
    { name: 'tickets-filter', show: at('/tickets?view=all', async (page) => { await new TicketList(page).filter('Status'); }) },
    { name: 'ticket', show: at(`/tickets/${ids.ticket}`), alsoWide: true },
    { name: 'ticket-conflict', show: at(`/tickets/${ids.conflict}`, (page) => page.getByRole('group', { name: /^Two people changed/ }).first().waitFor()) },
    { name: 'new-ticket', show: at('/tickets/new') },
    { name: 'palette', show: at('/my-work', async (page) => {
      await new Frame(page).openPalette();
      await page.keyboard.type('printer');
      await page.getByRole('option').filter({ hasText: /INC-|KB-|SVC-/ }).first().waitFor();
    }) },
    { name: 'shortcuts', show: at('/tickets', (page) => page.keyboard.press('?')) },
    { name: 'requests', show: at('/requests') },
    { name: 'catalogue', show: at('/catalogue') },
    { name: 'service', show: at(`/catalogue/${ids.service}`) },
    { name: 'new-service', show: at('/catalogue/new') },
    { name: 'knowledge', show: at('/knowledge') },
    { name: 'article', show: at(`/knowledge/${ids.article}`) },
    { name: 'new-article', show: at('/knowledge/new') },
    { name: 'people', show: at('/people') },
    { name: 'person', show: at(`/people/person/${ids.person}`) },
    { name: 'sync', show: at('/sync') },
    { name: 'sync-decisions', show: at('/sync?tab=decisions') },
    { name: 'sync-devices', show: at('/sync?tab=devices') },
    { name: 'sync-invites', show: at('/sync?tab=invites') },
    { name: 'configuration', show: at('/configuration?file=priorities.yaml', (page) => new Configuration(page).text('priorities.yaml').waitFor()) },
    { name: 'configuration-problem', show: at('/configuration?file=categories.yaml', (page) => new Configuration(page).text('categories.yaml').waitFor()) },
    { name: 'configuration-changes', show: at('/configuration?tab=changes') },
    { name: 'configuration-history', show: at('/configuration?tab=history') },
    { name: 'configuration-runbooks', show: at('/configuration?tab=runbooks') },
    { name: 'import', show: at('/import') },
    { name: 'settings', show: at('/settings') },
    { name: 'error', show: at('/nowhere') },
  ];
}

/** Two people change one ticket while they are apart. */
async function disagree(a: Device, b: Device, id: string): Promise<void> {
  await expect(async () => { await b.call('GET', `/tickets/${id}`); }).toPass();
  for (const device of [a, b]) await device.call('POST', '/sync/pause');
  for (const [device, title] of [[a, 'Network printer prints blank pages'], [b, 'Printer on floor 2: blank pages since Monday']] as const) {
    const { fields } = await device.call<{ fields: { name: string; seen: string[] }[] }>('GET', `/tickets/${id}`);
    const seen = fields.find((field) => field.name === 'title')?.seen ?? [];
    await device.call('POST', `/records/${id}/changes`, { action: 'edit', changes: [{ op: 'set', field: 'title', value: title, seen }] });
  }
  for (const device of [a, b]) await device.call('POST', '/sync/resume');
}

async function first(desktop: Desktop, path: string): Promise<string> {
  const { rows } = await desktop.device.call<Listed>('GET', path);
  const id = rows[0]?.id;
  if (id === undefined) throw new Error(`${path} is empty`);
  return id;
}

/** Breaks a file of the draft, so that its problem is shown. */
async function breakDraft(device: Device): Promise<void> {
  const file = await device.call<{ text: string; commit: string }>('GET', '/config/file?path=categories.yaml');
  await device.call('PUT', '/config/file?path=categories.yaml', { text: file.text.replace('    label: Hardware', '    colour: Hardware'), base: file.commit });
}

journey('pictures of the first run and of empty screens', async ({ world }) => {
  const { page, device, frame } = await world.fresh('First', { HOLDFAST_PASSPHRASE: 'only for pictures of screens' });
  await new Gallery(page, world.folder).take(firstRun);
  await page.emulateMedia({ colorScheme: 'light' });
  await page.goto(device.address);
  await new FirstRun(page).startSite({ name: 'Lyon office', code: 'LYO', person: 'Ada Lovelace', starter: false, encrypt: true });
  await new Gallery(page, world.folder).take([{ name: 'first-run-recovery', show: (shown) => shown.getByRole('heading', { level: 1 }).waitFor() }]);
  await new FirstRun(page).goOn();
  await frame.goTo('Import & export');
  await new Exchange(page).check(incidentLog.path);
  await new Gallery(page, world.folder).take(empty);
});

journey('pictures of every screen', async ({ world }) => {
  const a = await world.site('A', { starter: true, sample: true }, (device) => device.importLog(incidentLog.path));
  const b = await world.fresh('B');
  await new FirstRun(b.page).join(await a.device.invite(), 'Blaise Pascal', 'Laptop of Blaise');
  const [ticket, conflict] = (await a.device.call<Listed>('GET', '/tickets?view=open&kind=incident&sort=number&limit=2')).rows.map((row) => row.id);
  if (ticket === undefined || conflict === undefined) throw new Error('there are no sample tickets');
  await disagree(a.device, b.device, conflict);
  await expect(a.frame.chip).toHaveText(/needs? your decision/);
  await breakDraft(a.device);
  const ids = { ticket, conflict, service: await first(a, '/services?limit=1'), article: await first(a, '/articles?limit=1'), person: await first(a, '/people?sort=title&limit=1') };
  await new Gallery(a.page, world.folder).take(screens(ids));
});

journey('pictures of being cut off', async ({ world }) => {
  const a = await world.site('A', { starter: true, sample: true });
  const b = await world.fresh('B');
  await new FirstRun(b.page).join(await a.device.invite(), 'Blaise Pascal', 'Laptop of Blaise');
  await expect(b.frame.chip).toHaveText('Up to date');
  await a.page.close();
  await a.device.kill();
  await expect(b.frame.chip).toHaveText(/^Cut off/);
  await new Gallery(b.page, world.folder).take([{ name: 'cut-off', show: at('/my-work') }, { name: 'cut-off-sync', show: at('/sync') }]);
});
