import { Frame } from '../pages/frame';
import { expect, journey } from '../support/world';

journey('an administrator shuts a stolen laptop out, and its data is gone at the next contact', async ({ world }) => {
  const node = await world.node();
  const a = await world.joined('A', node, 'Ada Lovelace');
  const b = await world.joined('B', node, 'Blaise Pascal');
  await new Frame(a.page).goTo('Sync');
  await a.page.getByRole('tab', { name: 'Devices' }).click();
  const row = a.page.getByRole('table', { name: 'Devices' }).getByRole('row').filter({ hasText: 'Blaise Pascal' });
  await row.getByRole('button', { name: /^Shut out / }).click();
  const form = a.page.getByRole('dialog', { name: /^Shut out / });
  await form.getByRole('radio', { name: 'It was lost, stolen or broken into' }).check();
  await form.getByRole('textbox', { name: 'Why' }).fill('Stolen on the train');
  await form.getByRole('checkbox', { name: 'Remove its data' }).check();
  await form.getByRole('button', { name: 'Shut out' }).click();
  await expect(row).toContainText('Stolen on the train · data will be removed');

  await expect(b.page.getByRole('heading', { level: 1, name: 'Welcome to Holdfast' })).toBeVisible();
  await expect(b.page.getByText(/^An administrator of .* shut this device out and had its data removed/)).toBeVisible();
  // What the window asked for in the moment of the wipe is refused; nothing else may go wrong.
  expect(world.takeComplaints().filter((complaint) => !(complaint.startsWith('B: ') && complaint.includes('status of 409')))).toEqual([]);
});
