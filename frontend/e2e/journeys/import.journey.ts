import { Exchange } from '../pages/exchange';
import { TicketPage } from '../pages/ticket';
import { TicketList } from '../pages/ticketList';
import { incidentLog } from '../support/data';
import { expect, journey } from '../support/world';

journey('real incidents are checked, imported with their history, and not imported twice', async ({ world }) => {
  const { page, frame } = await world.site('A', { starter: true });
  const exchange = new Exchange(page);
  await frame.goTo('Import & export');

  await exchange.check(incidentLog.path);
  await expect(exchange.figure(exchange.plan, 'Incidents would be created')).toHaveText('890');
  await expect(exchange.figure(exchange.plan, 'Steps of history')).toHaveText('5,998');
  await exchange.run();
  await expect(page.getByRole('progressbar', { name: 'Importing: incident_event_log.csv' })).toBeAttached();
  await expect(exchange.result).toBeVisible({ timeout: 60_000 });
  await expect(exchange.figure(exchange.result, 'Incidents created')).toHaveText('890');
  await page.getByRole('button', { name: 'See the tickets' }).click();
  const list = new TicketList(page);
  await expect(list.grid).toHaveAttribute('aria-rowcount', String(incidentLog.incidents + 1));

  await list.row('INC-LYO-').first().getByRole('link').first().click();
  await page.getByRole('tab', { name: 'History' }).click();
  await expect(page.getByRole('tabpanel', { name: 'History' }).getByRole('listitem')).not.toHaveCount(0);
  await expect(new TicketPage(page).pending).toHaveCount(0, { timeout: 60_000 });

  await frame.goTo('Import & export');
  await page.getByRole('button', { name: 'Import another file' }).click();
  await exchange.check(incidentLog.path);
  await expect(page.getByText('Everything in this file is already here; an import would change nothing.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Import now' })).toBeDisabled();
});
