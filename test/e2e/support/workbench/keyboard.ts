import assert from 'node:assert/strict';
import { basename } from 'node:path';
import type { Locator } from './playwright.ts';
import { until, type Workbench } from './workbench.ts';

/** More than there is to be reached with Tab in a window. */
const ROUND = 60;

/** The workbench in the hands of somebody without a mouse: only keys are pressed, and what has the focus is looked at. */
export class Keyboard {
  readonly #workbench: Workbench;

  constructor(workbench: Workbench) {
    this.#workbench = workbench;
  }

  /** From now on a pointer that does anything is counted. */
  async watchPointer(): Promise<void> {
    await this.#workbench.page.evaluate(() => {
      document.documentElement.dataset['pointers'] = '0';
      const count = (): void => {
        const { dataset } = document.documentElement;
        dataset['pointers'] = String(Number(dataset['pointers']) + 1);
      };
      for (const type of ['pointerdown', 'mousedown', 'wheel']) {
        addEventListener(type, count, { capture: true, passive: true });
      }
    });
  }

  async assertNoPointer(): Promise<void> {
    const { page } = this.#workbench;
    const count = await page.evaluate(() => document.documentElement.dataset['pointers']);
    assert.equal(count, '0', 'the pointer was used');
  }

  async press(...keys: readonly string[]): Promise<void> {
    for (const key of keys) await this.#workbench.page.keyboard.press(key);
  }

  async type(text: string): Promise<void> {
    await this.#workbench.page.keyboard.insertText(text);
  }

  /**
   * Goes from element to element until one of this name has the focus, in the window or in its webview. Round after round: what it
   * is after may have yet to come.
   */
  async tabTo(name: string | RegExp, key = 'Tab'): Promise<void> {
    const seen = new Set<string>();
    const reached = async (): Promise<boolean> => {
      for (let i = 0; i < ROUND; i++) {
        const focused = await this.focused();
        if (typeof name === 'string' ? focused === name : name.test(focused)) return true;
        seen.add(focused);
        await this.press(key);
      }
      return false;
    };
    await until(`${key} reaches ${name}`, reached).catch((error: unknown) => {
      throw new Error(`${String(error)}, only: ${[...seen].join(' | ')}`, { cause: error });
    });
  }

  /** Answers the question that is open: types what narrows its list to a row, and takes it. */
  async choose(title: string | RegExp, row: string): Promise<void> {
    await this.#workbench.question(title);
    await this.#workbench.quickRow(row).waitFor();
    await this.#inQuestion();
    await this.type(row);
    await until(`“${row}” is the row that Enter takes`, async () => {
      const first = this.#workbench.page.locator('.quick-input-list .monaco-list-row.focused');
      return (await first.count()) === 1 && (await first.innerText()).includes(row);
    });
    await this.press('Enter');
  }

  /** Answers the question that is open by a text in place of what it suggests. */
  async answer(title: string | RegExp, text: string): Promise<void> {
    await this.#workbench.question(title);
    await this.#inQuestion();
    await this.press('Control+A');
    await this.type(text);
    await this.press('Enter');
  }

  /** Waits until the question has the focus: between two of them the editor has it. */
  async #inQuestion(): Promise<void> {
    await this.#workbench.page
      .locator('.quick-input-widget .quick-input-box input:focus')
      .waitFor();
  }

  /** Answers the dialog that asks for a file. While it looks into a folder it takes no answer, and may set its text back. */
  async file(title: string, path: string): Promise<void> {
    await this.#workbench.question(title);
    const input = this.#workbench.quickInput;
    await until(`the dialog takes ${path}`, async () => {
      if (!(await input.isVisible())) return true;
      if ((await input.inputValue()) !== path) {
        await this.press('Control+A');
        await this.type(path);
      } else if (await this.#workbench.quickRow(basename(path)).isVisible()) {
        await this.press('Enter');
      }
      return false;
    });
  }

  /** Moves down the tree that is about to get the focus until this row has it. */
  async rowOf(tree: Locator, text: string | RegExp, which = ''): Promise<Locator> {
    await tree.locator('.monaco-list:focus-within').waitFor();
    const row = tree.locator(`.monaco-list-row.focused${which}`, { hasText: text });
    return until(`the row ${text}${which} is reached`, async () => {
      await this.press('Home');
      for (let i = 0; i < 40; i++) {
        if ((await row.count()) === 1) return row;
        await this.press('ArrowDown');
      }
      return undefined;
    });
  }

  /** Opens the row that has the focus. */
  async expand(row: Locator): Promise<void> {
    await this.press('ArrowRight');
    await until('the row is open', async () => {
      return (await row.getAttribute('aria-expanded')) === 'true';
    });
  }

  /** Opens the menu of what has the focus and takes an entry. */
  async menu(entry: string | RegExp): Promise<void> {
    await this.press('Shift+F10');
    const menu = this.#workbench.page.locator('.monaco-menu');
    await menu.waitFor();
    const item = menu.locator('.action-item.focused', { hasText: entry });
    await until(`the menu’s “${entry}” has the focus`, async () => {
      for (let i = 0; i < 30 && (await item.count()) === 0; i++) await this.press('ArrowDown');
      return (await item.count()) > 0;
    });
    await this.press('Enter');
    await menu.waitFor({ state: 'hidden' });
  }

  /** Waits until a view that was opened has taken the focus: it would take it from what is asked next. */
  async inWebview(): Promise<void> {
    await until('the webview has the focus', () =>
      this.#workbench.page.evaluate(() => document.activeElement?.tagName === 'IFRAME'),
    );
  }

  /** What has the focus, as it is called: its label, its text, or what it is. */
  async focused(): Promise<string> {
    const { page, webview } = this.#workbench;
    const outside = await page.evaluate(nameOfFocused);
    if (outside !== 'IFRAME') return outside;
    return webview.locator('body').evaluate(nameOfFocused);
  }
}

/** Runs in the page. */
function nameOfFocused(): string {
  const focused = document.activeElement;
  if (focused === null || focused === document.body) return 'BODY';
  const label = focused.getAttribute('aria-label') ?? '';
  const text = (focused.textContent ?? '').trim();
  if (label !== '') return label;
  if (text !== '' && text.length < 80) return text;
  return focused.tagName;
}
