import { Configuration } from '../pages/configuration';
import { NewTicket } from '../pages/newTicket';
import { expect, journey } from '../support/world';

const file = 'categories.yaml';
const drones = '  - key: drones\n    label: Drones and robots\n';

journey('wrong configuration is refused with its line; right configuration is in force on the other desktop', async ({ world }) => {
  const { a, b } = await world.office();
  const configuration = new Configuration(a.page);
  await a.frame.goTo('Configuration');
  await configuration.openFile(file);

  await configuration.edit(file, (text) => text.replace('  - key: hardware\n    label: Hardware', '  - key: hardware\n    colour: Hardware'));
  await expect(configuration.problem(file, 6)).toBeVisible();
  await configuration.problem(file, 6).click();
  await expect(configuration.text(file)).toBeFocused();
  await configuration.review();
  await expect(configuration.publishButton).toBeDisabled();
  await a.page.getByRole('tab', { name: 'Files' }).click();
  await configuration.openFile(file);

  await configuration.edit(file, (text) => text.replace('    colour: Hardware', '    label: Hardware').replace('categories:\n', `categories:\n${drones}`));
  await expect(a.page.getByRole('button', { name: /^Go to categories\.yaml/ })).toHaveCount(0);
  await configuration.review();
  await configuration.publish('Offer drones as a category');
  await expect(configuration.outcome.filter({ hasText: /^(Published|Handed in)/ })).toBeVisible();

  const form = new NewTicket(b.page);
  await form.open();
  await expect(async () => {
    await form.field('Category').fill('Drones');
    await expect(b.page.getByRole('option', { name: 'Drones and robots' })).toBeVisible({ timeout: 1_000 });
  }).toPass({ timeout: 20_000 });
});
