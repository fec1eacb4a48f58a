import type { CompareSide } from '../api/disk-compare.ts';
import { button, element, setText } from '../common/dom.ts';
import { HexGrid, type HexGridOptions } from '../common/hex/hex-grid.ts';
import { fill } from '../common/words/format.ts';
import type { CompareLoader } from './compare-loader.ts';
import type { CompareContext } from './state/requests.ts';
import { longerSize } from './state/store.ts';

interface SideActions extends Pick<HexGridOptions, 'mark' | 'command'> {
  readonly scrolled: (top: number) => void;
  readonly open: () => void;
  /** Whether the byte at an offset differs between the disks. */
  readonly differs: (offset: number) => boolean;
}

/** One of the compared disks: its name, facts and bytes. */
export class SidePane {
  readonly root: HTMLElement;
  readonly grid: HexGrid;
  readonly #context: CompareContext;
  readonly #loader: CompareLoader;
  readonly #side: CompareSide;
  readonly #differs: (offset: number) => boolean;
  readonly #facts = element('span', { class: 'facts' });

  constructor(
    side: CompareSide,
    context: CompareContext,
    loader: CompareLoader,
    { mark, command, scrolled, open, differs }: SideActions,
  ) {
    this.#side = side;
    this.#context = context;
    this.#loader = loader;
    this.#differs = differs;
    const { strings, names } = context.words;
    this.grid = new HexGrid({
      label: fill(strings.bytesLabel, names[side]),
      texts: strings,
      helpId: 'bytes-help',
      idPrefix: side,
      mark,
      command,
      scrolled,
    });
    const opener = button(strings.openImage, open);
    opener.setAttribute('aria-label', fill(strings.openNamed, names[side]));
    const title = element('h2', { title: names[side] }, names[side]);
    this.root = element(
      'section',
      { class: 'side', 'aria-label': strings[side] },
      element('div', { class: 'side-head' }, title, this.#facts, opener),
      this.grid.root,
    );
  }

  draw(): void {
    const { model, words } = this.#context;
    const { opened, marked } = model;
    if (opened === undefined) return;
    const side = this.#side;
    setText(this.#facts, words.facts(opened.images[side]));
    this.grid.draw({
      // Rows of both disks lie beside one another to the end of the longer one.
      size: longerSize(model),
      version: this.#loader.version,
      marked,
      bytes: (offset, count) => this.#loader.bytes(side, offset, count),
      want: (start, end) => this.#loader.want(side, start, end),
      kind: (offset) => (this.#loader.isLost(side, offset) ? 'lost-row' : ''),
      stands: this.#differs,
    });
  }
}
