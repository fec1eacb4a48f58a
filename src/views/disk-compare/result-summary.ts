import { button, element, setText } from '../common/dom.ts';
import type { CompareContext } from './state/requests.ts';

interface SummaryActions {
  readonly cancel: () => void;
  /** Compares what has not been compared yet. */
  readonly further: () => void;
}

/** The result of the comparison in a sentence, and what limits it. */
export class ResultSummary {
  readonly root: HTMLElement;
  readonly #context: CompareContext;
  readonly #result = element('p', { class: 'result-line', role: 'status' });
  readonly #limits = element('ul', { class: 'limits' });
  readonly #cancel: HTMLButtonElement;
  readonly #further: HTMLButtonElement;

  constructor(context: CompareContext, actions: SummaryActions) {
    const { strings } = context.words;
    this.#context = context;
    this.#cancel = button(strings.cancel, actions.cancel);
    this.#further = button(strings.compareOn, actions.further);
    this.root = element(
      'section',
      { class: 'summary', 'aria-label': strings.comparison },
      element('div', { class: 'result-bar' }, this.#result, this.#cancel, this.#further),
      this.#limits,
    );
  }

  draw(): void {
    const { model, words } = this.#context;
    const { comparing, ranges, next } = model;
    setText(this.#result, words.result(model));
    const equal = comparing.type === 'rest' && next === null && ranges.length === 0;
    this.#result.classList.toggle('equal', equal);
    this.#result.classList.toggle('wrong', comparing.type === 'failed');
    this.#cancel.hidden = comparing.type !== 'running';
    this.#further.hidden = comparing.type === 'running' || next === null;
    const limits = words.limits(model);
    this.#limits.hidden = limits.length === 0;
    if (this.#limits.dataset['shown'] === limits.join('\n')) return;
    this.#limits.dataset['shown'] = limits.join('\n');
    this.#limits.replaceChildren(...limits.map((each) => element('li', {}, each)));
  }
}
