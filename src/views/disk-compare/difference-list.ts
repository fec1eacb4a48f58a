import { element } from '../common/dom.ts';
import { hexOffset } from '../common/hex/hex-format.ts';
import { RowList } from '../common/rows/row-list.ts';
import type { CompareContext } from './state/requests.ts';
import { rangeBefore } from './state/store.ts';

const ROW_HEIGHT = 22;

/** The ranges in which the disks differ. */
export class DifferenceList {
  readonly root: HTMLElement;
  readonly #context: CompareContext;
  readonly #list: RowList;
  #drawn: readonly unknown[] = [];

  /** @param choose receives the index of a range */
  constructor(context: CompareContext, choose: (index: number) => void) {
    this.#context = context;
    const { strings } = context.words;
    this.#list = new RowList({
      role: 'listbox',
      name: 'difference',
      label: strings.differences,
      rowHeight: ROW_HEIGHT,
      row: (index) => this.#row(index),
      onActive: choose,
      onOpen: choose,
    });
    this.root = element('section', { class: 'differences' }, this.#list.root);
    this.root.setAttribute('aria-label', strings.differences);
  }

  draw(): void {
    const { ranges, marked } = this.#context.model;
    const drawn = [ranges, marked.offset, this.#list.root.clientHeight];
    if (drawn.every((each, i) => each === this.#drawn[i])) return;
    this.#drawn = drawn;
    this.#list.resize(ranges.length);
    const at = Math.max(0, rangeBefore(ranges, marked.offset));
    if (at === this.#list.active) this.#list.draw();
    else this.#list.goTo(at);
  }

  #row(index: number): HTMLElement {
    const { model, words } = this.#context;
    const range = model.ranges[index];
    if (range === undefined) return element('div');
    return element(
      'div',
      {
        class: 'difference-row',
        role: 'option',
        'aria-posinset': index + 1,
        'aria-setsize': model.ranges.length,
      },
      element('span', { class: 'number' }, hexOffset(range.start)),
      element('span', { class: 'number' }, words.format.bytes(range.length)),
    );
  }
}
