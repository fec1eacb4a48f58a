import { button, element } from '../common/dom.ts';
import { fill } from '../common/words/format.ts';
import type { CompareContext } from './state/requests.ts';
import { rangeBefore } from './state/store.ts';

interface StepActions {
  /** Compares further; false if nothing more was found. */
  readonly further: () => Promise<boolean>;
  /** Shows a difference by its number. */
  readonly show: (index: number) => void;
}

/** Goes from difference to difference, with buttons and keys: P and N, or Shift+F7 and F7. */
export class DifferenceSteps {
  readonly root: HTMLElement;
  readonly #context: CompareContext;
  readonly #actions: StepActions;
  readonly #buttons: readonly HTMLButtonElement[];

  constructor(context: CompareContext, actions: StepActions) {
    const { strings } = context.words;
    this.#context = context;
    this.#actions = actions;
    this.#buttons = [
      this.#button(strings.previous, strings.previousLong, 'P', -1),
      this.#button(strings.next, strings.nextLong, 'N', 1),
    ];
    this.root = element('div', { class: 'step-bar' }, ...this.#buttons);
  }

  draw(): void {
    const { ranges, next } = this.#context.model;
    for (const each of this.#buttons) each.disabled = ranges.length === 0 && next === null;
  }

  /** Handles a key that nothing below has handled. */
  key(event: KeyboardEvent): void {
    const { key, shiftKey, ctrlKey, metaKey, altKey, target } = event;
    if (ctrlKey || metaKey || altKey || target instanceof HTMLInputElement) return;
    const letter = key.toLowerCase();
    const back = letter === 'p' || (key === 'F7' && shiftKey);
    if (!back && letter !== 'n' && key !== 'F7') return;
    event.preventDefault();
    void this.#step(back ? -1 : 1);
  }

  #button(label: string, name: string, key: string, by: 1 | -1): HTMLButtonElement {
    const made = button(label, () => void this.#step(by));
    made.setAttribute('aria-label', name);
    made.setAttribute('aria-keyshortcuts', key);
    made.title = fill(this.#context.words.strings.withKey, name, key);
    return made;
  }

  /** Goes to the difference behind or before the selection; compares further if necessary. */
  async #step(by: 1 | -1): Promise<void> {
    const { strings } = this.#context.words;
    const { offset } = this.#context.model.marked;
    const target = (): number => {
      const { ranges } = this.#context.model;
      const here = rangeBefore(ranges, offset);
      if (by > 0) return here + 1;
      return ranges[here]?.start === offset ? here - 1 : here;
    };
    const isKnown = (index: number): boolean => index < this.#context.model.ranges.length;
    let index = target();
    if (by > 0 && !isKnown(index) && (await this.#actions.further())) index = target();
    if (index >= 0 && isKnown(index)) this.#actions.show(index);
    else this.#context.say(by > 0 ? strings.noNext : strings.noPrevious);
  }
}
