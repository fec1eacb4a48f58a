import { element, setText } from '../../common/dom.ts';

/** Characters that are shown; the rest is only copied. */
const MOST = 300_000;

/** The envelope as text. It scrolls, so keys must reach it. */
export class BodyText {
  readonly root: HTMLElement;

  constructor(label: string) {
    this.root = element('pre', {
      class: 'xml',
      tabindex: 0,
      role: 'region',
      'aria-label': label,
    });
  }

  /** Shows a text, and returns how many characters of it are not shown. */
  show(text: string): number {
    setText(this.root, text.length <= MOST ? text : text.slice(0, MOST));
    this.root.scrollTop = 0;
    return Math.max(0, text.length - MOST);
  }
}
