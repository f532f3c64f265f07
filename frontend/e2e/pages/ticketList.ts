import type { Locator, Page } from '@playwright/test';

/** The list of tickets. */
export class TicketList {
  readonly grid: Locator;
  readonly active: Locator;
  readonly selected: Locator;

  constructor(readonly page: Page) {
    this.grid = page.getByRole('grid', { name: 'Tickets' });
    this.active = this.grid.locator('[role="row"][data-cursor="true"]');
    this.selected = this.grid.getByRole('row', { selected: true });
  }

  /** Goes there by the keys g and t. */
  async open(): Promise<void> {
    await this.page.keyboard.press('g');
    await this.page.keyboard.press('t');
    await this.page.getByRole('heading', { level: 1, name: 'Tickets' }).waitFor();
  }

  row(text: string | RegExp): Locator {
    return this.grid.getByRole('row').filter({ hasText: text });
  }

  /** Opens a ticket by its title. */
  async openTicket(title: string): Promise<void> {
    await this.row(title).getByRole('link', { name: title }).click();
    await this.page.getByRole('heading', { level: 1, name: title }).waitFor();
  }

  /** How many tickets the list has, as the grid says. */
  async count(): Promise<number> {
    return Number(await this.grid.getAttribute('aria-rowcount')) - 1;
  }

  async view(name: string): Promise<void> {
    await this.page.getByRole('button', { name: /^View: / }).click();
    await this.page.getByRole('menuitem', { name, exact: true }).click();
  }

  /** Opens a filter and gives its choices. */
  async filter(name: string): Promise<Locator> {
    await this.page.getByRole('search', { name: 'Filter' }).getByRole('button', { name: new RegExp(`^${name}`) }).click();
    const choices = this.page.getByRole('group', { name });
    await choices.waitFor();
    return choices;
  }

  /** How many tickets a choice of a filter says it has. */
  async facetCount(choices: Locator, label: string): Promise<number> {
    const line = choices.locator('> *').filter({ has: this.page.getByRole('checkbox', { name: label }) });
    return Number((await line.innerText()).replace(label, '').replaceAll(/\D/g, ''));
  }

  /** The nth ticket of the list, from 1. */
  rowAt(place: number): Locator {
    return this.grid.locator(`[role="row"][aria-rowindex="${String(place + 1)}"]`);
  }

  async sortBy(column: string): Promise<void> {
    await this.page.getByRole('button', { name: `Sort by ${column}` }).click();
  }
}
