import { element } from '../dom.ts';
import { rowStep, VirtualRows } from './virtual-rows.ts';

export interface RowListOptions {
  readonly role: 'tree' | 'listbox' | 'grid';
  /** Its class; `row-list` by default. */
  readonly className?: string;
  /** Begins the ids of rows. */
  readonly name: string;
  readonly label: string;
  readonly rowHeight: number;
  /** What stays in place above the rows, with its height in pixels. */
  readonly head?: { readonly root: HTMLElement; readonly height: number };
  /** A row without id and mark of being active. */
  readonly row: (index: number) => HTMLElement;
  /** Rows [from, end) are in view. */
  readonly onDrawn?: (from: number, end: number) => void;
  /** The active row has changed, by a key or a click. */
  readonly onActive?: (index: number) => void;
  /** A double click, or Enter. */
  readonly onOpen: (index: number) => void;
  /** Other keys; says whether it took it. */
  readonly onKey?: (event: KeyboardEvent, index: number) => boolean;
}

/** Rows of one line with one that is active: the list keeps the keyboard's focus and says which row has it. */
export class RowList {
  readonly root: HTMLElement;
  readonly #options: RowListOptions;
  readonly #rows: VirtualRows;
  #active = 0;

  constructor(options: RowListOptions) {
    this.#options = options;
    const { role, label, rowHeight, head, className = 'row-list' } = options;
    const trackRole = role === 'grid' ? 'rowgroup' : 'presentation';
    const track = element('div', { class: 'track', role: trackRole });
    this.root = element(
      'div',
      { class: className, role, tabindex: 0, 'aria-label': label },
      ...(head === undefined ? [] : [head.root]),
      track,
    );
    this.#rows = new VirtualRows(this.root, track, {
      rowHeight,
      headHeight: head?.height ?? 0,
      row: (index) => this.#row(index),
      drawn: (from, end) => this.#drawn(from, end),
    });
    this.root.addEventListener('keydown', (event) => this.#key(event));
    this.root.addEventListener('click', (event) => this.#click(event));
    track.addEventListener('dblclick', ({ target }) => {
      // Parts with a meaning of their own got two clicks.
      if ((target as Element).closest('[data-own]') === null) options.onOpen(this.#active);
    });
  }

  get active(): number {
    return this.#active;
  }

  resize(total: number): void {
    this.#rows.resize(total);
    this.#active = Math.max(0, Math.min(total - 1, this.#active));
  }

  /** Makes a row active and brings it into view; says nothing to `onActive`. */
  goTo(index: number): void {
    this.#active = Math.max(0, Math.min(this.#rows.total - 1, index));
    this.#rows.reveal(this.#active);
    this.draw();
  }

  draw(): void {
    // Without a place on the page there is nothing to measure.
    if (this.root.clientHeight > 0) this.#rows.draw();
  }

  #row(index: number): HTMLElement {
    const row = this.#options.row(index);
    const active = index === this.#active;
    row.id = this.#id(index);
    row.dataset['row'] = String(index);
    row.setAttribute('aria-selected', String(active));
    row.classList.add('row');
    row.classList.toggle('active', active);
    return row;
  }

  #drawn(from: number, end: number): void {
    const seen = this.#active >= from && this.#active < end;
    if (seen) this.root.setAttribute('aria-activedescendant', this.#id(this.#active));
    else this.root.removeAttribute('aria-activedescendant');
    this.#options.onDrawn?.(from, end);
  }

  #id(index: number): string {
    return `${this.#options.name}-${index}`;
  }

  #move(index: number): void {
    this.goTo(index);
    this.#options.onActive?.(this.#active);
  }

  #key(event: KeyboardEvent): void {
    const { onKey, onOpen } = this.#options;
    const { ctrlKey, metaKey, altKey, key } = event;
    // Control with these means the same in a grid.
    const modified = altKey || ((ctrlKey || metaKey) && key !== 'Home' && key !== 'End');
    const step = rowStep(key, this.#rows.visible, this.#rows.total);
    if (onKey?.(event, this.#active) === true) event.preventDefault();
    else if (modified) return;
    else if (step !== undefined) {
      event.preventDefault();
      this.#move(this.#active + step);
    } else if (key === 'Enter') {
      event.preventDefault();
      onOpen(this.#active);
    }
  }

  #click({ target }: MouseEvent): void {
    const row = (target as Element).closest<HTMLElement>('[data-row]');
    if (row !== null) this.#move(Number(row.dataset['row']));
  }
}
