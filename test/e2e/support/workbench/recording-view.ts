import type { Locator } from './playwright.ts';
import { until, type Workbench } from './workbench.ts';

/** The recording that is in front. */
export class RecordingView {
  readonly #workbench: Workbench;

  constructor(workbench: Workbench) {
    this.#workbench = workbench;
  }

  get #root(): Locator {
    return this.#workbench.webview.locator('#root');
  }

  /** Rows of the list that are in view. */
  get rows(): Locator {
    return this.#workbench.webview.locator('.list-box [role=option]');
  }

  /** The chosen exchange. */
  get exchange(): Locator {
    return this.#workbench.webview.locator('.exchange');
  }

  button(name: string): Locator {
    return this.#workbench.webview.getByRole('button', { name, exact: true });
  }

  /** Waits until the list is there; answers the facts of the recording. */
  async read(): Promise<readonly string[]> {
    await this.rows.first().waitFor();
    return this.#workbench.webview.locator('header .facts li').allTextContents();
  }

  /** Waits until the list is as `holds` says; answers its rows. */
  async list(
    what: string,
    holds: (rows: readonly string[]) => boolean,
  ): Promise<readonly string[]> {
    return until(`the list has ${what}`, async () => {
      const rows = await this.rows.allTextContents();
      return !rows.includes('…') && holds(rows) && rows;
    });
  }

  /** Whether something does not fit into the width of the view. */
  async overflows(): Promise<boolean> {
    return this.#root.evaluate(
      ({ ownerDocument: { documentElement: page } }) => page.scrollWidth > page.clientWidth,
    );
  }
}
