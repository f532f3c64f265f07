import { TicketPage } from '../pages/ticket';
import { expect, journey } from '../support/world';

/** Puts a picture of 40 by 30 points into the clipboard, as a screenshot tool does. */
async function copyPicture(): Promise<void> {
  const canvas = new OffscreenCanvas(40, 30);
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('no canvas');
  context.fillStyle = '#0d6e6e';
  context.fillRect(0, 0, 40, 30);
  await navigator.clipboard.write([new ClipboardItem({ 'image/png': await canvas.convertToBlob({ type: 'image/png' }) })]);
}

journey('a pasted screenshot reaches the other desktop whole, and is gone from both when it is removed', async ({ world }) => {
  const { a, b } = await world.office();
  const { id } = await a.device.incident({ title: 'The login page shows an error' });
  for (const { page } of [a, b]) {
    await expect(async () => {
      await page.goto(new URL(`/tickets/${id}`, page.url()).href);
      await expect(new TicketPage(page).title).toHaveText('The login page shows an error', { timeout: 1000 });
    }).toPass();
  }
  const filesOf = (page: typeof a.page) => page.getByRole('region', { name: 'Attachments' }).getByRole('listitem');
  await a.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await a.page.bringToFront();
  await a.page.evaluate(copyPicture);
  await a.page.keyboard.press('Control+V');
  await expect(filesOf(a.page)).toContainText('image/png');

  const there = filesOf(b.page);
  await expect(there).toContainText('image/png');
  await there.getByRole('button', { name: /^Show/ }).click();
  const picture = b.page.getByRole('dialog').getByRole('img', { name: /^Screenshot/ });
  await expect(picture).toBeVisible();
  expect(await picture.evaluate((image: HTMLImageElement) => [image.naturalWidth, image.naturalHeight])).toEqual([40, 30]);
  await b.page.keyboard.press('Escape');

  await filesOf(a.page).getByRole('button', { name: /^Remove for good/ }).click();
  const form = a.page.getByRole('dialog', { name: /^Remove for good/ });
  await form.getByRole('textbox', { name: 'Why' }).fill('It shows a password');
  await a.page.keyboard.press('Enter');
  for (const { page } of [a, b]) await expect(page.getByRole('region', { name: 'Attachments' }).getByRole('img')).toHaveCount(0);
});
