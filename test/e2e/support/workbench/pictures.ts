import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ALL_CASES } from '../../../support/process/all-cases.ts';
import { ROOT } from '../machine/places.ts';
import type { Box } from './playwright.ts';
import { THEME_NAMES, wear, type Theme } from './themes.ts';
import type { Workbench } from './workbench.ts';

export interface Kept {
  /** Path below `media` without theme and ending. */
  readonly as: string;
  /** A part of the window, in CSS pixels. */
  readonly part: Box;
  /** Those that are kept; all four where not given. */
  readonly themes?: readonly Theme[];
}

export const SHOTS = join(ROOT, 'build', 'screenshots', 'workbench');
/** Set by --pictures: those that the package ships are written anew. */
export const KEEP = process.env['REFPOINT_E2E_PICTURES'] === '1';

/** Takes pictures of what a window shows, in one theme after the other. */
export class Photographer {
  readonly #window: Workbench;
  #theme: Theme | 'first' = 'first';
  taken = 0;

  constructor(window: Workbench) {
    this.#window = window;
  }

  async wear(theme: Theme): Promise<void> {
    await wear(this.#window, theme);
    this.#theme = theme;
  }

  /**
   * Takes a picture of a view of ours in the first theme and in one more, which changes from view to view; with all cases in every
   * theme. Pictures that are kept are taken in one walk for each theme instead.
   */
  async shootView(name: string, ...kept: readonly Kept[]): Promise<void> {
    await this.shoot(name, ...kept);
    if (KEEP) return;
    const first = this.#theme;
    const at = THEME_NAMES.findIndex((each) => each === first);
    // Those that come after it first.
    const others = [...THEME_NAMES.slice(at + 1), ...THEME_NAMES.slice(0, Math.max(0, at))];
    for (const theme of ALL_CASES ? others : others.slice(0, 1)) {
      await this.wear(theme);
      await this.shoot(name);
    }
  }

  /** `build/screenshots/workbench/<name>-<theme>.png`, and the parts of it that the package ships. */
  async shoot(name: string, ...kept: readonly Kept[]): Promise<void> {
    const { page } = this.#window;
    // The pointer leaves no tooltip in the picture, and what fades has faded.
    await page.mouse.move(700, 895);
    await sleep(400);
    await mkdir(SHOTS, { recursive: true });
    await page.screenshot({ path: join(SHOTS, `${name}-${this.#theme}.png`) });
    this.taken++;
    if (!KEEP || this.#theme === 'first') return;
    for (const { as, part, themes } of kept) {
      if (themes?.includes(this.#theme) === false) continue;
      const path = join(ROOT, 'media', `${as}-${this.#theme}.png`);
      await mkdir(dirname(path), { recursive: true });
      await page.screenshot({ path, clip: part });
    }
  }
}
