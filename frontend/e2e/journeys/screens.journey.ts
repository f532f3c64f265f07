import { FirstRun } from '../pages/firstRun';
import { expect, journey } from '../support/world';

const places = ['My work', 'Tickets', 'Requests', 'Catalogue', 'Knowledge', 'People', 'Sync', 'Configuration', 'Import & export', 'Settings'];

/** The last stop of a page is followed by the browser's own controls. */
const left = 'nothing has the focus';

journey('every screen opens with its name, and the keyboard always shows where it is', async ({ world }) => {
  const { page, frame } = await world.site('A', { starter: true, sample: true });
  for (const place of places) {
    await frame.goTo(place);
    await expect(page.getByRole('heading', { level: 1, name: place })).toBeVisible();
    await page.getByRole('heading', { level: 1 }).click();
    for (let stops = 0; stops < 6; stops++) {
      await page.keyboard.press('Tab');
      const shown = await page.evaluate(showsFocus);
      if (stops > 0 && shown === left) break;
      expect(shown, `${place}, after ${String(stops + 1)} times Tab`).toBe('visible');
    }
  }
});

/** Runs in the page: whether what has the focus looks different from when it has not. */
function showsFocus(): string {
  const active = document.activeElement;
  if (!(active instanceof HTMLElement) || active === document.body) return 'nothing has the focus';
  // A grid keeps the focus and marks the row that its keys act on.
  const row = active.getAttribute('aria-activedescendant');
  if (row !== null && document.getElementById(row) !== null) return 'visible';
  const look = () => {
    for (const animation of document.getAnimations()) animation.finish();
    const all = [...[active, active.parentElement, active.parentElement?.parentElement].filter((one) => one instanceof HTMLElement), ...active.parentElement?.children ?? []];
    return JSON.stringify(all.map((one) => { const s = getComputedStyle(one); return [s.outline, s.boxShadow, s.borderColor, s.backgroundColor]; }));
  };
  const focused = look();
  active.blur();
  const plain = look();
  active.focus();
  return focused === plain ? `no mark: ${active.outerHTML.slice(0, 200)}` : 'visible';
}

journey('an article is written with its preview beside it, and read', async ({ world }) => {
  const { page, frame } = await world.site('A', { starter: true });
  await frame.goTo('Knowledge');
  await page.getByRole('button', { name: 'New article' }).click();
  await page.getByRole('textbox', { name: 'Title' }).fill('When the badge reader blinks');
  await page.getByRole('textbox', { name: 'Text' }).fill('## Symptom\n\nIt blinks **red**.\n\n<img src="http://example.invalid/x.png">');
  const preview = page.getByRole('region', { name: 'Preview' });
  await expect(preview.getByRole('heading', { name: 'Symptom' })).toBeVisible();
  await expect(preview.getByText('red', { exact: true })).toHaveCSS('font-weight', /[67]\d\d/);
  await expect(preview.getByRole('img')).toHaveCount(0);
  await page.getByRole('button', { name: 'Create article' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'When the badge reader blinks' })).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Symptom' })).toBeVisible();
});

journey('a service of the catalogue is opened and changed in place', async ({ world }) => {
  const { page, frame } = await world.site('A', { starter: true });
  await frame.goTo('Catalogue');
  await page.getByRole('main').getByRole('link').first().click();
  const title = page.getByRole('heading', { level: 1 });
  await title.getByRole('button').click();
  await page.getByRole('textbox', { name: 'Title' }).fill('Everything with a screen');
  await page.keyboard.press('Enter');
  await expect(title).toHaveText('Everything with a screen');
  await frame.goTo('Catalogue');
  await expect(page.getByRole('link', { name: /Everything with a screen/ })).toBeVisible();
});

journey('the sync screen shows who is there and with whom this device shares', async ({ world }) => {
  const { a } = await world.office();
  await a.frame.goTo('Sync');
  await expect(a.page.getByText('This device is a site of its own and shares with nobody yet.')).toHaveCount(0);
  await expect(a.page.getByRole('table').first().getByRole('row').filter({ hasText: 'Connected' })).not.toHaveCount(0);
  await a.page.getByRole('tab', { name: 'Devices' }).click();
  await expect(a.page.getByRole('tabpanel', { name: 'Devices' })).toContainText('Desktop B');
});

journey('an invite is made as text and as a picture, and the text lets another desktop in', async ({ world }) => {
  const { page, frame } = await world.site('A');
  await frame.goTo('Sync');
  await page.getByRole('tab', { name: 'Invites' }).click();
  await page.getByRole('button', { name: 'Make an invite' }).click();
  await expect(page.getByRole('img', { name: 'QR code of the invite' })).toBeVisible();
  const text = await page.getByRole('textbox', { name: 'Invite text' }).inputValue();
  const b = await world.fresh('B');
  await new FirstRun(b.page).join(text, 'Blaise Pascal', 'Laptop of Blaise');
  await expect(b.page.getByRole('heading', { level: 1, name: 'My work' })).toBeVisible();
});

journey('settings turn the interface dark and German, and it stays so', async ({ world }) => {
  const { page, frame } = await world.site('A');
  await frame.goTo('Settings');
  await page.getByRole('radiogroup', { name: 'Theme' }).getByText('Dark', { exact: true }).click();
  await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', 'dark');
  await page.getByRole('radiogroup', { name: 'Language' }).getByText('Deutsch').click();
  await expect(page.getByRole('heading', { level: 1, name: 'Einstellungen' })).toBeVisible();
  await page.reload();
  await expect(page.getByRole('heading', { level: 1, name: 'Einstellungen' })).toBeVisible();
  await expect(page.locator('html')).toHaveAttribute('lang', 'de');
  await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', 'dark');
});
