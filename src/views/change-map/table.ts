import type { MapInfo, RangeRow } from '../../engine/api/change-map.ts';
import { element, setText } from '../common/dom.ts';
import { fill } from '../common/format.ts';
import type { PageCache } from './page-cache.ts';
import { scrollTopFor, topRow, trackHeight } from './table-scroll.ts';
import type { Words } from './words.ts';

const ROW_HEIGHT = 22;
/** The head stays in place above the rows. */
const HEAD_HEIGHT = 24;

/** The ranges as a grid of which only the rows in view exist; keys move the active row, Enter shows it on the map. */
export class RangeTable {
  readonly root: HTMLElement;
  /** It scrolls and has the keyboard's focus. */
  readonly #grid = element('div', { class: 'grid', role: 'grid', tabindex: 0 });
  readonly #track = element('div', { class: 'track', role: 'rowgroup' });
  readonly #window = element('div', { class: 'visible', role: 'presentation' });
  readonly #empty = element('p', { class: 'empty' });
  readonly #pages: PageCache;
  readonly #words: Words;
  #info: MapInfo | undefined;
  #total = 0;
  #top = 0;
  #active = 0;
  readonly #onOpen: (row: RangeRow) => void;
  readonly #columns: readonly string[];

  constructor(words: Words, pages: PageCache, onOpen: (row: RangeRow) => void) {
    const { strings } = words;
    this.#words = words;
    this.#pages = pages;
    this.#onOpen = onOpen;
    this.#columns = [
      strings.columnStart,
      strings.columnLength,
      strings.columnState,
      strings.columnPartition,
      strings.columnPoint,
    ];
    const heads = this.#columns.map((name) => element('div', { role: 'columnheader' }, name));
    const head = element('div', { class: 'row head', role: 'row', 'aria-rowindex': 1 }, ...heads);
    const heading = element('div', { class: 'heading', role: 'rowgroup' }, head);
    this.#grid.setAttribute('aria-colcount', String(this.#columns.length));
    this.#track.append(this.#window);
    this.#grid.append(heading, this.#track);
    this.root = element('div', { class: 'table' }, this.#grid, this.#empty);
    this.#grid.addEventListener('scroll', () => this.#scrolled());
    this.#grid.addEventListener('wheel', (event) => this.#wheel(event), { passive: false });
    this.#grid.addEventListener('keydown', (event) => this.#key(event));
    this.#window.addEventListener('click', (event) => this.#click(event));
    this.#window.addEventListener('dblclick', () => this.#openActive());
  }

  /** Rows of another frame or map. */
  show(info: MapInfo, total: number | undefined): void {
    this.#info = info;
    this.#total = total ?? 0;
    const { strings } = this.#words;
    this.#grid.setAttribute('aria-label', fill(strings.tableLabel, info.title));
    this.#grid.setAttribute('aria-rowcount', String(total === undefined ? -1 : total + 1));
    setText(this.#empty, total === 0 ? strings.tableEmpty : '');
    this.#empty.hidden = total !== 0;
    this.#track.style.height = `${trackHeight(this.#total, ROW_HEIGHT)}px`;
    this.#active = Math.min(this.#active, Math.max(0, this.#total - 1));
    this.draw();
  }

  goTo(row: number): void {
    this.#active = Math.max(0, Math.min(this.#total - 1, row));
    const visible = this.#visibleRows();
    if (this.#active < this.#top) this.#setTop(this.#active);
    else if (this.#active >= this.#top + visible) this.#setTop(this.#active - visible + 1);
    this.draw();
  }

  draw(): void {
    const info = this.#info;
    if (info === undefined || this.root.hidden) return;
    const count = Math.min(this.#visibleRows() + 1, this.#total - this.#top);
    const rows: HTMLElement[] = [];
    for (let i = 0; i < count; i++) rows.push(this.#row(this.#top + i, info));
    this.#window.replaceChildren(...rows);
    this.#window.style.top = `${this.#grid.scrollTop}px`;
    const seen = this.#active >= this.#top && this.#active < this.#top + count;
    if (seen) this.#grid.setAttribute('aria-activedescendant', rowId(this.#active));
    else this.#grid.removeAttribute('aria-activedescendant');
  }

  #row(index: number, info: MapInfo): HTMLElement {
    const row = this.#pages.row(index);
    const made = element('div', {
      class: index === this.#active ? 'row active' : 'row',
      role: 'row',
      id: rowId(index),
      'aria-rowindex': index + 2,
      'aria-selected': index === this.#active ? 'true' : 'false',
    });
    made.dataset['row'] = String(index);
    const texts =
      row === undefined ? [this.#words.strings.rowLoading, '', '', '', ''] : this.#cells(row, info);
    made.append(...texts.map((text) => element('div', { role: 'gridcell', title: text }, text)));
    return made;
  }

  #cells(row: RangeRow, info: MapInfo): string[] {
    const { format } = this.#words;
    return [
      `${format.count(row.start)} (${format.bytes(row.start)})`,
      `${format.count(row.length)} (${format.bytes(row.length)})`,
      this.#words.state(row.state, info),
      this.#words.partitionOf(row.partition, info) ?? '',
      row.point ?? '',
    ];
  }

  #visibleRows(): number {
    return Math.max(1, Math.floor(this.#height / ROW_HEIGHT));
  }

  /** Of the rows. */
  get #height(): number {
    return this.#grid.clientHeight - HEAD_HEIGHT;
  }

  #scrolled(): void {
    const { scrollTop } = this.#grid;
    this.#top = topRow(scrollTop, this.#height, this.#total, ROW_HEIGHT, this.#top);
    this.draw();
  }

  /** Where a pixel of the track stands for many rows, a wheel still goes row by row. */
  #wheel(event: WheelEvent): void {
    if (trackHeight(this.#total, ROW_HEIGHT) === this.#total * ROW_HEIGHT) return;
    event.preventDefault();
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 1 : 1 / ROW_HEIGHT;
    const rows = Math.round(event.deltaY * unit) || Math.sign(event.deltaY);
    this.#setTop(this.#top + rows);
    this.draw();
  }

  #setTop(row: number): void {
    this.#top = Math.max(0, Math.min(this.#total - this.#visibleRows(), row));
    this.#grid.scrollTop = scrollTopFor(this.#top, this.#height, this.#total, ROW_HEIGHT);
  }

  #key(event: KeyboardEvent): void {
    const page = this.#visibleRows();
    const steps: Readonly<Record<string, number>> = {
      ArrowUp: -1,
      ArrowDown: 1,
      PageUp: -page,
      PageDown: page,
      Home: -this.#total,
      End: this.#total,
    };
    const step = steps[event.key];
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

const rowId = (index: number): string => `range-${index}`;
