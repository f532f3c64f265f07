import type { Locator, Page } from '@playwright/test';

/** One ticket's page. */
export class TicketPage {
  readonly number: Locator;
  readonly title: Locator;
  readonly conversation: Locator;
  readonly status: Locator;

  constructor(readonly page: Page) {
    // Lists have numbers too; only a ticket's page copies its own.
    this.number = page.getByRole('main').filter({ has: page.getByRole('button', { name: 'Copy number' }) }).getByText(/^INC-[A-Z0-9]+-(\d{5}|~[0-9A-F]{4})$/).first();
    this.title = page.getByRole('heading', { level: 1 });
    this.conversation = page.getByRole('list', { name: 'Conversation' });
    this.status = page.getByRole('button', { name: /^Change status: / });
  }

  /** The marks of what is not yet agreed. */
  get pending(): Locator {
    return this.page.getByRole('main').getByRole('img', { name: 'Waiting to be shared' });
  }

  async rename(title: string): Promise<void> {
    await this.title.getByRole('button').click();
    const box = this.page.getByRole('textbox', { name: 'Title' });
    await box.fill(title);
    await box.press('Enter');
    await box.waitFor({ state: 'hidden' });
  }

  async describe(text: string): Promise<void> {
    const section = this.page.getByRole('region', { name: 'Description' });
    await section.getByRole('button', { name: /^(Edit: Description|Add a description)$/ }).click();
    const box = section.getByRole('textbox', { name: 'Description' });
    await box.fill(text);
    await box.press('Control+Enter');
    await box.waitFor({ state: 'hidden' });
  }

  /** Says something in the conversation, by the keys r and n. */
  async say(kind: 'reply' | 'note', text: string): Promise<void> {
    await this.page.keyboard.press(kind === 'reply' ? 'r' : 'n');
    const box = this.page.getByRole('textbox', { name: kind === 'reply' ? 'Write to the caller…' : 'Write for your colleagues…' });
    await box.fill(text);
    await box.press('Control+Enter');
    await this.conversation.getByText(text, { exact: true }).waitFor();
    await box.press('Escape');
  }

  /** Takes a step of the life cycle, with what it asks for. */
  async step(name: string, asked?: { text: string; words: string; choice?: [label: string, option: string] }): Promise<void> {
    await this.status.click();
    await this.page.getByRole('menuitem', { name, exact: true }).click();
    if (asked === undefined) return;
    const form = this.page.getByRole('dialog');
    if (asked.choice !== undefined) {
      await form.getByRole('combobox', { name: asked.choice[0] }).click();
      await this.page.getByRole('option', { name: asked.choice[1] }).click();
    }
    await form.getByRole('textbox', { name: asked.text }).fill(asked.words);
    await form.getByRole('button', { name, exact: true }).click();
    await form.waitFor({ state: 'hidden' });
  }

  /** The card that shows both values of a field. */
  conflict(field: string): Locator {
    return this.page.getByRole('group', { name: `Two people changed “${field}” without seeing each other` });
  }

  /** The card of a change that could not be applied. */
  get parked(): Locator {
    return this.page.getByRole('group', { name: / could not be applied$/ });
  }
}
