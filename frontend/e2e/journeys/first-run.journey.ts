import { FirstRun } from '../pages/firstRun';
import { NewTicket } from '../pages/newTicket';
import { TicketPage } from '../pages/ticket';
import { expect, journey } from '../support/world';

journey('a new site is started in the browser and gets its first ticket by keyboard alone', async ({ world }) => {
  const { page, frame } = await world.fresh('First');
  const firstRun = new FirstRun(page);
  await firstRun.startSite({ name: 'Lyon office', code: 'lyo', person: 'Ada Lovelace' });
  await expect(firstRun.secrets.key).toHaveText(/^\S+(-\S+)+$/);
  await expect(firstRun.secrets.code).toHaveCount(0);
  await expect(firstRun.secrets.go).toBeDisabled();
  await firstRun.goOn();
  await expect(page.getByRole('heading', { level: 1, name: 'My work' })).toBeVisible();
  await expect(frame.chip).toHaveText('Up to date');

  const form = new NewTicket(page);
  await form.open();
  await page.keyboard.type('VPN drops every hour');
  await page.keyboard.press('Control+Enter');
  await expect(page.getByText('Caller is required.')).toBeVisible();
  await expect(form.field('Caller')).toBeFocused();
  await page.keyboard.type('Ada');
  await page.getByRole('option', { name: 'Ada Lovelace' }).waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await form.choose('Channel', 'Phone');
  await page.keyboard.press('Control+Enter');

  const ticket = new TicketPage(page);
  await expect(ticket.title).toHaveText('VPN drops every hour');
  await expect(ticket.number).toHaveText('INC-LYO-00001');
  await expect(ticket.pending).toHaveCount(0);
});

journey('an encrypted site shows its recovery code once, and opens with it when the passphrase is lost', async ({ world }) => {
  const { page, device } = await world.fresh('First', { HOLDFAST_PASSPHRASE: 'a horse, correctly stapled' });
  const firstRun = new FirstRun(page);
  await firstRun.startSite({ name: 'Lyon office', code: 'LYO', person: 'Ada Lovelace', starter: false, encrypt: true });
  const { key, code, written, go } = firstRun.secrets;
  await expect(key).not.toBeEmpty();
  await expect(code).toHaveText(/^([0-9A-Z]{4}-){7}[0-9A-Z]{4}$/);
  const recovery = await code.innerText();
  await expect(go).toBeDisabled();
  await written.check();
  await go.click();
  await expect(page.getByRole('heading', { level: 1, name: 'My work' })).toBeVisible();

  await page.close();
  await device.kill();
  await device.start({ HOLDFAST_RECOVERY_CODE: recovery });
  const again = await world.open(device);
  await expect(again.page.getByRole('heading', { level: 1, name: 'My work' })).toBeVisible();
});
