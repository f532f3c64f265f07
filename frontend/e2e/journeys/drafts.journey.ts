import { NewTicket } from '../pages/newTicket';
import { TicketPage } from '../pages/ticket';
import { expect, journey } from '../support/world';

journey('what was typed survives a reload, in a new ticket and on a ticket', async ({ world }) => {
  const { device, page } = await world.site('A');
  await page.getByRole('heading', { level: 1, name: 'My work' }).waitFor();
  const form = new NewTicket(page);
  await form.open();
  await form.titled().fill('The badge reader at the north door');
  await page.getByRole('textbox', { name: 'Description' }).fill('It blinks red');
  await page.reload();
  await expect(page.getByText('Your draft is back.')).toBeVisible();
  await expect(form.titled()).toHaveValue('The badge reader at the north door');
  await expect(page.getByRole('textbox', { name: 'Description' })).toHaveValue('It blinks red');

  const { id } = await device.incident({ title: 'Badge reader' });
  await page.goto(new URL(`/tickets/${id}`, page.url()).href);
  const ticket = new TicketPage(page);
  await ticket.title.waitFor();
  await page.keyboard.press('n');
  const note = page.getByRole('textbox', { name: 'Write for your colleagues…' });
  await note.fill('Half a thought');
  await page.reload();
  await ticket.title.waitFor();
  await page.keyboard.press('n');
  await expect(note).toHaveValue('Half a thought');
});
