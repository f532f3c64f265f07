import { mkdir } from 'node:fs/promises';
import { chromium } from 'playwright-core';

// Takes pictures of screens, for people to look at: node e2e/look.mjs <base address> <folder> <path>[,<path>…] [light|dark] [1280x800]
const [base, folder, paths, scheme = 'light', size = '1280x800', language = 'en'] = process.argv.slice(2);
const [width, height] = size.split('x').map(Number);
await mkdir(folder, { recursive: true });
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
const page = await (await browser.newContext({ viewport: { width, height }, colorScheme: scheme, locale: language })).newPage();
page.on('console', (message) => { if (['error', 'warning'].includes(message.type())) process.stdout.write(`${message.type()}: ${message.text()}\n`); });
page.on('pageerror', (error) => process.stdout.write(`page error: ${error.message}\n`));
for (const entry of paths.split(',')) {
  const [path, ...keys] = entry.split('#');
  await page.goto(base + path);
  await page.waitForLoadState('load');
  await page.waitForFunction(() => document.querySelector('h1') !== null);
  await page.waitForTimeout(400);
  for (const key of keys) {
    if (key.startsWith('click:')) await page.getByRole('button', { name: key.slice(6) }).first().click();
    else if (key.startsWith('text:')) await page.keyboard.type(key.slice(5));
    else await page.keyboard.press(key);
    await page.waitForTimeout(250);
  }
  const name = `${entry.replace(/[^a-z0-9]+/gi, '-').replace(/^-|-$/g, '').slice(0, 60) || 'home'}-${scheme}-${width}-${language}.png`;
  await page.screenshot({ path: `${folder}/${name}` });
  process.stdout.write(`${name}\n`);
}
await browser.close();
