import type { Locator, Page } from '@playwright/test';

/** The configuration and its publication. */
export class Configuration {
  readonly outcome: Locator;

  constructor(private readonly page: Page) {
    this.outcome = page.getByRole('status');
  }

  async openFile(path: string): Promise<void> {
    await this.page.getByRole('navigation', { name: 'Files' }).getByRole('button', { name: path }).click();
    await this.text(path).waitFor();
  }

  text(path: string): Locator {
    return this.page.getByRole('textbox', { name: `Text of ${path}` });
  }

  /** Replaces the text of the open file by what change makes of it, and saves it to the draft. */
  async edit(path: string, change: (text: string) => string): Promise<void> {
    const field = this.text(path);
    await field.fill(change(await field.inputValue()));
    await field.press('Control+s');
    await this.page.getByRole('button', { name: 'Undo my typing' }).waitFor({ state: 'hidden' });
  }

  /** A problem that the draft has, as the button that leads to it. */
  problem(file: string, line: number): Locator {
    return this.page.getByRole('button', { name: `Go to ${file}, line ${String(line)}` });
  }

  async review(): Promise<void> {
    await this.page.getByRole('button', { name: 'Review and publish' }).click();
  }

  get publishButton(): Locator {
    return this.page.getByRole('button', { name: 'Publish to everyone' });
  }

  async publish(message: string): Promise<void> {
    await this.page.getByRole('textbox', { name: 'What changed and why' }).fill(message);
    await this.publishButton.click();
  }
}
