import { TicketPage } from '../pages/ticket';
import { expect, journey } from '../support/world';

const pasted = 'Xk7qPastedPasswordVw';

journey('an administrator removes a pasted password for good, and nobody else is offered to', async ({ world }) => {
  const { a, b } = await world.office();
  const { id } = await a.device.incident({ title: 'Router does not answer', description: `The password is ${pasted}.` });
  await a.device.call('POST', `/tickets/${id}/note`, { text: `It is ${pasted}` });
  for (const { page } of [a, b]) {
    await expect(async () => {
      await page.goto(new URL(`/tickets/${id}`, page.url()).href);
      await expect(new TicketPage(page).conversation).toContainText(pasted, { timeout: 1000 });
    }).toPass();
  }
  await expect(b.page.getByRole('button', { name: /^Remove for good/ })).toHaveCount(0);

  for (const [what, place] of [['Description', a.page.getByRole('region', { name: 'Description' })], ['Note', new TicketPage(a.page).conversation]] as const) {
    await place.getByRole('button', { name: `Remove for good: ${what}` }).click();
    const form = a.page.getByRole('dialog', { name: `Remove for good: ${what}` });
    await expect(form.getByRole('button', { name: 'Remove for good' })).toBeDisabled();
    await form.getByRole('textbox', { name: 'Why' }).fill('A password was pasted');
    await a.page.keyboard.press('Enter');
    await expect(form).toHaveCount(0);
    await expect(place).toContainText('Removed for good');
    await expect(place.getByRole('button', { name: `Remove for good: ${what}` })).toHaveCount(0);
  }
  await expect(b.page.getByRole('region', { name: 'Description' })).toContainText('Removed for good');
  for (const { page } of [a, b]) await expect(page.getByRole('main')).not.toContainText(pasted);
});
