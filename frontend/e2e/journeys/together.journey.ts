import { FirstRun } from '../pages/firstRun';
import { NewTicket } from '../pages/newTicket';
import { TicketPage } from '../pages/ticket';
import { TicketList } from '../pages/ticketList';
import { expect, journey } from '../support/world';

/** How soon another desktop of the site shows what was saved; promised is a second, on a machine that does nothing else. */
const soon = { timeout: 5_000 };

journey('a second desktop joins with an invite in the browser and sees at once what the first one saves', async ({ world }) => {
  const node = await world.node();
  const a = await world.joined('A', node, 'Ada Lovelace');
  const b = await world.fresh('B');
  await new FirstRun(b.page).join(await node.invite(), 'Blaise Pascal', 'Laptop of Blaise');
  await expect(b.page.getByRole('heading', { level: 1, name: 'My work' })).toBeVisible();
  const list = new TicketList(b.page);
  await list.open();
  await expect(b.page.getByText('No tickets yet')).toBeVisible();

  await new NewTicket(a.page).write({ title: 'Printer on floor 2 is out of toner', caller: 'Blaise' });
  const [here, there] = [new TicketPage(a.page), new TicketPage(b.page)];
  await expect(here.title).toHaveText('Printer on floor 2 is out of toner');
  await expect(list.row('Printer on floor 2 is out of toner')).toContainText('INC-LYO-00001', soon);

  await list.openTicket('Printer on floor 2 is out of toner');
  await here.rename('Printers on floors 2 and 3 are out of toner');
  await expect(there.title).toHaveText('Printers on floors 2 and 3 are out of toner', soon);
  await here.say('note', 'Toner is in room 214');
  await expect(there.conversation).toContainText('Toner is in room 214', soon);
  await there.say('reply', 'On my way with two cartridges');
  await expect(here.conversation).toContainText('On my way with two cartridges', soon);
  for (const page of [here, there]) await expect(page.pending).toHaveCount(0);
});
