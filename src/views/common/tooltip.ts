import { element } from './dom.ts';

const OFFSET = 14;

/**
 * Facts beside the pointer. Screen readers get the same text from the status line as the focus
 * moves.
 */
export class Tooltip {
  readonly #root = element('div', { class: 'tooltip', 'aria-hidden': 'true', hidden: true });
  readonly #area: HTMLElement;

  constructor(area: HTMLElement) {
    this.#area = area;
    area.append(this.#root);
  }

  show(lines: readonly string[], x: number, y: number): void {
    this.#root.replaceChildren(...lines.map((line) => element('div', {}, line)));
    this.#root.hidden = false;
    const { clientWidth, clientHeight } = this.#area;
    const { offsetWidth, offsetHeight } = this.#root;
    const left = x + OFFSET + offsetWidth > clientWidth ? x - OFFSET - offsetWidth : x + OFFSET;
    const top = y + OFFSET + offsetHeight > clientHeight ? y - OFFSET - offsetHeight : y + OFFSET;
    this.#root.style.left = `${Math.max(0, left)}px`;
    this.#root.style.top = `${Math.max(0, top)}px`;
  }

  hide(): void {
    this.#root.hidden = true;
  }
}
