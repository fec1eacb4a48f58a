import { BLOCK_STATES, type AnatomyInfo } from '../../../engine/api/anatomy.ts';
import { element } from '../../common/dom.ts';
import { drawCell } from './block-draw.ts';
import { fitCanvas } from '../state/fit-canvas.ts';
import type { Palette } from '../state/palette.ts';
import type { Words } from '../state/words.ts';

const SIZE = 14;

/** Meaning of the cells, and the number of blocks in each state. Omits states without blocks. */
export class StateLegend {
  readonly root: HTMLElement;
  readonly #words: Words;
  #info: AnatomyInfo | undefined;
  #palette: Palette | undefined;

  constructor(words: Words) {
    this.#words = words;
    this.root = element('ul', { class: 'legend', 'aria-label': words.strings.legendLabel });
  }

  show(info: AnatomyInfo, palette: Palette): void {
    if (info === this.#info && palette === this.#palette) return;
    this.#info = info;
    this.#palette = palette;
    const { format } = this.#words;
    const counts = info.blocks?.counts;
    const items = BLOCK_STATES.filter((state) => (counts?.[state] ?? 0) > 0).map((state) => {
      const count = counts?.[state] ?? 0;
      const sign = element('canvas', { class: 'sign', 'aria-hidden': 'true' });
      const canvas = fitCanvas(sign, SIZE, SIZE);
      if (canvas !== undefined) drawCell(canvas, { state, held: 0 }, 1, 1, SIZE - 2, palette);
      const share = format.percent(count, info.blocks?.total ?? 0);
      return element(
        'li',
        {},
        sign,
        element('span', {}, this.#words.state(state, info)),
        element('span', { class: 'bytes' }, `${format.count(count)} (${share})`),
      );
    });
    this.root.replaceChildren(...items);
  }
}
