import type { AnatomyInfo } from '../../../engine/api/anatomy.ts';
import { button, element, setText } from '../../common/dom.ts';
import { fill } from '../../common/words/format.ts';
import { VirtualRows } from '../../common/rows/virtual-rows.ts';
import { fieldAt } from '../state/tree-rows.ts';
import { partAt } from '../file/file-parts.ts';
import { GoTo } from './go-to.ts';
import { bytesPerRow, hexByte, hexOffset, offsetDigits, valuesOf } from '../state/hex-format.ts';
import { byteCommand } from './hex-keyboard.ts';
import { byteAt, hexRow, rowId } from './hex-row.ts';
import { CHUNK, type Loader } from '../state/loader.ts';
import type { Marked } from '../state/store.ts';
import type { ViewContext } from '../state/view-context.ts';

const ROW_HEIGHT = 20;
const HEAD_HEIGHT = 22;
/** Horizontal padding of a row, in pixels. */
const MARGIN = 10;
/** Maximum number of bytes that can be copied: one request returns no more. */
const MOST_COPIED = 65_536;
const VALUE_BYTES = 16;

export interface HexActions {
  /** Shows the field that contains the byte in the tree. */
  readonly showInTree: (key: string) => void;
  readonly copy: (text: string) => void;
}

/** The bytes of the file, with only the visible rows created; keys and pointer select bytes. */
export class HexPane {
  readonly root: HTMLElement;
  readonly #context: ViewContext;
  readonly #loader: Loader;
  readonly #actions: HexActions;
  readonly #goTo: GoTo;
  readonly #grid: HTMLElement;
  readonly #rows: VirtualRows;
  readonly #head = element('div', { class: 'hex-row head', role: 'row', 'aria-rowindex': 1 });
  readonly #empty = element('p', { class: 'empty' });
  readonly #where = element('p', { class: 'where' });
  readonly #whereText = element('span');
  readonly #show: HTMLButtonElement;
  readonly #values = element('dl', { class: 'values' });
  #perRow: 4 | 8 | 16 = 16;
  #digits = 8;
  #character = 8;
  /** The fixed end of the selection. */
  #anchor = 0;
  #field: string | undefined;
  /** Offset to scroll to when the pane has a size. */
  #revealing: number | undefined;
  #drawn: readonly unknown[] = [];

  constructor(context: ViewContext, loader: Loader, actions: HexActions) {
    this.#context = context;
    this.#loader = loader;
    this.#actions = actions;
    const { words } = context;
    const { strings } = words;
    this.#goTo = new GoTo(context, () => this.#grid.focus());
    this.#show = button(strings.showInTree, () => {
      if (this.#field !== undefined) actions.showInTree(this.#field);
    });
    this.#where.append(this.#whereText, this.#show);
    this.#values.setAttribute('aria-label', strings.valueText);
    const track = element('div', { class: 'track', role: 'rowgroup' });
    this.#grid = element(
      'div',
      {
        class: 'hex-grid',
        role: 'grid',
        tabindex: 0,
        'aria-label': words.named(strings.bytesLabel),
        'aria-describedby': 'bytes-help',
      },
      element('div', { class: 'heading', role: 'rowgroup' }, this.#head),
      track,
    );
    this.#rows = new VirtualRows(this.#grid, track, {
      rowHeight: ROW_HEIGHT,
      headHeight: HEAD_HEIGHT,
      row: (index) => this.#row(index),
      drawn: (from, end) => this.#drew(from, end),
    });
    setText(this.#empty, strings.bytesEmpty);
    this.root = element(
      'section',
      { class: 'hex', 'aria-label': strings.bytes },
      this.#goTo.root,
      this.#grid,
      this.#empty,
      this.#where,
      this.#values,
      element('p', { id: 'bytes-help', class: 'hidden' }, strings.bytesHelp),
    );
    this.#grid.addEventListener('keydown', (event) => this.#key(event));
    this.#listenToPointer(track);
  }

  /** Brings the selection into view. */
  reveal({ offset }: Marked): void {
    this.#anchor = offset;
    this.#revealing = offset;
  }

  draw(info: AnatomyInfo): void {
    const { marked } = this.#context.model;
    const { clientWidth, clientHeight } = this.#grid;
    const empty = info.fileSize === 0;
    this.#empty.hidden = !empty;
    for (const each of [this.#grid, this.#where, this.#values]) each.hidden = empty;
    if (empty || clientHeight === 0) return;
    const { version } = this.#loader.bytes;
    const drawn = [info, clientWidth, clientHeight, marked, version];
    const same = (each: unknown, i: number): boolean => each === this.#drawn[i];
    if (this.#revealing === undefined && drawn.every(same)) return;
    if (!drawn.slice(0, 3).every(same)) this.#measure(info, clientWidth);
    this.#drawn = drawn;
    if (this.#revealing !== undefined) this.#reveal(this.#revealing);
    this.#revealing = undefined;
    this.#rows.draw();
    this.#tell(info);
  }

  /** Scrolls the offset to slightly below the top, unless it is visible already. */
  #reveal(offset: number): void {
    const row = Math.floor(offset / this.#perRow);
    const { top, visible } = this.#rows;
    if (row >= top && row < top + visible) return;
    this.#rows.scrollTo(row - Math.min(3, Math.floor(visible / 4)));
  }

  /** Discards font measurements, since the theme and with it the font may have changed. */
  forgetMeasures(): void {
    this.#drawn = [];
  }

  #measure({ fileSize }: AnatomyInfo, width: number): void {
    const { font } = getComputedStyle(this.#grid);
    const context = document.createElement('canvas').getContext('2d');
    if (context !== null) {
      context.font = font;
      this.#character = context.measureText('0'.repeat(64)).width / 64;
    }
    this.#digits = offsetDigits(fileSize);
    const perRow = bytesPerRow(Math.floor((width - MARGIN) / this.#character), this.#digits);
    const first = this.#rows.top * this.#perRow;
    this.#perRow = perRow;
    this.#grid.dataset['perRow'] = String(perRow);
    const rows = Math.ceil(fileSize / perRow);
    this.#grid.setAttribute('aria-rowcount', String(rows + 1));
    this.#rows.resize(rows);
    this.#rows.scrollTo(Math.floor(first / perRow));
    this.#makeHead();
  }

  #makeHead(): void {
    const { strings } = this.#context.words;
    const numbers = Array.from({ length: this.#perRow }, (_, i) => hexByte(i)).join(' ');
    const offset = strings.bytesOffset.padEnd(this.#digits);
    this.#head.replaceChildren(
      element('span', { class: 'offset', role: 'columnheader' }, offset),
      element('span', { class: 'cells', role: 'columnheader' }, numbers),
      element('span', { class: 'text', role: 'columnheader' }, strings.bytesText),
    );
  }

  #row(index: number): HTMLElement {
    const { info, model } = this.#context;
    const offset = index * this.#perRow;
    return hexRow({
      index,
      offset,
      digits: this.#digits,
      bytes: this.#bytes(offset, Math.min(this.#perRow, info.fileSize - offset)),
      perRow: this.#perRow,
      marked: model.marked,
      kind: partAt(info.regions, offset)?.kind ?? 'unknown',
    });
  }

  /**
   * Returns bytes of one chunk, which a row never crosses. Undefined marks bytes that are loading.
   */
  #bytes(offset: number, count: number): readonly (number | undefined)[] {
    const chunk = this.#loader.bytes.get(Math.floor(offset / CHUNK));
    const at = offset % CHUNK;
    return Array.from({ length: count }, (_, i) => chunk?.[at + i]);
  }

  #drew(from: number, end: number): void {
    const { marked } = this.#context.model;
    const first = Math.floor((from * this.#perRow) / CHUNK);
    const last = Math.floor((end * this.#perRow - 1) / CHUNK);
    const active = Math.floor(marked.offset / CHUNK);
    const chunks = Array.from({ length: last - first + 1 }, (_, i) => first + i);
    // The selected byte, which is described, may be outside the viewport.
    if (!chunks.includes(active)) chunks.push(active);
    this.#loader.bytes.want(chunks);
    const row = Math.floor(marked.offset / this.#perRow);
    if (row >= from && row < end) {
      this.#grid.setAttribute('aria-activedescendant', rowId(row));
    } else this.#grid.removeAttribute('aria-activedescendant');
  }

  /** Describes the selected bytes. */
  #tell(info: AnatomyInfo): void {
    const { model, words } = this.#context;
    const { marked } = model;
    const { strings, format } = words;
    const field = fieldAt(info.tree, marked.offset, marked.length);
    const part = partAt(info.regions, marked.offset)?.label;
    this.#field = field?.key;
    this.#show.hidden = field === undefined;
    const place =
      marked.length === 1
        ? words.offset(marked.offset)
        : fill(
            strings.atMarked,
            format.bytes(marked.length),
            hexOffset(marked.offset),
            format.count(marked.offset),
          );
    const names = field?.labels ?? (part === undefined ? [] : [part]);
    setText(this.#whereText, [place, names.join(' › ')].filter((text) => text !== '').join(' — '));
    const known = this.#bytes(marked.offset, this.#room(marked.offset, info.fileSize));
    const values = valuesOf(Uint8Array.from(known.filter((byte) => byte !== undefined)));
    const items = values.map(([name, value]) =>
      element('div', {}, element('dt', {}, name), element('dd', {}, value)),
    );
    this.#values.replaceChildren(...items);
  }

  /**
   * Returns the number of bytes from here to the end of the chunk or the file, limited to the
   * number that the values need.
   */
  #room(offset: number, fileSize: number): number {
    return Math.min(VALUE_BYTES, fileSize - offset, CHUNK - (offset % CHUNK));
  }

  #key(event: KeyboardEvent): void {
    const { info, model } = this.#context;
    const { key, shiftKey, ctrlKey, metaKey, altKey } = event;
    if (altKey) return;
    const { marked } = model;
    // The end of the selection opposite the anchor.
    const last = marked.offset + marked.length - 1;
    const now = shiftKey && this.#anchor === marked.offset ? last : marked.offset;
    const command = byteCommand(
      { key, modified: ctrlKey || metaKey },
      { now, fileSize: info.fileSize, perRow: this.#perRow, rows: this.#rows.visible },
    );
    if (command === undefined) return;
    event.preventDefault();
    if (command.type === 'copy') void this.#copy();
    else if (command.type === 'goTo') this.#goTo.focus();
    else this.#mark(command.offset, shiftKey);
  }

  #mark(offset: number, extend: boolean): void {
    if (!extend) this.#anchor = offset;
    const start = Math.min(this.#anchor, offset);
    const length = Math.abs(this.#anchor - offset) + 1;
    this.#rows.reveal(Math.floor(offset / this.#perRow));
    this.#context.do({ type: 'mark', marked: { offset: start, length } });
    this.#say();
  }

  #say(): void {
    const { info, model } = this.#context;
    const { offset } = model.marked;
    const [byte] = this.#bytes(offset, 1);
    this.#tell(info);
    const text = byte === undefined ? '' : `${hexByte(byte)} — `;
    this.#context.say(text + (this.#whereText.textContent ?? ''));
  }

  #listenToPointer(track: HTMLElement): void {
    track.addEventListener('pointerdown', (event) => {
      const offset = this.#offsetAt(event);
      if (offset === undefined || event.button !== 0) return;
      // Rows are recreated during a drag, which would lose a native text selection.
      event.preventDefault();
      this.#grid.focus();
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
    const row = (Number(index) - 2) * this.#perRow;
    const offset = row + byteAt(x, this.#character, name, this.#perRow);
    return offset < this.#context.info.fileSize ? offset : undefined;
  }

  async #copy(): Promise<void> {
    const { model, words } = this.#context;
    const { offset, length } = model.marked;
    const { strings, format } = words;
    if (length > MOST_COPIED) {
      return this.#context.say(fill(strings.copyTooMuch, format.bytes(MOST_COPIED)));
    }
    try {
      const bytes = await this.#loader.read(offset, length);
      this.#actions.copy([...bytes].map(hexByte).join(' '));
    } catch (error) {
      this.#context.say(error instanceof Error ? error.message : String(error));
    }
  }
}
