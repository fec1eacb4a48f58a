import { button, element, setText } from '../../common/dom.ts';

export interface ScreenStep {
  readonly label: string;
  readonly run: () => void;
}

/** Shown in place of the file: one or two sentences, and possible next steps. */
export class Screen {
  readonly root: HTMLElement;
  readonly #lines = element('div');
  readonly #steps = element('div', { class: 'steps' });
  #shown = '';

  /** @param name of the file */
  constructor(name: string) {
    this.root = element(
      'div',
      { class: 'screen column', role: 'status' },
      element('h1', {}, name),
      this.#lines,
      this.#steps,
    );
  }

  /** Shows lines and steps; without lines, hides the screen. */
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
