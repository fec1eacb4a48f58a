import type { MapInfo, RangeRow, RowOrder, RowSort } from '../../../engine/api/change-map.ts';
import { element, setText } from '../../common/dom.ts';
import { fill } from '../../common/words/format.ts';
import { RowList } from '../../common/rows/row-list.ts';
import { PAGE_ROWS, type PageCache } from '../draw/map-loader.ts';
import { DISK_ORDER } from '../state/store.ts';
import { sortName, sortsOf, TableBar } from './table-bar.ts';
import type { Words } from '../state/words.ts';

const ROW_HEIGHT = 22;
/** The head stays fixed above the rows. */
const HEAD_HEIGHT = 24;

/**
 * The ranges as a grid that creates only the visible rows. Keys move the active row; Enter shows it
 * on the map.
 */
export class RangeTable {
  readonly root: HTMLElement;
  readonly #list: RowList;
  readonly #empty = element('p', { class: 'empty' });
  readonly #pages: PageCache;
  readonly #words: Words;
  #info: MapInfo | undefined;
  readonly #onOpen: (row: RangeRow) => void;
  readonly #head = element('div', { class: 'row head', role: 'row', 'aria-rowindex': 1 });
  #columns: readonly Column[] = [];

  readonly #bar: TableBar;
  readonly #onOrder: (order: RowOrder) => void;
  #order = DISK_ORDER;

  constructor(
    words: Words,
    pages: PageCache,
    onOpen: (row: RangeRow) => void,
    onOrder: (order: RowOrder) => void,
  ) {
    this.#words = words;
    this.#pages = pages;
    this.#onOpen = onOpen;
    this.#onOrder = onOrder;
    this.#bar = new TableBar(words, DISK_ORDER, onOrder);
    const heading = element('div', { class: 'heading', role: 'rowgroup' }, this.#head);
    this.#list = new RowList({
      role: 'grid',
      className: 'grid',
      name: 'range',
      label: '',
      rowHeight: ROW_HEIGHT,
      head: { root: heading, height: HEAD_HEIGHT },
      row: (index) => this.#row(index),
      onDrawn: (from, end) => this.#wantPages(from, end),
      onOpen: (index) => {
        const row = this.#rowOf(index);
        if (row !== undefined) this.#onOpen(row);
      },
    });
    this.root = element('div', { class: 'table' }, this.#bar.root, this.#list.root, this.#empty);
  }

  /** Shows the rows of another frame or map. */
  show(info: MapInfo, total: number | undefined): void {
    if (info !== this.#info) this.#setColumns(info);
    this.#info = info;
    const { strings } = this.#words;
    const grid = this.#list.root;
    grid.setAttribute('aria-label', fill(strings.tableLabel, info.title));
    grid.setAttribute('aria-rowcount', String(total === undefined ? -1 : total + 1));
    setText(this.#empty, total === 0 ? strings.tableEmpty : '');
    this.#empty.hidden = total !== 0;
    this.#list.resize(total ?? 0);
    this.#redraw();
  }

  draw(order: RowOrder): void {
    if (this.#info === undefined) return;
    this.#order = order;
    this.#bar.draw(this.#info, order);
    this.#drawHeads();
    this.#redraw();
  }

  #redraw(): void {
    if (this.#info === undefined || this.root.hidden) return;
    this.#list.draw();
  }

  /** Requests the pages of the visible rows. */
  #wantPages(from: number, end: number): void {
    const first = Math.floor(from / PAGE_ROWS);
    const last = Math.floor(Math.max(from, end - 1) / PAGE_ROWS);
    if (end > from) {
      this.#pages.want(Array.from({ length: last - first + 1 }, (_, i) => first + i));
    }
  }

  /** Returns the row, or undefined while its page is loading. */
  #rowOf(index: number): RangeRow | undefined {
    return this.#pages.get(Math.floor(index / PAGE_ROWS))?.[index % PAGE_ROWS];
  }

  #row(index: number): HTMLElement {
    const row = this.#rowOf(index);
    const made = element('div', { role: 'row', 'aria-rowindex': index + 2 });
    const texts = this.#columns.map(({ text }, i) => {
      if (row !== undefined) return text(row);
      return i === 0 ? this.#words.strings.rowLoading : '';
    });
    made.append(...texts.map((text) => element('div', { role: 'gridcell', title: text }, text)));
    return made;
  }

  /** Shows only columns for which this map has data. */
  #setColumns(info: MapInfo): void {
    const { strings, format } = this.#words;
    const bytes = (count: number): string => `${format.count(count)} (${format.bytes(count)})`;
    const texts: Readonly<Record<RowSort, Column['text']>> = {
      start: ({ start }) => bytes(start),
      length: ({ length }) => bytes(length),
      state: ({ state }) => this.#words.state(state, info),
      partition: ({ partition }) => this.#words.partitionOf(partition, info) ?? '',
      point: ({ point }) => point ?? '',
    };
    const columns = sortsOf(info).map((sort) => ({
      sort,
      name: sortName(sort, this.#words),
      text: texts[sort],
    }));
    this.#columns = columns;
    this.#list.root.setAttribute('aria-colcount', String(columns.length));
    const heads = columns.map(({ name, sort }) => {
      const head = element('div', { role: 'columnheader', title: strings.sortTip }, name);
      head.addEventListener('click', () => this.#sortBy(sort));
      return head;
    });
    this.#head.replaceChildren(...heads);
  }

  /** A second click on a column head reverses its order. */
  #sortBy(sort: RowSort): void {
    const descending = sort === this.#order.sort && !this.#order.descending;
    this.#onOrder({ ...this.#order, sort, descending });
  }

  #drawHeads(): void {
    const { sort, descending } = this.#order;
    for (const [i, head] of [...this.#head.children].entries()) {
      const own = this.#columns[i]?.sort === sort;
      head.setAttribute('aria-sort', own ? (descending ? 'descending' : 'ascending') : 'none');
    }
  }
}

interface Column {
  readonly sort: RowSort;
  readonly name: string;
  readonly text: (row: RangeRow) => string;
}
