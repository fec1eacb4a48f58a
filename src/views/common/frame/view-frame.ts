import { element } from '../dom.ts';
import { makeNotice, type Notice } from './notice.ts';
import { onThemeChange } from './theme.ts';

interface FrameOptions {
  /** Shown in place of the body until there are contents. */
  readonly screen: HTMLElement;
  readonly retryText: string;
  readonly draw?: () => void;
}

/** The parts of every view: a screen, a notice, a body. Draws at most once per animation frame. */
export class ViewFrame {
  readonly body: HTMLElement;
  readonly notice: Notice;
  readonly #draw: () => void;
  #drawing = false;

  constructor(root: HTMLElement, options: FrameOptions) {
    const { screen, retryText, draw = () => undefined } = options;
    this.#draw = draw;
    this.body = element('div', { class: 'body', hidden: true });
    this.notice = makeNotice('notice', 'alert', retryText);
    root.replaceChildren(screen, this.notice.root, this.body);
  }

  /** Draws in the next animation frame. */
  schedule(): void {
    if (this.#drawing) return;
    this.#drawing = true;
    requestAnimationFrame(() => {
      this.#drawing = false;
      this.#draw();
    });
  }

  /** Redraws when the element's size changes, and when the theme changes, after `onTheme`. */
  watch(sized: HTMLElement, onTheme: () => void): void {
    new ResizeObserver(() => this.schedule()).observe(sized);
    onThemeChange(() => {
      onTheme();
      this.schedule();
    });
  }
}
