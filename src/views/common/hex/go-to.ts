import { element, setText } from '../dom.ts';
import { fill, type Format } from '../words/format.ts';
import { parseOffset } from './hex-format.ts';

interface GoToOptions {
  /** ID of the input. */
  readonly id: string;
  readonly texts: { readonly goTo: string; readonly go: string; readonly goToFormat: string };
  readonly format: Format;
  readonly example: string;
  /** Message about an offset behind the end; {0} is the end. */
  readonly behind: string;
  /** Bytes per unit if numbers may be sectors: “sector 2048”. */
  readonly sectorSize?: () => number;
  readonly now: () => number;
  readonly size: () => number;
  readonly go: (offset: number) => void;
  readonly went: () => void;
}

/** Input for an offset to jump to. Reports invalid input on submit. */
export class GoTo {
  readonly root: HTMLFormElement;
  readonly #options: GoToOptions;
  readonly #wrong: HTMLElement;
  readonly #input: HTMLInputElement;

  constructor(options: GoToOptions) {
    this.#options = options;
    const { id, example, texts } = options;
    this.#wrong = element('p', { id: `${id}-wrong`, class: 'wrong', role: 'alert', hidden: true });
    this.#input = element('input', {
      id,
      type: 'text',
      autocomplete: 'off',
      spellcheck: 'false',
      placeholder: example,
      'aria-describedby': `${id}-wrong`,
    });
    this.root = element(
      'form',
      { class: 'go-to' },
      element('label', { for: id }, texts.goTo),
      this.#input,
      element('button', { type: 'submit' }, texts.go),
      this.#wrong,
    );
    this.root.addEventListener('submit', (event) => {
      event.preventDefault();
      if (this.#go()) options.went();
    });
    this.#input.addEventListener('input', () => this.#say(''));
  }

  focus(): void {
    this.#input.focus();
    this.#input.select();
  }

  #go(): boolean {
    const { size, go, texts, format, behind } = this.#options;
    const parsed = this.#parse();
    if ('offset' in parsed) {
      this.#say('');
      go(parsed.offset);
      return true;
    }
    const end = `${format.count(size())} (${format.bytes(size())})`;
    this.#say(parsed.wrong === 'format' ? texts.goToFormat : fill(behind, end));
    return false;
  }

  #parse(): ReturnType<typeof parseOffset> {
    const { now, size, sectorSize } = this.#options;
    const sector = /^\s*(?:s|sector|lba)\s*(\d[\d,_\s]*)$/i.exec(this.#input.value)?.[1];
    if (sector === undefined || sectorSize === undefined) {
      return parseOffset(this.#input.value, now(), size());
    }
    const offset = Number(sector.replaceAll(/[,_\s]/g, '')) * sectorSize();
    return offset < size() ? { offset } : { wrong: 'behind' };
  }

  #say(wrong: string): void {
    setText(this.#wrong, wrong);
    this.#wrong.hidden = wrong === '';
    this.#input.setAttribute('aria-invalid', String(wrong !== ''));
  }
}
