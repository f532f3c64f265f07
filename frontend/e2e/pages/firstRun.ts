import type { Page } from '@playwright/test';

/** The first screen of a device without a site. */
export class FirstRun {
  constructor(private readonly page: Page) {}

  async startSite(site: { name: string; code: string; person: string; starter?: boolean; sample?: boolean; encrypt?: boolean }): Promise<void> {
    await this.page.getByRole('button', { name: 'Start a new site' }).click();
    const form = this.page.getByRole('form', { name: 'Start a new site' });
    await form.getByLabel('Site name').fill(site.name);
    await form.getByLabel('Site code').fill(site.code);
    await form.getByLabel('Your name').fill(site.person);
    await form.getByLabel('Begin with the starter pack').setChecked(site.starter ?? true);
    await form.getByLabel('Add a few sample tickets').setChecked(site.sample ?? false);
    await form.getByLabel('Encrypt the data on this computer').setChecked(site.encrypt ?? false);
    await form.getByRole('button', { name: 'Start the site' }).click();
    await form.waitFor({ state: 'hidden' });
  }

  /** What is shown once: the key of the site, the code that opens an encrypted folder, and the way on once they are written down. */
  get secrets() {
    const form = this.page.getByRole('form', { name: /^Write down/ });
    return {
      key: form.getByRole('status', { name: 'Recovery key' }), code: form.getByRole('status', { name: 'Recovery code' }), written: form.getByLabel(/^I have written (it|both) down$/),
      go: form.getByRole('button', { name: 'Open Holdfast' }),
    };
  }

  /** Says that all of it is written down. */
  async goOn(): Promise<void> {
    await this.secrets.written.check();
    await this.secrets.go.click();
  }

  async join(invite: string, person: string, device: string): Promise<void> {
    await this.page.getByRole('button', { name: 'Join with an invite' }).click();
    const form = this.page.getByRole('form', { name: 'Join with an invite' });
    await form.getByLabel('Invite').fill(invite);
    await form.getByLabel('Your name').fill(person);
    await form.getByLabel('Name of this device').fill(device);
    await form.getByRole('button', { name: 'Join', exact: true }).click();
    await form.waitFor({ state: 'hidden' });
  }
}
