import type { AnatomyInfo } from '../../../engine/api/anatomy.ts';
import { element } from '../../common/dom.ts';
import { sumsByKind } from './file-parts.ts';
import type { Words } from '../state/words.ts';

/** Meaning of the colours of the file map, and the bytes of each kind. */
export class KindLegend {
  readonly root: HTMLElement;
  readonly #words: Words;

  constructor(words: Words) {
    this.#words = words;
    this.root = element('ul', { class: 'legend', 'aria-label': words.strings.legendLabel });
  }

  show({ regions }: AnatomyInfo): void {
    const { strings, format } = this.#words;
    const items = sumsByKind(regions).map(({ kind, bytes }) =>
      element(
        'li',
        {},
        element('span', { class: `swatch kind-${kind}`, 'aria-hidden': 'true' }),
        element('span', {}, strings[kind]),
        element('span', { class: 'bytes' }, format.bytes(bytes)),
      ),
    );
    this.root.replaceChildren(...items);
  }
}
