import type { Locator, Page } from '@playwright/test';

/** Import and export. */
export class Exchange {
  readonly plan: Locator;
  readonly result: Locator;

  constructor(private readonly page: Page) {
    this.plan = page.getByRole('region', { name: /^What would happen/ });
    this.result = page.getByRole('region', { name: 'What happened' });
  }

  /** Hands in a file and waits until it is checked. */
  async check(file: string): Promise<void> {
    const chooser = this.page.waitForEvent('filechooser');
    await this.page.getByRole('button', { name: 'Choose a file…' }).click();
    await (await chooser).setFiles(file);
    await this.page.getByRole('button', { name: 'Check the file' }).click();
    await this.plan.waitFor({ timeout: 60_000 });
  }

  async run(): Promise<void> {
    await this.page.getByRole('button', { name: 'Import now' }).click();
  }

  /** A line of what would happen or has happened. */
  figure(where: Locator, name: string): Locator {
    return where.getByRole('row').filter({ has: this.page.getByRole('rowheader', { name, exact: true }) }).getByRole('cell');
  }
}
