import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, type Page } from '@playwright/test';

const folder = fileURLToPath(new URL('../../../build/docs/screens', import.meta.url));
const usual = { width: 1280, height: 800 };
const wide = { width: 1920, height: 1080 };

/** What a picture shows: how to get there, starting from any screen. */
export interface Picture {
  name: string;
  show: (page: Page) => Promise<void>;
  /** taken in the larger size too */
  alsoWide?: boolean;
}

/** Takes pictures, light and dark. Where this machine's folders stand in them, hide says so and another path is shown. */
export class Gallery {
  constructor(
    private readonly page: Page,
    private readonly hide: string,
  ) {}

  async take(pictures: readonly Picture[]): Promise<void> {
    await mkdir(folder, { recursive: true });
    for (const colorScheme of ['light', 'dark'] as const) {
      await this.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      for (const picture of pictures) {
        for (const size of picture.alsoWide === true ? [usual, wide] : [usual]) {
          await this.page.setViewportSize(size);
          await picture.show(this.page);
          await this.settled();
          const path = join(folder, `${picture.name}-${colorScheme}${size === wide ? '-wide' : ''}.png`);
          await this.page.screenshot({ path, animations: 'disabled' });
          await shrink(path);
        }
      }
    }
  }

  private async settled(): Promise<void> {
    await expect(this.page.locator('[aria-busy="true"]')).toHaveCount(0);
    await this.page.evaluate(async (hide) => {
      await document.fonts.ready;
      const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      for (let node = texts.nextNode(); node !== null; node = texts.nextNode()) {
        if (node.nodeValue?.includes(hide) === true) node.nodeValue = node.nodeValue.replaceAll(hide, '~/Holdfast');
      }
    }, this.hide);
  }
}

const colours = '128';

/** Makes a picture small by giving it a palette, where ImageMagick is there to do so. */
async function shrink(path: string): Promise<void> {
  try {
    await promisify(execFile)('convert', [path, '+dither', '-colors', colours, '-strip', `PNG8:${path}`]);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
