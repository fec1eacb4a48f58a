import type { AnatomyInfo } from '../../../engine/api/anatomy.ts';
import { button, element, setText } from '../../common/dom.ts';
import { GoTo } from '../../common/hex/go-to.ts';
import { hexByte, hexOffset, valuesOf } from '../../common/hex/hex-format.ts';
import { HexGrid } from '../../common/hex/hex-grid.ts';
import { fill } from '../../common/words/format.ts';
import { partAt } from '../file/file-parts.ts';
import { CHUNK, type Loader } from '../state/loader.ts';
import type { Marked } from '../state/store.ts';
import { fieldAt } from '../state/tree-rows.ts';
import type { ViewContext } from '../state/view-context.ts';
import { SearchBar } from './search-bar.ts';

/** Maximum number of bytes that can be copied: one request returns no more. */
const MOST_COPIED = 65_536;
const VALUE_BYTES = 16;

export interface HexActions {
  /** Shows the field that contains the byte in the tree. */
  readonly showInTree: (key: string) => void;
  readonly copy: (text: string) => void;
}

/** The bytes of the file, with a search, what the selected ones belong to, and their values. */
export class HexPane {
  readonly panel: HTMLElement;
  readonly #context: ViewContext;
  readonly #loader: Loader;
  readonly #actions: HexActions;
  readonly #goTo: GoTo;
  readonly #search: SearchBar;
  readonly #grid: HexGrid;
  readonly #empty = element('p', { class: 'empty' });
  readonly #where = element('p', { class: 'where' });
  readonly #whereText = element('span');
  readonly #show: HTMLButtonElement;
  readonly #values = element('dl', { class: 'values' });
  #field: string | undefined;

  constructor(context: ViewContext, loader: Loader, actions: HexActions) {
    this.#context = context;
    this.#loader = loader;
    this.#actions = actions;
    const { words } = context;
    const { strings } = words;
    const focus = (): void => this.#grid.root.focus();
    this.#goTo = new GoTo({
      id: 'go-to',
      texts: strings,
      format: words.format,
      example: strings.goToExample,
      behind: strings.goToBehind,
      now: () => context.model.marked.offset,
      size: () => context.info.fileSize,
      go: (offset) => context.jump(offset, 1),
      went: focus,
    });
    this.#search = new SearchBar(context, {
      space: 'file',
      from: () => context.model.marked.offset + 1,
      found: ({ offset, length }) => context.jump(offset, length),
      focus,
    });
    this.#show = button(strings.showInTree, () => {
      if (this.#field !== undefined) actions.showInTree(this.#field);
    });
    this.#where.append(this.#whereText, this.#show);
    this.#values.setAttribute('aria-label', strings.valueText);
    this.#grid = new HexGrid({
      label: words.named(strings.bytesLabel),
      texts: strings,
      helpId: 'bytes-help',
      mark: (marked) => {
        context.do({ type: 'mark', marked });
        this.#say();
      },
      command: (command) => {
        if (command === 'copy') void this.#copy();
        else if (command === 'goTo') this.#goTo.focus();
        else this.#search.focus();
      },
    });
    setText(this.#empty, strings.bytesEmpty);
    this.panel = element(
      'div',
      { class: 'hex' },
      element('div', { class: 'hex-bar' }, this.#goTo.root, this.#search.root),
      this.#grid.root,
      this.#empty,
      this.#where,
      this.#values,
      element('p', { id: 'bytes-help', class: 'hidden' }, strings.bytesHelp),
    );
  }

  /** Brings the selection into view. */
  reveal({ offset }: Marked): void {
    this.#grid.reveal(offset);
  }

  draw(info: AnatomyInfo): void {
    const empty = info.fileSize === 0;
    this.#empty.hidden = !empty;
    for (const each of [this.#grid.root, this.#where, this.#values]) each.hidden = empty;
    if (empty) return;
    this.#grid.draw({
      size: info.fileSize,
      version: this.#loader.bytes.version,
      marked: this.#context.model.marked,
      bytes: (offset, count) => this.#bytes(offset, count),
      want: (start, end) => this.#want(start, end),
      kind: (offset) => `kind-${partAt(info.regions, offset)?.kind ?? 'unknown'}`,
    });
    this.#tell(info);
  }

  /** Discards font measurements, since the theme and with it the font may have changed. */
  forgetMeasures(): void {
    this.#grid.forgetMeasures();
  }

  /**
   * Returns bytes of one chunk, which a row never crosses. Undefined marks bytes that are loading.
   */
  #bytes(offset: number, count: number): readonly (number | undefined)[] {
    const chunk = this.#loader.bytes.get(Math.floor(offset / CHUNK));
    const at = offset % CHUNK;
    return Array.from({ length: count }, (_, i) => chunk?.[at + i]);
  }

  #want(start: number, end: number): void {
    const first = Math.floor(start / CHUNK);
    const last = Math.floor((end - 1) / CHUNK);
    const active = Math.floor(this.#context.model.marked.offset / CHUNK);
    const chunks = Array.from({ length: last - first + 1 }, (_, i) => first + i);
    // The selected byte, which is described, may be outside the viewport.
    if (!chunks.includes(active)) chunks.push(active);
    this.#loader.bytes.want(chunks);
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

  #say(): void {
    const { info, model } = this.#context;
    const { offset } = model.marked;
    const [byte] = this.#bytes(offset, 1);
    this.#tell(info);
    const text = byte === undefined ? '' : `${hexByte(byte)} — `;
    this.#context.say(text + (this.#whereText.textContent ?? ''));
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
