import type { AnatomyInfo } from '../../../engine/api/anatomy.ts';
import { element } from '../../common/dom.ts';
import { RowList } from '../../common/rows/row-list.ts';
import { partAt } from './file-parts.ts';
import { hexOffset } from '../../common/hex/hex-format.ts';
import type { ViewContext } from '../state/view-context.ts';

const ROW_HEIGHT = 22;

/** Every part of the file; a box of the file map may stand for several. */
export class PartsList {
  readonly panel = element('div', { class: 'panel' });
  readonly #context: ViewContext;
  readonly #list: RowList;
  #drawn: readonly unknown[] = [];

  constructor(context: ViewContext) {
    this.#context = context;
    const { words } = context;
    const { strings } = words;
    this.#list = new RowList({
      role: 'listbox',
      name: 'part',
      label: words.named(strings.partsLabel),
      rowHeight: ROW_HEIGHT,
      row: (index) => this.#row(index),
      onActive: (index) => this.#choose(index),
      onOpen: (index) => this.#choose(index),
    });
    const columns = [strings.columnPart, strings.columnStart, strings.columnLength];
    const heads = columns.map((name) => element('span', {}, name));
    // The rows contain the same facts as text.
    const head = element('div', { class: 'part-row head', 'aria-hidden': 'true' }, ...heads);
    this.panel.append(head, this.#list.root);
  }

  draw(info: AnatomyInfo): void {
    if (this.panel.hidden) return;
    const { offset } = this.#context.model.marked;
    const drawn = [info, offset, this.#list.root.clientHeight];
    if (drawn.every((each, i) => each === this.#drawn[i])) return;
    this.#drawn = drawn;
    this.#list.resize(info.regions.length);
    // Marks the part that contains the selected bytes.
    const here = partAt(info.regions, offset);
    const at = here === undefined ? 0 : info.regions.indexOf(here);
    if (at === this.#list.active) this.#list.draw();
    else this.#list.goTo(at);
  }

  #row(index: number): HTMLElement {
    const { info, words } = this.#context;
    const part = info.regions[index];
    if (part === undefined) return element('div');
    const { kind, label, start, length } = part;
    return element(
      'div',
      {
        class: 'part-row',
        role: 'option',
        'aria-posinset': index + 1,
        'aria-setsize': info.regions.length,
        title: label,
      },
      element(
        'span',
        {},
        element('span', { class: `swatch kind-${kind}`, 'aria-hidden': 'true' }),
        ` ${label}`,
      ),
      element('span', { class: 'number' }, hexOffset(start)),
      element('span', { class: 'number' }, words.format.bytes(length)),
    );
  }

  #choose(index: number): void {
    const { info, words } = this.#context;
    const part = info.regions[index];
    if (part === undefined) return;
    this.#context.jump(part.start, part.length);
    this.#context.say(words.part(part));
  }
}
