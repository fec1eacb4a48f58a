import { element, setText } from '../../common/dom.ts';
import { fill } from '../../common/words/format.ts';
import { parseOffset } from '../state/hex-format.ts';
import type { ViewContext } from '../state/view-context.ts';

/** Input for an offset to jump to. Reports invalid input on submit. */
export class GoTo {
  readonly root: HTMLFormElement;
  readonly #context: ViewContext;
  readonly #wrong = element('p', {
    id: 'go-to-wrong',
    class: 'wrong',
    role: 'alert',
    hidden: true,
  });
  readonly #input: HTMLInputElement;

  constructor(context: ViewContext, went: () => void) {
    this.#context = context;
    const { strings } = context.words;
    this.#input = element('input', {
      id: 'go-to',
      type: 'text',
      autocomplete: 'off',
      spellcheck: 'false',
      placeholder: strings.goToExample,
      'aria-describedby': 'go-to-wrong',
    });
    this.root = element(
      'form',
      { class: 'go-to' },
      element('label', { for: 'go-to' }, strings.goTo),
      this.#input,
      element('button', { type: 'submit' }, strings.go),
      this.#wrong,
    );
    this.root.addEventListener('submit', (event) => {
      event.preventDefault();
      if (this.#go()) went();
    });
    this.#input.addEventListener('input', () => this.#say(''));
  }

  focus(): void {
    this.#input.focus();
    this.#input.select();
  }

  #go(): boolean {
    const { info, model, words } = this.#context;
    const { strings, format } = words;
    const parsed = parseOffset(this.#input.value, model.marked.offset, info.fileSize);
    if ('offset' in parsed) {
      this.#say('');
      this.#context.jump(parsed.offset, 1);
      return true;
    }
    const end = `${format.count(info.fileSize)} (${format.bytes(info.fileSize)})`;
    this.#say(parsed.wrong === 'format' ? strings.goToFormat : fill(strings.goToBehind, end));
    return false;
  }

  #say(wrong: string): void {
    setText(this.#wrong, wrong);
    this.#wrong.hidden = wrong === '';
    this.#input.setAttribute('aria-invalid', String(wrong !== ''));
  }
}
