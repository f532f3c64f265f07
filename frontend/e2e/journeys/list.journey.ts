import { TicketPage } from '../pages/ticket';
import { TicketList } from '../pages/ticketList';
import { incidentLog } from '../support/data';
import { type Desktop, expect, journey, type World } from '../support/world';

/** A desktop with the real incidents, at the list of all of them. */
async function listed(world: World): Promise<[Desktop, TicketList]> {
  const desktop = await world.site('A', {}, (device) => device.importLog(incidentLog.path));
  const list = new TicketList(desktop.page);
  await desktop.page.getByRole('heading', { level: 1, name: 'My work' }).waitFor();
  await list.open();
  await list.view('All');
  await expect(list.grid).toHaveAttribute('aria-rowcount', String(incidentLog.incidents + 1));
  return [desktop, list];
}

journey('the list of 890 incidents is filtered, sorted, scrolled and walked through by keyboard', async ({ world }) => {
  const [{ page }, list] = await listed(world);

  const choices = await list.filter('Status');
  const closed = await list.facetCount(choices, 'Closed');
  expect(closed).toBeGreaterThan(0);
  await choices.getByRole('checkbox', { name: 'Closed' }).check();
  await page.keyboard.press('Escape');
  await expect(list.grid).toHaveAttribute('aria-rowcount', String(closed + 1));
  await page.getByRole('textbox', { name: 'Filter by text' }).fill('no such text anywhere');
  await expect(page.getByText('No ticket matches these filters')).toBeVisible();
  await page.getByRole('button', { name: 'Clear filters' }).first().click();
  await expect(list.grid).toHaveAttribute('aria-rowcount', String(incidentLog.incidents + 1));

  await list.sortBy('Number');
  await expect(page.getByRole('columnheader', { name: 'Number' })).toHaveAttribute('aria-sort', 'ascending');
  const oldest = await list.rowAt(1).textContent();
  await list.sortBy('Number');
  await expect(page.getByRole('columnheader', { name: 'Number' })).toHaveAttribute('aria-sort', 'descending');
  await expect(list.rowAt(1)).not.toHaveText(oldest ?? '');

  await list.grid.focus();
  await page.keyboard.press('End');
  await expect(list.rowAt(incidentLog.incidents)).toBeInViewport();
  await expect(list.rowAt(incidentLog.incidents)).toHaveText(oldest ?? '');
  await page.keyboard.press('Home');
  await expect(list.rowAt(1)).toBeInViewport();

  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await page.keyboard.press('k');
  await expect(list.active).toHaveAttribute('aria-rowindex', '3');
  await page.keyboard.press('x');
  await expect(list.selected).toHaveCount(1);
  await expect(page.getByRole('toolbar', { name: 'Actions' })).toContainText('1 selected');
  await page.keyboard.press('Escape');
  await expect(list.selected).toHaveCount(0);
  const title = await list.active.getByRole('link').first().textContent();
  await page.keyboard.press('Enter');
  await expect(new TicketPage(page).title).toHaveText(title ?? '');
  await page.keyboard.press('Escape');
  await expect(list.active).toHaveAttribute('aria-rowindex', '3');
});

journey('the palette opens a ticket by its number, typed in one go with Enter', async ({ world }) => {
  const [{ page, frame }] = await listed(world);
  for (const number of ['INC-LYO-00042', 'INC-LYO-00007', 'INC-LYO-00890']) {
    await frame.openPalette();
    await page.keyboard.type(number);
    await page.keyboard.press('Enter');
    await expect(new TicketPage(page).number).toHaveText(number);
    await expect(frame.palette).toBeHidden();
  }
});

journey('the sheet of keys says what can be pressed on the screen below it', async ({ world }) => {
  const { device, page } = await world.site('A');
  const sheet = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
  await page.getByRole('heading', { level: 1, name: 'My work' }).waitFor();
  await page.keyboard.press('?');
  await expect(sheet.getByRole('region', { name: 'Go to' })).toContainText('Knowledge');
  await expect(sheet.getByRole('region', { name: 'On a ticket' })).toHaveCount(0);
  await page.keyboard.press('Escape');
  await expect(sheet).toBeHidden();

  const { id } = await device.incident({ title: 'Badge reader' });
  await page.goto(new URL(`/tickets/${id}`, page.url()).href);
  await new TicketPage(page).title.waitFor();
  await page.keyboard.press('?');
  await expect(sheet.getByRole('region', { name: 'On a ticket' })).toContainText('Write a note');
  await page.keyboard.press('Escape');
  await expect(sheet).toBeHidden();
});
