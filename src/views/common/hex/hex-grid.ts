import { element } from '../dom.ts';
import { VirtualRows } from '../rows/virtual-rows.ts';
import { hexByte, hexLayout, offsetDigits, type HexLayout } from './hex-format.ts';
import { byteCommand } from './hex-keyboard.ts';
import { byteAt, hexRow, rowId, type ByteSelection } from './hex-row.ts';

const ROW_HEIGHT = 20;
const HEAD_HEIGHT = 22;
/** Horizontal padding of a row, in pixels. */
const MARGIN = 10;

/** The bytes that a grid shows. */
export interface HexData {
  readonly size: number;
  /** Another value if bytes have arrived or changed. */
  readonly version: unknown;
  readonly marked: ByteSelection;
  /** Returns bytes of one row; undefined marks bytes that are loading. */
  bytes(offset: number, count: number): readonly (number | undefined)[];
  /** Called with the bytes in view after they were drawn. */
  want(start: number, end: number): void;
  /** Returns the class that colours the start of a row. */
  kind(offset: number): string;
  /** Whether a byte is to stand out. */
  readonly stands?: (offset: number) => boolean;
}

export interface HexGridOptions {
  readonly label: string;
  readonly texts: { readonly bytesOffset: string; readonly bytesText: string };
  /** ID of the element that describes the keys. */
  readonly helpId: string;
  /** Prefix of the IDs of rows, if several grids are on a page. */
  readonly idPrefix?: string;
  readonly mark: (marked: ByteSelection) => void;
  readonly command: (command: 'copy' | 'goTo' | 'find') => void;
  /** Called after the grid scrolled. */
  readonly scrolled?: (top: number) => void;
}

/** Rows of bytes, with only the visible ones created; keys and pointer select bytes. */
export class HexGrid {
  readonly root: HTMLElement;
  readonly #options: HexGridOptions;
  readonly #rows: VirtualRows;
  readonly #head = element('div', { class: 'hex-row head', role: 'row', 'aria-rowindex': 1 });
  #data: HexData | undefined;
  #layout: HexLayout = { perRow: 16, text: true };
  #digits = 8;
  #character = 8;
  /** The fixed end of the selection. */
  #anchor = 0;
  /** Offset to scroll to when the grid has a size. */
  #revealing: number | undefined;
  #drawn: readonly unknown[] = [];

  constructor(options: HexGridOptions) {
    this.#options = options;
    const track = element('div', { class: 'track', role: 'rowgroup' });
    this.root = element(
      'div',
      {
        class: 'hex-grid',
        role: 'grid',
        tabindex: 0,
        'aria-label': options.label,
        'aria-describedby': options.helpId,
      },
      element('div', { class: 'heading', role: 'rowgroup' }, this.#head),
      track,
    );
    this.#rows = new VirtualRows(this.root, track, {
      rowHeight: ROW_HEIGHT,
      headHeight: HEAD_HEIGHT,
      row: (index) => this.#row(index),
      drawn: (from, end) => this.#drew(from, end),
    });
    this.root.addEventListener('keydown', (event) => this.#key(event));
    this.#listenToPointer(track);
  }

  /** Brings an offset into view. */
  reveal(offset: number): void {
    this.#anchor = offset;
    this.#revealing = offset;
  }

  /** Shows the same rows as a grid beside this one that scrolled. */
  follow(top: number): void {
    const row = Math.floor(top / this.#layout.perRow);
    if (this.#data === undefined || row === this.#rows.top) return;
    this.#rows.scrollTo(row);
    this.#rows.draw();
  }

  /** Moves the fixed end of the selection, which was made elsewhere. */
  anchorAt(offset: number): void {
    this.#anchor = offset;
  }

  /** Discards font measurements, since the theme and with it the font may have changed. */
  forgetMeasures(): void {
    this.#drawn = [];
  }

  draw(data: HexData): void {
    this.#data = data;
    const { clientWidth, clientHeight } = this.root;
    if (data.size === 0 || clientHeight === 0) return;
    const { offset, length } = data.marked;
    const drawn = [data.size, clientWidth, clientHeight, data.stands, offset, length, data.version];
    const same = (each: unknown, i: number): boolean => each === this.#drawn[i];
    if (this.#revealing === undefined && this.#drawn.length > 0 && drawn.every(same)) return;
    if (this.#drawn.length === 0 || !drawn.slice(0, 3).every(same)) this.#measure(clientWidth);
    this.#drawn = drawn;
    if (this.#revealing !== undefined) this.#reveal(this.#revealing);
    this.#revealing = undefined;
    this.#rows.draw();
  }

  /** Scrolls the offset to slightly below the top, unless it is visible already. */
  #reveal(offset: number): void {
    const row = Math.floor(offset / this.#layout.perRow);
    const { top, visible } = this.#rows;
    if (row >= top && row < top + visible) return;
    this.#rows.scrollTo(row - Math.min(3, Math.floor(visible / 4)));
  }

  #measure(width: number): void {
    const size = this.#data?.size ?? 0;
    const { font } = getComputedStyle(this.root);
    const context = document.createElement('canvas').getContext('2d');
    if (context !== null) {
      context.font = font;
      this.#character = context.measureText('0'.repeat(64)).width / 64;
    }
    this.#digits = offsetDigits(size);
    const first = this.#rows.top * this.#layout.perRow;
    this.#layout = hexLayout(Math.floor((width - MARGIN) / this.#character), this.#digits);
    const { perRow } = this.#layout;
    this.root.dataset['perRow'] = String(perRow);
    const rows = Math.ceil(size / perRow);
    this.root.setAttribute('aria-rowcount', String(rows + 1));
    this.#rows.resize(rows);
    this.#rows.scrollTo(Math.floor(first / perRow));
    this.#makeHead();
  }

  #makeHead(): void {
    const { bytesOffset, bytesText } = this.#options.texts;
    const { perRow, text } = this.#layout;
    const numbers = Array.from({ length: perRow }, (_, i) => hexByte(i)).join(' ');
    const offset = bytesOffset.slice(0, this.#digits).padEnd(this.#digits);
    this.#head.replaceChildren(
      element('span', { class: 'offset', role: 'columnheader' }, offset),
      element('span', { class: 'cells', role: 'columnheader' }, numbers),
      ...(text ? [element('span', { class: 'text', role: 'columnheader' }, bytesText)] : []),
    );
  }

  #row(index: number): HTMLElement {
    const data = this.#data as HexData;
    const { perRow, text } = this.#layout;
    const offset = index * perRow;
    return hexRow({
      index,
      idPrefix: this.#options.idPrefix,
      offset,
      digits: this.#digits,
      bytes: data.bytes(offset, Math.min(perRow, data.size - offset)),
      perRow,
      text,
      marked: data.marked,
      kind: data.kind(offset),
      stands: data.stands,
    });
  }

  #drew(from: number, end: number): void {
    const data = this.#data;
    if (data === undefined) return;
    const { perRow } = this.#layout;
    data.want(from * perRow, Math.min(end * perRow, data.size));
    this.#options.scrolled?.(from * perRow);
    const row = Math.floor(data.marked.offset / perRow);
    if (row >= from && row < end) {
      this.root.setAttribute('aria-activedescendant', rowId(row, this.#options.idPrefix));
    } else this.root.removeAttribute('aria-activedescendant');
  }

  #key(event: KeyboardEvent): void {
    const data = this.#data;
    const { key, shiftKey, ctrlKey, metaKey, altKey } = event;
    if (altKey || data === undefined) return;
    const { marked, size } = data;
    // The end of the selection opposite the anchor.
    const last = marked.offset + marked.length - 1;
    const now = shiftKey && this.#anchor === marked.offset ? last : marked.offset;
    const command = byteCommand(
      { key, modified: ctrlKey || metaKey },
      { now, size, perRow: this.#layout.perRow, rows: this.#rows.visible },
    );
    if (command === undefined) return;
    event.preventDefault();
    if (command.type === 'move') this.#mark(command.offset, shiftKey);
    else this.#options.command(command.type);
  }

  #mark(offset: number, extend: boolean): void {
    if (!extend) this.#anchor = offset;
    const start = Math.min(this.#anchor, offset);
    const length = Math.abs(this.#anchor - offset) + 1;
    this.#rows.reveal(Math.floor(offset / this.#layout.perRow));
    this.#options.mark({ offset: start, length });
  }

  #listenToPointer(track: HTMLElement): void {
    track.addEventListener('pointerdown', (event) => {
      const offset = this.#offsetAt(event);
      if (offset === undefined || event.button !== 0) return;
      // Rows are recreated during a drag, which would lose a native text selection.
      event.preventDefault();
      this.root.focus();
      this.#mark(offset, event.shiftKey);
    });
    track.addEventListener('pointermove', (event) => {
      if ((event.buttons & 1) === 0) return;
      const offset = this.#offsetAt(event);
      if (offset !== undefined) this.#mark(offset, true);
    });
  }

  /** Returns the byte under the pointer. */
  #offsetAt({ target, clientX }: PointerEvent): number | undefined {
    const area = (target as Element).closest<HTMLElement>('.cells, .text');
    const index = area?.parentElement?.ariaRowIndex;
    if (area === null || index === null || index === undefined) return undefined;
    const x = clientX - area.getBoundingClientRect().left;
    const name = area.classList.contains('cells') ? 'cells' : 'text';
    const { perRow } = this.#layout;
    const row = (Number(index) - 2) * perRow;
    const offset = row + byteAt(x, this.#character, name, perRow);
    return offset < (this.#data?.size ?? 0) ? offset : undefined;
  }
}
