import { expect, journey } from '../support/world';

journey('whoever reads German reads the states, steps and choices of the starter pack in German too', async ({ world }) => {
  const { device } = await world.site('A', { starter: true });
  const { id } = await device.incident({ title: 'Monitor', impact: '2', urgency: '2', category: 'hardware' });
  const { page } = await world.open(device, { locale: 'de-DE' });
  await page.goto(new URL('/tickets?view=all', page.url()).href);
  const row = page.getByRole('row').filter({ hasText: 'Monitor' });
  await expect(row).toContainText('Neu');
  await expect(row).toContainText('Mäßig');
  await page.getByRole('button', { name: 'Status', exact: true }).click();
  await expect(page.getByRole('checkbox', { name: 'Neu' })).toBeVisible();
  await page.keyboard.press('Escape');

  await page.goto(new URL(`/tickets/${id}`, page.url()).href);
  const properties = page.getByRole('complementary', { name: 'Eigenschaften' });
  await expect(properties).toContainText('Auswirkung Mittel, Dringlichkeit Mittel.');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(/Monitor/); // what people type stays as it is
  await page.getByRole('button', { name: 'Status ändern: Neu' }).press('Enter');
  await page.getByRole('menuitem', { name: 'Zurückstellen' }).press('Enter');
  const form = page.getByRole('dialog', { name: /Zurückstellen/ });
  await expect(form).toBeVisible();
});
