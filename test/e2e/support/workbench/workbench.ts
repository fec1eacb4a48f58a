import { setTimeout as sleep } from 'node:timers/promises';
import { SLOWER } from '../machine/places.ts';
import {
  slowDown,
  type Browser,
  type FrameLocator,
  type Locator,
  type Page,
} from './playwright.ts';
import type { Server } from './server.ts';

export interface WindowOptions {
  /** undefined: a window without a folder. */
  readonly folder?: string;
  readonly payload?: readonly (readonly [string, string])[];
}

/** Of the workbench's own start, and of whatever a test waits for: slow machines are no failure. */
const PATIENCE_MS = 45_000;

/** After so long somebody asks for the palette again. */
const AGAIN_MS = 2000;

/** After so long somebody asks for a menu again. */
const MENU_MS = 10_000;

/** One window of the workbench, as a person sees it. */
export class Workbench {
  readonly page: Page;
  /** What the window said to the browser's console, for the logs of a failure. */
  readonly said: string[] = [];

  private constructor(page: Page) {
    this.page = page;
    page.on('console', (message) => this.said.push(`${message.type()}: ${message.text()}`));
  }

  /** A window that is not opened yet: for those who must listen before it is. */
  static async prepare(browser: Browser): Promise<Workbench> {
    const context = await browser.newContext({ viewport: { width: 1400, height: 900 } });
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    if (SLOWER > 1) await slowDown(page, SLOWER);
    return new Workbench(page);
  }

  static async open(
    browser: Browser,
    server: Server,
    { folder, payload }: WindowOptions = {},
  ): Promise<Workbench> {
    const workbench = await Workbench.prepare(browser);
    await workbench.page.goto(server.url(folder, payload));
    await workbench.ready();
    return workbench;
  }

  /** Reloads the window by its own command: a browser's reload may come before the workbench has kept what is open. */
  async reload(): Promise<void> {
    await this.page.evaluate(() => {
      document.documentElement.dataset['old'] = 'yes';
    });
    await this.command('Developer: Reload Window');
    await until('the page is another one', () =>
      // While one page goes and the next comes there is none to ask.
      this.page
        .evaluate(() => document.documentElement.dataset['old'] !== 'yes')
        .catch(() => false),
    );
    await this.ready();
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }

  async ready(): Promise<void> {
    await this.page.locator('.monaco-workbench .part.statusbar').waitFor();
    await this.activityIcon.waitFor();
  }

  get activityIcon(): Locator {
    return this.page.locator('.activitybar .action-label[aria-label^="Refpoint"]');
  }

  /** Shows the side bar of Refpoint with its three views. */
  async showViews(): Promise<void> {
    const shown = this.view('Hosts');
    // A window that was reloaded may be about to show them itself: a click would then hide them.
    await until('the views are shown', async () => {
      if (await shown.isVisible()) return true;
      await this.activityIcon.click();
      await shown.waitFor({ timeout: 3000 }).catch(() => undefined);
      return shown.isVisible();
    });
  }

  /** One of the views: header, rows, or what it says when it is empty. */
  view(name: 'Hosts' | 'Stores' | 'Jobs'): Locator {
    const header = this.page.locator(`.pane-header[aria-label^="${name} Section"]`);
    return this.page.locator('.sidebar .pane', { has: header });
  }

  row(view: 'Hosts' | 'Stores' | 'Jobs', text: string | RegExp): Locator {
    return this.view(view).locator('.monaco-list-row', { hasText: text }).first();
  }

  /** The row of the newest point of a kind: its icon tells that, and a screen reader its words. */
  point(kind: 'Full' | 'Incremental', words = ''): Locator {
    const label = `[aria-label^="${kind} point"]${words === '' ? '' : `[aria-label*="${words}"]`}`;
    return this.view('Stores').locator(`.monaco-list-row${label}`).first();
  }

  /** Opens a node of a tree that is closed. */
  async expand(row: Locator): Promise<void> {
    await row.waitFor();
    if ((await row.getAttribute('aria-expanded')) !== 'false') return;
    await row.locator('.monaco-tl-twistie').click();
  }

  /** Runs a command from the palette, by its title. */
  async command(title: string): Promise<void> {
    const { keyboard } = this.page;
    const focused = this.page.locator('.quick-input-widget .quick-input-box input:focus');
    let asked = 0;
    // The question before may still be going away, and takes what is typed with it; or a view that opens takes the focus.
    await until(`the palette takes “${title}”`, async () => {
      if (asked === 0 || (Date.now() - asked > AGAIN_MS && (await focused.count()) === 0)) {
        await keyboard.press('F1');
        asked = Date.now();
      }
      if ((await focused.count()) === 0) return false;
      if ((await this.quickInput.inputValue()) === `>${title}`) return true;
      await keyboard.press('Control+A');
      await keyboard.insertText(`>${title}`);
      return false;
    });
    await this.quickRow(title).waitFor();
    // Other titles may contain this one, and come first; a test may also name the beginning of a title.
    const names = this.page.locator('.quick-input-list .monaco-list-row .label-name');
    const found = (await names.allTextContents()).map((name) => name.trim());
    const at = this.page.locator('.quick-input-list .monaco-list-row.focused .label-name');
    await until(`the palette is at “${title}”`, async () => {
      if (!found.includes(title)) return true;
      if ((await at.count()) === 0) return false;
      if ((await at.first().textContent())?.trim() === title) return true;
      await keyboard.press('ArrowDown');
      return false;
    });
    await keyboard.press('Enter');
  }

  /**
   * Runs a command that asks a question. A view that takes the focus late closes the question: a person runs the command again.
   */
  async commandAsks(title: string, question: string): Promise<void> {
    const heading = this.page
      .locator('.quick-input-widget .quick-input-title', { hasText: question })
      .first();
    const focused = this.page.locator('.quick-input-widget .quick-input-box input:focus');
    await until(`“${title}” asks “${question}”`, async () => {
      await this.command(title);
      await heading.waitFor({ timeout: 5 * AGAIN_MS }).catch(() => undefined);
      // A view that takes the focus late does so in this time.
      await sleep(500);
      return (await heading.isVisible()) && (await focused.count()) === 1;
    });
  }

  get quickInput(): Locator {
    return this.page.locator('.quick-input-widget .quick-input-box input').first();
  }

  /** What a multi-step question is called. */
  async question(title: string | RegExp): Promise<void> {
    const heading = this.page.locator('.quick-input-widget .quick-input-title', { hasText: title });
    await heading.first().waitFor();
  }

  quickRow(text: string | RegExp): Locator {
    return this.page.locator('.quick-input-list .monaco-list-row', { hasText: text }).first();
  }

  /** Answers a question by one of its rows. */
  async choose(title: string | RegExp, row: string | RegExp): Promise<void> {
    await this.question(title);
    await this.quickRow(row).click();
  }

  /** Answers a question by a text. */
  async answer(title: string | RegExp, text: string): Promise<void> {
    await this.question(title);
    await this.quickInput.fill(text);
    await this.page.keyboard.press('Enter');
  }

  notification(text: string | RegExp): Locator {
    return this.page.locator('.notification-toast', { hasText: text }).first();
  }

  async press(notification: Locator, button: string): Promise<void> {
    await notification.waitFor();
    await notification.hover();
    await notification.getByRole('button', { name: button }).click();
  }

  async dismissNotifications(): Promise<void> {
    await this.command('Notifications: Clear All Notifications');
    await until('the notifications are gone', async () => {
      return (await this.page.locator('.notification-toast').count()) === 0;
    });
  }

  /** A question that stands in front of everything. */
  get dialog(): Locator {
    return this.page.locator('.monaco-dialog-box');
  }

  async answerDialog(button: string): Promise<void> {
    await this.dialog.waitFor();
    await this.dialog.getByRole('button', { name: button }).click();
    await this.dialog.waitFor({ state: 'hidden' });
  }

  tab(text: string | RegExp): Locator {
    return this.page.locator('.tabs-container .tab', { hasText: text }).first();
  }

  /** The document inside of the webview that is seen. */
  get webview(): FrameLocator {
    return this.page
      .frameLocator('iframe.webview.ready >> visible=true')
      .frameLocator('iframe#active-frame');
  }

  /** Waits until the text editor in front shows this; blanks are as people type them. */
  async editorShows(text: RegExp): Promise<void> {
    const lines = this.page.locator('.editor-instance .view-lines .view-line');
    await until(`the editor shows ${text}`, async () =>
      text.test((await lines.allTextContents()).join('\n').replaceAll('\u00A0', ' ')),
    );
  }

  /**
   * Selects rows of the Explorer together, and sees that they stay so: an editor that opens late selects its own file there, and
   * the row before then loses its selection.
   */
  async selectFiles(first: string, ...others: string[]): Promise<void> {
    const row = (name: string): Locator =>
      this.page.locator('.explorer-folders-view .monaco-list-row', { hasText: name }).first();
    const rows = [first, ...others].map(row);
    const selected = async (): Promise<boolean> => {
      const labels = await Promise.all(rows.map((each) => each.getAttribute('aria-selected')));
      return labels.every((label) => label === 'true');
    };
    await until('the files are selected together', async () => {
      await row(first).click();
      await this.tab(first).waitFor();
      for (const name of others) await row(name).click({ modifiers: ['Control'] });
      if (!(await selected())) return false;
      await sleep(500);
      return selected();
    });
  }

  /** Chooses from the menu of a row; with `look` only shows the entry. */
  async menu(row: Locator, entry: string, how: 'choose' | 'look' = 'choose'): Promise<void> {
    const item = this.page.locator('.monaco-menu').getByRole('menuitem', { name: entry });
    // A tree that is drawn again closes a menu that was about to open: a person asks again.
    await until(`the menu has “${entry}”`, async () => {
      await row.click({ button: 'right' });
      await item.waitFor({ timeout: MENU_MS }).catch(() => undefined);
      return item.isVisible();
    });
    if (how === 'look') return;
    // A menu that has just opened does not heed the button's release, lest it chooses by accident.
    await until(`“${entry}” is chosen`, async () => {
      if (!(await item.isVisible())) return true;
      await item.click();
      await sleep(150);
      return false;
    });
  }
}

/** Waits for something that no locator can wait for. */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | false> | T | undefined | false,
  milliseconds = PATIENCE_MS,
): Promise<T> {
  const end = Date.now() + milliseconds;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > end) throw new Error(`${what}: not within ${milliseconds / 1000} s`);
    await sleep(100);
  }
}
