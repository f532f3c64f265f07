import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Sticks } from '../pages/sticks';
import { TicketPage } from '../pages/ticket';
import { TicketList } from '../pages/ticketList';
import { expect, journey } from '../support/world';

journey('work goes to another desktop on a stick and comes back agreed; again it changes nothing, and a damaged stick is refused', async ({ world }) => {
  const { a, b } = await world.office();
  await a.frame.workOffline(true);
  const { id } = await a.device.incident({ title: 'The generator is out of fuel' });
  const [here, there] = [new Sticks(a.page), new Sticks(b.page)];
  await here.open();
  const out = await here.write(world.folder);
  expect(out.told).toContain('1 change that waits');
  expect(out.told).toContain('2 other devices can read it');

  await there.open();
  const taken = await there.read(out.file);
  await expect(taken).toContainText('From Ada Lovelace (Desktop A)');
  await expect(taken).toContainText('1 new change that waits');
  await there.close(taken);
  const list = new TicketList(b.page);
  await list.open();
  await expect(list.row('The generator is out of fuel')).toContainText('INC-LYO-00001');

  await there.open();
  const again = await there.read(out.file);
  await expect(again).toContainText('Everything in it was here already. Nothing was changed.');
  await there.close(again);
  const damaged = join(world.folder, 'damaged.bundle');
  const bytes = await readFile(out.file);
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
  await writeFile(damaged, bytes);
  const refused = await there.read(damaged);
  await expect(refused).toContainText('damaged.bundle was refused.');
  await expect(refused).toContainText('bundle_altered');
  await there.close(refused);

  const back = await there.write(world.folder);
  const agreed = await here.read(back.file);
  await expect(agreed).toContainText('1 new agreed change');
  await here.close(agreed);
  await a.page.goto(new URL(`/tickets/${id}`, a.page.url()).href);
  await expect(a.page.getByText('INC-LYO-00001').first()).toBeVisible();
  await expect(new TicketPage(a.page).pending).toHaveCount(0);
});
