import type { Page, RangeRow } from '../../../engine/api/change-map.ts';

export const PAGE_ROWS = 200;
const MAX_PAGES = 24;

/** Rows of the table, page by page; the pages that were looked at longest ago are forgotten. */
export class PageCache {
  readonly #load: (from: number, count: number) => Promise<Page>;
  readonly #onLoaded: () => void;
  readonly #onFailed: (error: unknown) => void;
  readonly #pages = new Map<number, readonly RangeRow[]>();
  readonly #coming = new Set<number>();
  #failed = false;
  /** Changes when all is forgotten: answers to older questions are dropped. */
  #age = 0;

  constructor(
    load: (from: number, count: number) => Promise<Page>,
    onLoaded: () => void,
    onFailed: (error: unknown) => void,
  ) {
    this.#load = load;
    this.#onLoaded = onLoaded;
    this.#onFailed = onFailed;
  }

  /** The row, or undefined while its page is on the way. */
  row(index: number): RangeRow | undefined {
    const page = Math.floor(index / PAGE_ROWS);
    const rows = this.#pages.get(page);
    if (rows === undefined) {
      this.#ask(page);
      return undefined;
    }
    this.#pages.delete(page);
    this.#pages.set(page, rows);
    return rows[index - page * PAGE_ROWS];
  }

  clear(): void {
    this.#pages.clear();
    this.#coming.clear();
    this.#failed = false;
    this.#age++;
  }

  retry(): void {
    this.#failed = false;
  }

  #ask(page: number): void {
    if (this.#failed || this.#coming.has(page)) return;
    this.#coming.add(page);
    const age = this.#age;
    void this.#load(page * PAGE_ROWS, PAGE_ROWS).then(
      ({ rows }) => {
        if (age !== this.#age) return;
        this.#coming.delete(page);
        this.#pages.set(page, rows);
        const [oldest] = this.#pages.keys();
        if (this.#pages.size > MAX_PAGES && oldest !== undefined) this.#pages.delete(oldest);
        this.#onLoaded();
      },
      (error: unknown) => {
        if (age !== this.#age) return;
        this.#coming.delete(page);
        this.#failed = true;
        this.#onFailed(error);
      },
    );
  }
}
