import { expect, type Locator, type Page } from '@playwright/test';

/** What stands round every screen. */
export class Frame {
  readonly chip: Locator;
  readonly palette: Locator;
  readonly sidebar: Locator;

  constructor(private readonly page: Page) {
    this.chip = page.getByRole('button', { name: /^Sync: / });
    this.palette = page.getByRole('dialog', { name: 'Search and commands' });
    this.sidebar = page.getByRole('navigation', { name: 'Main navigation' });
  }

  /** Goes to a place by the sidebar. */
  async goTo(place: string): Promise<void> {
    await this.sidebar.getByRole('link', { name: place }).click();
    await this.page.getByRole('heading', { level: 1 }).waitFor();
  }

  /** Opens the palette with its keys, and waits until it takes what is typed. */
  async openPalette(): Promise<void> {
    await this.page.keyboard.press('Control+k');
    await expect(this.palette.getByRole('combobox')).toBeFocused();
  }

  /** A message that passes by. */
  toast(text: string | RegExp): Locator {
    return this.page.getByRole('status').filter({ hasText: text });
  }

  /** Flips the switch in the chip's short form. */
  async workOffline(offline: boolean): Promise<void> {
    await this.chip.click();
    const form = this.page.getByRole('group', { name: 'Sync', exact: true });
    const control = form.getByRole('switch', { name: 'Work offline' });
    await control.click();
    await expect(control).toBeChecked({ checked: offline });
    await this.page.keyboard.press('Escape');
    await form.waitFor({ state: 'hidden' });
  }
}
