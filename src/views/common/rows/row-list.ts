import { element } from '../dom.ts';
import { rowStep, VirtualRows } from './virtual-rows.ts';

export interface RowListOptions {
  readonly role: 'tree' | 'listbox' | 'grid';
  /** CSS class of the list; `row-list` by default. */
  readonly className?: string;
  /** Prefix of the rows' IDs. */
  readonly name: string;
  readonly label: string;
  readonly rowHeight: number;
  /** Element fixed above the rows, with its height in pixels. */
  readonly head?: { readonly root: HTMLElement; readonly height: number };
  /** Creates a row, without ID and active mark. */
  readonly row: (index: number) => HTMLElement;
  /** Called with the visible rows [from, end). */
  readonly onDrawn?: (from: number, end: number) => void;
  /** Called when a key or a click changed the active row. */
  readonly onActive?: (index: number) => void;
  /** Called on double click or Enter. */
  readonly onOpen: (index: number) => void;
  /** Called for other keys; returns whether it handled the key. */
  readonly onKey?: (event: KeyboardEvent, index: number) => boolean;
}

/**
 * A list of one-line rows, one of them active: the list keeps the keyboard focus and names the
 * active row to screen readers.
 */
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
      // A double click on a part with its own action does not open the row.
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

  /** Makes a row active and brings it into view, without calling `onActive`. */
  goTo(index: number): void {
    this.#active = Math.max(0, Math.min(this.#rows.total - 1, index));
    this.#rows.reveal(this.#active);
    this.draw();
  }

  draw(): void {
    // An element that is not displayed has no size to measure.
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
    // Control with Home or End has the same meaning in a grid.
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
