import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from './browser.ts';

/** Keeps a picture of the page in build/screenshots, to be looked at. */
export async function shoot(page: Page, view: string, name: string): Promise<void> {
  const folder = join('build', 'screenshots', view);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `${name}.png`), await page.screenshot());
}
