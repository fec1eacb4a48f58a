import { button, element, setText } from '../../common/dom.ts';

export interface ScreenStep {
  readonly label: string;
  readonly run: () => void;
}

/** What stands in place of the file: a sentence or two, and what can be done next. */
export class Screen {
  readonly root: HTMLElement;
  readonly #lines = element('div');
  readonly #steps = element('div', { class: 'steps' });
  #shown = '';

  /** @param name what the screen is about */
  constructor(name: string) {
    this.root = element(
      'div',
      { class: 'screen column', role: 'status' },
      element('h1', {}, name),
      this.#lines,
      this.#steps,
    );
  }

  /** No lines: nothing is in the way. */
  show(lines: readonly string[], steps: readonly ScreenStep[]): void {
    this.root.hidden = lines.length === 0;
    const shown = JSON.stringify([lines, steps.map(({ label }) => label)]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.#lines.replaceChildren(
      ...lines.map((line) => {
        const made = element('p');
        setText(made, line);
        return made;
      }),
    );
    this.#steps.replaceChildren(
      ...steps.map(({ label, run }, i) => button(label, run, i === 0 ? 'primary' : '')),
    );
    this.#steps.hidden = steps.length === 0;
  }
}
