import { element } from '../dom.ts';
import { scrollTopFor, topRow, trackHeight } from './virtual-scroll.ts';

export interface VirtualRowsOptions {
  /** Height of every row, in pixels. */
  readonly rowHeight: number;
  /** Height of the head above the rows, in pixels. */
  readonly headHeight: number;
  readonly row: (index: number) => HTMLElement;
  /** Called after rows [from, end) were drawn. */
  readonly drawn?: (from: number, end: number) => void;
}

/** Creates only the visible rows, for any number of rows. */
export class VirtualRows {
  /** The scrolling element. */
  readonly #root: HTMLElement;
  readonly #track: HTMLElement;
  readonly #window = element('div', { class: 'visible', role: 'presentation' });
  readonly #options: VirtualRowsOptions;
  #total = 0;
  #top = 0;

  /** @param track element inside `root` with the height of all rows together */
  constructor(root: HTMLElement, track: HTMLElement, options: VirtualRowsOptions) {
    this.#root = root;
    this.#track = track;
    this.#options = options;
    track.append(this.#window);
    root.addEventListener('scroll', () => this.#scrolled());
    root.addEventListener('wheel', (event) => this.#wheel(event), { passive: false });
  }

  get total(): number {
    return this.#total;
  }

  /** The first visible row. */
  get top(): number {
    return this.#top;
  }

  /** Number of fully visible rows. */
  get visible(): number {
    return Math.max(1, Math.floor(this.#height / this.#options.rowHeight));
  }

  /** Sets the number of rows. */
  resize(total: number): void {
    this.#total = total;
    this.#track.style.height = `${trackHeight(total, this.#options.rowHeight)}px`;
    this.#top = Math.min(this.#top, Math.max(0, total - 1));
  }

  /** Scrolls as little as possible to make the row visible. */
  reveal(row: number): void {
    if (row < this.#top) this.scrollTo(row);
    else if (row >= this.#top + this.visible) this.scrollTo(row - this.visible + 1);
  }

  /** Scrolls the row to the top. */
  scrollTo(row: number): void {
    this.#top = Math.max(0, Math.min(this.#total - this.visible, row));
    this.#root.scrollTop = scrollTopFor(
      this.#top,
      this.#height,
      this.#total,
      this.#options.rowHeight,
    );
  }

  draw(): void {
    const end = Math.min(this.#total, this.#top + this.visible + 1);
    const rows: HTMLElement[] = [];
    for (let i = this.#top; i < end; i++) rows.push(this.#options.row(i));
    this.#window.replaceChildren(...rows);
    this.#window.style.top = `${this.#root.scrollTop}px`;
    this.#options.drawn?.(this.#top, end);
  }

  /** Height of the area for rows, in pixels. */
  get #height(): number {
    return this.#root.clientHeight - this.#options.headHeight;
  }

  #scrolled(): void {
    const { scrollTop } = this.#root;
    this.#top = topRow(scrollTop, this.#height, this.#total, this.#options.rowHeight, this.#top);
    this.draw();
  }

  /** If a pixel of the track stands for many rows, the wheel still scrolls row by row. */
  #wheel(event: WheelEvent): void {
    const { rowHeight } = this.#options;
    if (trackHeight(this.#total, rowHeight) === this.#total * rowHeight) return;
    event.preventDefault();
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 1 : 1 / rowHeight;
    const rows = Math.round(event.deltaY * unit) || Math.sign(event.deltaY);
    this.scrollTo(this.#top + rows);
    this.draw();
  }
}

/** Returns the number of rows that a key moves; undefined for other keys. */
export function rowStep(key: string, page: number, total: number): number | undefined {
  const steps: Readonly<Record<string, number>> = {
    ArrowUp: -1,
    ArrowDown: 1,
    PageUp: -page,
    PageDown: page,
    Home: -total,
    End: total,
  };
  return Object.hasOwn(steps, key) ? steps[key] : undefined;
}
