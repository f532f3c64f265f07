import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { TicketPage } from '../pages/ticket';
import { type Desktop, expect, journey } from '../support/world';

/** A ticket that both desktops show. */
async function shared(a: Desktop, b: Desktop, description: string): Promise<[here: TicketPage, there: TicketPage]> {
  const { id } = await a.device.incident({ title: 'Blank pages', description });
  for (const { page } of [a, b]) await expect(async () => { await open(page, id); await expect(new TicketPage(page).title).toHaveText('Blank pages', { timeout: 1000 }); }).toPass();
  return [new TicketPage(a.page), new TicketPage(b.page)];
}

async function open(page: Page, id: string): Promise<void> {
  await page.goto(new URL(`/tickets/${id}`, page.url()).href);
}

async function apart(a: Desktop, b: Desktop, change: () => Promise<void>): Promise<void> {
  for (const { frame } of [a, b]) await frame.workOffline(true);
  await change();
  for (const { frame } of [a, b]) await frame.workOffline(false);
}

journey('a site asks for a backup until there is one, and gives a new recovery key once', async ({ world }) => {
  const { page, frame } = await world.site('A');
  await frame.goTo('Sync');
  const needs = page.getByRole('region', { name: 'Needs somebody' });
  await expect(needs.getByRole('listitem')).toHaveCount(1);
  const facts = page.getByRole('region', { name: 'If the worst happens' });
  await facts.getByRole('button', { name: 'Make a new one' }).focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByRole('button', { name: 'Make a new one' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(dialog.getByRole('status', { name: 'Recovery key' })).toHaveText(/^\S+(-\S+)+$/);
  await page.keyboard.press('Escape');
  await expect(dialog.getByRole('button', { name: 'Done' })).toBeDisabled();
  await dialog.getByLabel('I have written it down').check();
  await dialog.getByRole('button', { name: 'Done' }).click();

  await needs.getByRole('button', { name: /^Back up now: / }).click();
  const file = join(world.folder, 'first.age');
  await dialog.getByLabel('File').fill(file);
  await page.keyboard.press('Enter');
  await expect(dialog.getByRole('status')).toContainText('Written and proven');
  await access(file);
  await dialog.getByRole('button', { name: 'Done' }).click();
  await expect(needs).toHaveCount(0);
  await expect(facts).toContainText(file);
});

journey('a desktop sees the nodes and whether they answer', async ({ world }) => {
  const node = await world.node();
  const { page, frame } = await world.joined('A', node, 'Ada Lovelace');
  await frame.goTo('Sync');
  const facts = page.getByRole('region', { name: 'If the worst happens' });
  await expect(facts).toContainText('1 of 1 node answers');
  await expect(facts).toContainText('Never: this site has gone on unbroken');
  await node.kill();
  await expect(facts).toContainText('0 of 1 node answers');
});

journey('a description that two people changed apart is read side by side, merged by hand, and the same for both', async ({ world }) => {
  const { a, b } = await world.office();
  const [here, there] = await shared(a, b, 'It prints blank pages since this morning. Toner is full.');
  await apart(a, b, async () => {
    await here.describe('It prints blank pages since Monday. Toner is full.');
    await there.describe('It prints blank pages since Tuesday. Toner is full and new.');
  });
  await a.frame.goTo('Sync');
  await a.page.getByRole('tab', { name: /^Decisions/ }).click();
  const card = a.page.getByRole('group', { name: 'Two people changed “Description” without seeing each other' });
  await expect(card.getByText('It prints blank pages since this morning. Toner is full.')).toBeVisible();
  await expect(card.locator('ins').filter({ hasText: 'full and new.' })).toBeVisible();
  const together = card.getByRole('textbox', { name: 'Description: both together' });
  await expect(together).toHaveValue(/Monday.*Tuesday|Tuesday.*Monday/);
  await together.fill('It prints blank pages since Monday or Tuesday. Toner is full and new.');
  await card.getByRole('button', { name: 'Use the merged text' }).click();
  await expect(card).toHaveCount(0);
  await expect(there.conflict('Description')).toHaveCount(0);
  await expect(b.page.getByRole('region', { name: 'Description' })).toContainText('since Monday or Tuesday');
});

journey('a step that came too late is tried again, and put aside with its text on the ticket', async ({ world }) => {
  const { a, b } = await world.office();
  const [here, there] = await shared(a, b, 'Since Monday');
  await apart(a, b, async () => {
    await there.step('Cancel', { text: 'Reason for cancelling', words: 'The caller gave up, says Blaise' });
    await here.step('Cancel', { text: 'Reason for cancelling', words: 'Bought a new one, says Ada' });
  });
  await a.frame.goTo('Sync');
  await expect(a.page.getByText('Everything is shared. 1 thing needs your decision.')).toBeVisible();
  await expect(a.page.getByText('Up to date.')).toHaveCount(0);
  await a.page.getByRole('button', { name: 'Decide now' }).press('Enter');
  const card = a.page.getByRole('group', { name: /could not be applied$/ });
  await expect(card).toContainText(/says (Ada|Blaise)/);
  await expect(card).toContainText('stands on the ticket as a note already');
  await card.getByRole('button', { name: 'Try again' }).click();
  const alert = a.page.getByRole('alert');
  await expect(alert).toContainText('It is Cancelled already.');
  await alert.getByRole('button', { name: 'All right' }).click();
  await expect(alert).toHaveCount(0);
  await card.getByRole('button', { name: 'I have seen this' }).click();
  await expect(card).toHaveCount(0);
  await expect(a.frame.chip).toHaveText('Up to date');
  expect(world.takeComplaints(), 'what was refused again').toEqual([expect.stringContaining('409')]);
  await open(a.page, (/[0-9a-f-]{36}/.exec(b.page.url()) ?? [''])[0]);
  await expect(here.conversation).toContainText(/says (Ada|Blaise)/);
});
