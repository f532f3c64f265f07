import { join } from 'node:path';
import type { Locator, Page } from '@playwright/test';

/** Work that goes by hand, on the Sync screen. */
export class Sticks {
  constructor(private readonly page: Page) {}

  async open(): Promise<void> {
    await this.page.goto(new URL('/sync', this.page.url()).href);
    await this.part.waitFor();
  }

  get part(): Locator {
    return this.page.getByRole('region', { name: 'By hand' });
  }

  /** Writes everything, for any device, and gives the file that the browser saved. `told` is what the dialog said of it. */
  async write(folder: string): Promise<{ file: string; told: string }> {
    await this.page.getByRole('button', { name: 'Write to a stick…' }).click();
    const dialog = this.page.getByRole('dialog', { name: 'Write to a stick…' });
    await dialog.getByRole('button', { name: 'Write', exact: true }).click();
    const save = dialog.getByRole('button', { name: 'Save the file…' });
    await save.waitFor();
    const told = await dialog.innerText();
    const download = this.page.waitForEvent('download');
    await save.click();
    const file = join(folder, `stick-${String(Date.now())}.bundle`);
    await (await download).saveAs(file);
    return { file, told };
  }

  /** Reads files and gives the dialog with what came of it; it stays open. */
  async read(...files: string[]): Promise<Locator> {
    await this.page.getByRole('button', { name: 'Read from a stick…' }).click();
    const dialog = this.page.getByRole('dialog', { name: 'Read from a stick…' });
    const chooser = this.page.waitForEvent('filechooser');
    await dialog.getByRole('button', { name: 'Choose a file…' }).click();
    await (await chooser).setFiles(files);
    await dialog.getByRole('button', { name: 'Read another' }).waitFor();
    return dialog;
  }

  async close(dialog: Locator): Promise<void> {
    await dialog.getByRole('button', { name: 'Close', exact: true }).last().click();
    await dialog.waitFor({ state: 'hidden' });
  }
}
