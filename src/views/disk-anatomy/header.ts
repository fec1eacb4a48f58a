import type { AnatomyInfo } from '../../engine/api/anatomy.ts';
import { button, element } from '../common/dom.ts';
import type { Words } from './state/words.ts';

/** Name and facts of the file, and a button to reread it. */
export class Header {
  readonly root: HTMLElement;
  readonly #facts = element('ul', { class: 'facts' });
  readonly #words: Words;

  constructor(words: Words, reload: () => void) {
    this.#words = words;
    const title = element('div', { class: 'title' }, element('h1', {}, words.name), this.#facts);
    this.root = element('header', {}, title, button(words.strings.reload, reload));
  }

  show(info: AnatomyInfo): void {
    const { strings, format } = this.#words;
    const facts = [this.#words.formatName(info)];
    const size = (name: string, bytes: number | null): void => {
      if (bytes !== null) facts.push(`${name} ${format.bytes(bytes)}`);
    };
    if (info.format !== 'raw') size(strings.diskSize, info.virtualSize);
    size(strings.blockSize, info.blockSize);
    size(strings.fileSize, info.fileSize);
    this.#facts.replaceChildren(...facts.map((fact) => element('li', {}, fact)));
  }
}
