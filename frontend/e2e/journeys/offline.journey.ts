import type { Page } from '@playwright/test';
import { TicketPage } from '../pages/ticket';
import { type Desktop, expect, journey } from '../support/world';

interface Created {
  id: string;
}

/** A ticket that both desktops show, in progress. */
async function sharedTicket(a: Desktop, b: Desktop, title: string, description: string): Promise<[here: TicketPage, there: TicketPage]> {
  const service = await a.device.call<Created>('POST', '/records/service', { fields: { title: 'Printing' } });
  const { id } = await a.device.incident({ title, description, service: service.id });
  const pages: [TicketPage, TicketPage] = [new TicketPage(a.page), new TicketPage(b.page)];
  await open(a.page, id);
  await pages[0].step('Start work');
  await expect(pages[0].pending).toHaveCount(0);
  await open(b.page, id);
  await expect(pages[1].status).toHaveText('In progress');
  return pages;
}

async function open(page: Page, id: string): Promise<void> {
  await page.goto(new URL(`/tickets/${id}`, page.url()).href);
}

journey('both change one ticket offline; back online nothing is lost and one click settles each conflict', async ({ world }) => {
  const { a, b } = await world.office();
  const [here, there] = await sharedTicket(a, b, 'Blank pages', 'The printer prints blank pages since this morning');
  for (const { frame } of [a, b]) {
    await frame.workOffline(true);
    await expect(frame.chip).toHaveText(/^Working offline since \d\d:\d\d/);
  }

  await here.rename('Blank pages, says Ada');
  await here.describe('The printer prints blank pages since Monday');
  await here.say('note', 'Ada looked at the fuser');
  await here.step('Resolve', { text: 'Resolution', words: 'Ada changed the fuser', choice: ['Resolution code', 'Solved for good'] });
  await there.rename('Blank pages, says Blaise');
  await there.describe('The printer prints blank pages since Tuesday');
  await there.say('note', 'Blaise called the vendor');
  await there.step('Cancel', { text: 'Reason for cancelling', words: 'The caller gave up, says Blaise' });
  await expect(here.pending).not.toHaveCount(0);
  await expect(a.frame.chip).toHaveText(/ · \d changes waiting$/);

  await a.frame.workOffline(false);
  await expect(here.pending).toHaveCount(0);
  await b.frame.workOffline(false);
  await expect(there.pending).toHaveCount(0);

  for (const ticket of [here, there]) {
    const card = ticket.conflict('Title');
    await expect(card).toContainText('Blank pages, says Ada');
    await expect(card).toContainText('Blank pages, says Blaise');
    await expect(card).toContainText('by Ada Lovelace');
    await expect(card).toContainText('by Blaise Pascal');
    await expect(card).toContainText('on Desktop A');
    await expect(ticket.conflict('Description')).toContainText('Before bothThe printer prints blank pages since this morning');
    await expect(ticket.conflict('Description').locator('ins').filter({ hasText: /^(Mon|Tues)day$/ })).toHaveCount(2);
    await expect(ticket.status).toHaveText('Resolved');
    await expect(ticket.conversation).toContainText('Ada looked at the fuser');
    await expect(ticket.conversation).toContainText('Blaise called the vendor');
  }
  await expect(there.parked).toContainText('The caller gave up, says Blaise');
  await expect(there.parked).toContainText('by Blaise Pascal');
  await expect(b.frame.chip).toHaveText(/needs? your decision/);

  await here.conflict('Title').getByRole('button', { name: 'Use “Blank pages, says Ada”' }).click();
  await here.conflict('Description').getByRole('button', { name: 'Keep the text by Blaise Pascal' }).click();
  await there.parked.getByRole('button', { name: 'I have seen this' }).click();
  for (const ticket of [here, there]) {
    await expect(ticket.conflict('Title')).toHaveCount(0);
    await expect(ticket.conflict('Description')).toHaveCount(0);
    await expect(ticket.parked).toHaveCount(0);
    await expect(ticket.title).toHaveText('Blank pages, says Ada');
    await expect(ticket.page.getByRole('region', { name: 'Description' })).toContainText('since Tuesday');
  }
  for (const { frame } of [a, b]) await expect(frame.chip).toHaveText('Up to date');
});

journey('a desktop that is cut off says since when, goes on working, and shares when the node is back', async ({ world }) => {
  const node = await world.node();
  const a = await world.joined('A', node, 'Ada Lovelace');
  const { id } = await a.device.incident({ title: 'Wi-Fi is slow' });
  await open(a.page, id);
  const ticket = new TicketPage(a.page);
  await expect(ticket.number).toHaveText('INC-LYO-00001');
  await expect(a.frame.chip).toHaveText('Up to date');

  await node.kill();
  await expect(a.frame.chip).toHaveText(/^Cut off since \d\d:\d\d$/);
  await ticket.rename('Wi-Fi is slow in the canteen');
  await ticket.say('note', 'Written while nobody could be reached');
  await expect(ticket.title).toHaveText('Wi-Fi is slow in the canteen');
  await expect(ticket.pending).not.toHaveCount(0);
  await a.page.reload();
  await expect(ticket.title).toHaveText('Wi-Fi is slow in the canteen');
  await expect(ticket.pending).not.toHaveCount(0);

  await node.start();
  await expect(ticket.pending).toHaveCount(0);
  await expect(a.frame.chip).toHaveText('Up to date');
  await expect(ticket.conversation).toContainText('Written while nobody could be reached');
});
