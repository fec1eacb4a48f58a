import type { AnatomyInfo, RegionKind } from '../../../engine/api/anatomy.ts';
import { element } from '../../common/dom.ts';
import { partBoxes, type PartBox } from './file-parts.ts';
import type { ViewContext } from '../state/view-context.ts';

/**
 * Returns the flex growth of a box from the length of its part: 1 for a page, 8 and more for a part
 * that fills the file.
 */
const growth = (length: number): number => 1 + Math.log2(1 + length / 65_536) / 2;

/**
 * The parts of the file in order, as boxes that are large enough to read and click, not to scale.
 * Clicking one jumps to its bytes.
 */
export class FileBoxes {
  readonly root: HTMLElement;
  readonly #context: ViewContext;
  #info: AnatomyInfo | undefined;
  #boxes: readonly { readonly box: PartBox; readonly node: HTMLElement }[] = [];
  #focused = 0;

  constructor(context: ViewContext) {
    this.#context = context;
    this.root = element('div', {
      class: 'file-boxes',
      role: 'listbox',
      'aria-orientation': 'horizontal',
      'aria-label': context.words.strings.fileParts,
    });
    this.root.addEventListener('click', ({ target }) => {
      const index = this.#boxes.findIndex(({ node }) => node.contains(target as Node));
      if (index >= 0) this.#choose(index);
    });
    this.root.addEventListener('keydown', (event) => this.#key(event));
  }

  draw(info: AnatomyInfo): void {
    if (info !== this.#info) this.#make(info);
    const { offset } = this.#context.model.marked;
    for (const [i, { box, node }] of this.#boxes.entries()) {
      const here = offset >= box.start && offset < box.start + box.length;
      node.setAttribute('aria-selected', String(here));
      node.tabIndex = i === this.#focused ? 0 : -1;
    }
  }

  #make(info: AnatomyInfo): void {
    this.#info = info;
    const { words } = this.#context;
    this.#boxes = partBoxes(info.regions).map((box) => {
      const text = words.part(box, box.pieces);
      const label = element('span', { 'aria-hidden': 'true' }, isGap(box) ? '' : box.label);
      const node = element(
        'div',
        {
          class: `box kind-${box.kind}${isGap(box) ? ' gap' : ''}`,
          role: 'option',
          title: text,
          'aria-label': text,
        },
        label,
      );
      node.style.flexGrow = String(growth(box.length));
      return { box, node };
    });
    this.#focused = Math.max(0, Math.min(this.#focused, this.#boxes.length - 1));
    const focused = this.root.contains(document.activeElement);
    this.root.replaceChildren(...this.#boxes.map(({ node }) => node));
    if (focused) this.#boxes[this.#focused]?.node.focus();
  }

  #choose(index: number): void {
    const chosen = this.#boxes[index];
    if (chosen === undefined) return;
    this.#focused = index;
    chosen.node.focus();
    this.#context.jump(chosen.box.start, chosen.box.length);
    this.#context.say(this.#context.words.part(chosen.box, chosen.box.pieces));
  }

  #key(event: KeyboardEvent): void {
    const own = this.#boxes.findIndex(({ node }) => node === document.activeElement);
    if (own >= 0) this.#focused = own;
    const steps: Readonly<Record<string, number>> = {
      ArrowLeft: this.#focused - 1,
      ArrowUp: this.#focused - 1,
      ArrowRight: this.#focused + 1,
      ArrowDown: this.#focused + 1,
      Home: 0,
      End: this.#boxes.length - 1,
      Enter: this.#focused,
      ' ': this.#focused,
    };
    const to = steps[event.key];
    if (to === undefined) return;
    event.preventDefault();
    this.#choose(Math.max(0, Math.min(this.#boxes.length - 1, to)));
  }
}

/** Gaps between structures are drawn without a name, for lack of room. */
const isGap = ({ kind, length }: { readonly kind: RegionKind; readonly length: number }): boolean =>
  kind === 'unused' && length < 2 ** 20;
