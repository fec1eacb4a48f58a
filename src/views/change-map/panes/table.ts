import type { MapInfo, RangeRow, RowOrder, RowSort } from '../../../engine/api/change-map.ts';
import { element, setText } from '../../common/dom.ts';
import { fill } from '../../common/format.ts';
import type { PageCache } from '../state/page-cache.ts';
import { rowStep, VirtualRows } from '../../common/rows/virtual-rows.ts';
import { DISK_ORDER } from '../state/store.ts';
import { sortName, sortsOf, TableBar } from './table-bar.ts';
import type { Words } from '../state/words.ts';

const ROW_HEIGHT = 22;
/** The head stays in place above the rows. */
const HEAD_HEIGHT = 24;

/** The ranges as a grid of which only the rows in view exist; keys move the active row, Enter shows it on the map. */
export class RangeTable {
  readonly root: HTMLElement;
  /** It scrolls and has the keyboard's focus. */
  readonly #grid = element('div', { class: 'grid', role: 'grid', tabindex: 0 });
  readonly #track = element('div', { class: 'track', role: 'rowgroup' });
  readonly #rows: VirtualRows;
  readonly #empty = element('p', { class: 'empty' });
  readonly #pages: PageCache;
  readonly #words: Words;
  #info: MapInfo | undefined;
  #total = 0;
  #active = 0;
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
    this.#grid.append(heading, this.#track);
    this.#rows = new VirtualRows(this.#grid, this.#track, {
      rowHeight: ROW_HEIGHT,
      headHeight: HEAD_HEIGHT,
      row: (index) => this.#row(index),
      drawn: (from, end) => this.#drawn(from, end),
    });
    this.root = element('div', { class: 'table' }, this.#bar.root, this.#grid, this.#empty);
    this.#grid.addEventListener('keydown', (event) => this.#key(event));
    this.#track.addEventListener('click', (event) => this.#click(event));
    this.#track.addEventListener('dblclick', () => this.#openActive());
  }

  /** Rows of another frame or map. */
  show(info: MapInfo, total: number | undefined): void {
    if (info !== this.#info) this.#setColumns(info);
    this.#info = info;
    this.#total = total ?? 0;
    const { strings } = this.#words;
    this.#grid.setAttribute('aria-label', fill(strings.tableLabel, info.title));
    this.#grid.setAttribute('aria-rowcount', String(total === undefined ? -1 : total + 1));
    setText(this.#empty, total === 0 ? strings.tableEmpty : '');
    this.#empty.hidden = total !== 0;
    this.#rows.resize(this.#total);
    this.#active = Math.min(this.#active, Math.max(0, this.#total - 1));
    this.#redraw();
  }

  goTo(row: number): void {
    this.#active = Math.max(0, Math.min(this.#total - 1, row));
    this.#rows.reveal(this.#active);
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
    this.#rows.draw();
  }

  #drawn(from: number, end: number): void {
    const seen = this.#active >= from && this.#active < end;
    if (seen) this.#grid.setAttribute('aria-activedescendant', rowId(this.#active));
    else this.#grid.removeAttribute('aria-activedescendant');
  }

  #row(index: number): HTMLElement {
    const row = this.#pages.row(index);
    const made = element('div', {
      class: index === this.#active ? 'row active' : 'row',
      role: 'row',
      id: rowId(index),
      'aria-rowindex': index + 2,
      'aria-selected': index === this.#active ? 'true' : 'false',
    });
    made.dataset['row'] = String(index);
    const texts = this.#columns.map(({ text }, i) => {
      if (row !== undefined) return text(row);
      return i === 0 ? this.#words.strings.rowLoading : '';
    });
    made.append(...texts.map((text) => element('div', { role: 'gridcell', title: text }, text)));
    return made;
  }

  /** Only those that this map has something to say in. */
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
    this.#grid.setAttribute('aria-colcount', String(columns.length));
    const heads = columns.map(({ name, sort }) => {
      const head = element('div', { role: 'columnheader', title: strings.sortTip }, name);
      head.addEventListener('click', () => this.#sortBy(sort));
      return head;
    });
    this.#head.replaceChildren(...heads);
  }

  /** A second click on a head turns its order round. */
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

  #key(event: KeyboardEvent): void {
    const step = rowStep(event.key, this.#rows.visible, this.#total);
    if (step !== undefined) this.goTo(this.#active + step);
    else if (event.key === 'Enter') this.#openActive();
    else return;
    event.preventDefault();
  }

  #click(event: MouseEvent): void {
    const row = (event.target as Element).closest<HTMLElement>('[data-row]');
    if (row !== null) this.goTo(Number(row.dataset['row']));
  }

  #openActive(): void {
    const row = this.#pages.row(this.#active);
    if (row !== undefined) this.#onOpen(row);
  }
}

interface Column {
  readonly sort: RowSort;
  readonly name: string;
  readonly text: (row: RangeRow) => string;
}

const rowId = (index: number): string => `range-${index}`;
