import { expect, type Page } from '@playwright/test';

/** The form of a new ticket, used by keyboard alone. */
export class NewTicket {
  constructor(private readonly page: Page) {}

  /** Opens the form with its key, from anywhere. */
  async open(): Promise<void> {
    await this.page.keyboard.press('c');
    await expect(this.titled()).toBeFocused();
  }

  titled() {
    return this.page.getByRole('textbox', { name: 'What happened?' });
  }

  field(label: string) {
    return this.page.getByRole('combobox', { name: label });
  }

  /** Tabs on to the field and chooses the one thing that fits the words. */
  async choose(label: string, words: string): Promise<void> {
    await this.tabTo(label);
    await this.page.keyboard.type(words);
    await expect(this.page.getByRole('option')).toHaveCount(1);
    await expect(this.page.getByRole('option')).toContainText(words);
    await this.page.keyboard.press('ArrowDown');
    await this.page.keyboard.press('Enter');
  }

  /** Writes down a ticket with all that is required. */
  async write(ticket: { title: string; caller: string; channel?: string }): Promise<void> {
    await this.open();
    await this.page.keyboard.type(ticket.title);
    await this.choose('Caller', ticket.caller);
    await this.choose('Channel', ticket.channel ?? 'Phone');
    await this.page.keyboard.press('Control+Enter');
  }

  private async tabTo(label: string): Promise<void> {
    const field = this.field(label);
    for (let stops = 0; stops < 20; stops++) {
      await this.page.keyboard.press('Tab');
      if (await field.evaluate((element) => element === document.activeElement)) return;
    }
    throw new Error(`Tab does not lead to ${label}`);
  }
}
