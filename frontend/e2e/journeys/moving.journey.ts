import { Frame } from '../pages/frame';
import { TicketPage } from '../pages/ticket';
import { expect, journey } from '../support/world';

journey('a ticket is moved to another site, where it is whole, and a pointer stays', async ({ world }) => {
  const { node, a, b } = await world.office();
  const berlin = await a.device.call<{ id: string }>('POST', '/records/site', { fields: { title: 'Berlin', code: 'BER' } });
  expect(berlin.id).not.toBe('');
  const own = (await a.device.call<{ device: { id: string } }>('GET', '/sync')).device.id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  await a.device.call('POST', `/records/${own}/changes`, { changes: [{ op: 'add', field: 'sites', value: 'BER' }] });
  const { id } = await a.device.incident({ title: 'Heating drops out' });
  await a.device.call('POST', `/tickets/${id}/reply`, { text: 'Somebody comes today' });
  await expect.poll(async () => (await a.device.call<{ places: { code: string }[] }>('GET', '/places')).places.map((place) => place.code)).toContain('BER');

  await new Frame(b.page).goTo('Tickets');
  await b.page.getByText('Heating drops out').click();
  const left = new TicketPage(b.page);
  await expect(left.number).toHaveText('INC-LYO-00001');
  await expect(b.page.getByRole('button', { name: 'Move to another site' })).toBeHidden(); // B is not for Berlin

  await new Frame(a.page).goTo('Tickets');
  await a.page.getByText('Heating drops out').click();
  await a.page.getByRole('button', { name: 'Move to another site' }).click();
  const form = a.page.getByRole('dialog', { name: 'Move INC-LYO-00001 to another site' });
  await expect(form.getByRole('combobox', { name: 'Site' })).toHaveValue('Berlin (BER)');
  await form.getByRole('button', { name: 'Move' }).click();
  const pointer = a.page.getByRole('alert').filter({ hasText: 'Moved to Berlin as INC-BER-00001' });
  await expect(pointer).toBeVisible();

  // B learns where it went, may add a note, and can change nothing else.
  await expect(b.page.getByRole('alert').filter({ hasText: 'Moved to Berlin as INC-BER-00001' })).toBeVisible();
  await expect(b.page.getByRole('link', { name: 'INC-BER-00001' })).toBeHidden();
  await expect(left.title.getByRole('button')).toBeHidden();
  await expect(left.status).toHaveCount(0);
  await expect(b.page.getByRole('complementary', { name: 'Properties' })).toContainText('Moved');
  await left.say('note', 'The caller rang again');

  await new Frame(b.page).goTo('Sync');
  await expect(b.page.getByRole('region', { name: 'If the worst happens' })).toContainText('Never: this site has gone on unbroken');
  await expect(b.page.getByRole('region', { name: 'Other numbers since then' })).toHaveCount(0);

  await pointer.getByRole('link', { name: 'INC-BER-00001' }).click();
  const arrived = new TicketPage(a.page);
  await expect(arrived.number).toHaveText('INC-BER-00001');
  await expect(a.page.getByText('Came from')).toBeVisible();
  await expect(arrived.conversation.getByText('Somebody comes today')).toBeVisible();
  await expect(arrived.conversation.getByText('The caller rang again')).toBeVisible();
  expect(node.name).toBe('Node');
});
