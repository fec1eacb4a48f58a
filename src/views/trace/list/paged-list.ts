import { element } from '../../common/dom.ts';
import { PieceCache } from '../../common/piece-cache.ts';
import { RowList } from '../../common/rows/row-list.ts';

const ROW_HEIGHT = 24;
/** Rows of one request, and requests whose rows are kept. */
const PAGE = 100;
const KEPT = 64;

export interface Page<Row> {
  readonly total: number;
  readonly rows: readonly Row[];
}

interface PagedListOptions<Row> {
  readonly label: string;
  readonly load: (start: number, count: number, signal: AbortSignal) => Promise<Page<Row>>;
  readonly row: (row: Row) => HTMLElement;
  readonly onActive: (row: Row) => void;
  /** Called with the number of rows when it is known. */
  readonly onTotal: (total: number) => void;
  readonly onFailed: (error: unknown) => void;
}

/** A list of any length whose rows come page by page, as they are scrolled into view. */
export class PagedList<Row> {
  readonly root: HTMLElement;
  readonly #list: RowList;
  readonly #pages: PieceCache<number, readonly Row[]>;
  readonly #options: PagedListOptions<Row>;
  /** Whether the active row is to be reported as soon as it is there. */
  #awaited = false;

  constructor(options: PagedListOptions<Row>) {
    this.#options = options;
    this.#pages = new PieceCache<number, readonly Row[]>({
      name: String,
      load: async ([page], signal) => {
        const { total, rows } = await options.load(page * PAGE, PAGE, signal);
        this.#list.resize(total);
        options.onTotal(total);
        return [[page, rows]];
      },
      capacity: KEPT,
      onLoaded: () => {
        this.#list.draw();
        this.#tell();
      },
      onFailed: options.onFailed,
    });
    this.#list = new RowList({
      role: 'listbox',
      name: 'exchange',
      label: options.label,
      rowHeight: ROW_HEIGHT,
      row: (index) => this.#row(index),
      onDrawn: (from, end) => this.#want(from, end),
      onActive: () => this.#report(),
      onOpen: () => this.#report(),
    });
    this.root = this.#list.root;
  }

  /** Reads the rows anew, and reports the first one if `active`. */
  refill(active: boolean): void {
    this.#pages.clear();
    this.#awaited = active;
    this.#list.goTo(0);
    this.#pages.want([0]);
  }

  draw(): void {
    this.#list.draw();
  }

  #get(index: number): Row | undefined {
    return this.#pages.get(Math.floor(index / PAGE))?.[index % PAGE];
  }

  #row(index: number): HTMLElement {
    const row = this.#get(index);
    // A row that is still coming keeps its place.
    return row === undefined ? element('div', { role: 'option' }, '…') : this.#options.row(row);
  }

  #want(from: number, end: number): void {
    const pages = [Math.floor(from / PAGE), Math.floor(Math.max(from, end - 1) / PAGE)];
    this.#pages.want([...new Set(pages)]);
  }

  #report(): void {
    this.#awaited = true;
    this.#tell();
  }

  #tell(): void {
    const row = this.#get(this.#list.active);
    if (!this.#awaited || row === undefined) return;
    this.#awaited = false;
    this.#options.onActive(row);
  }
}
