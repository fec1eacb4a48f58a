import { element } from '../dom.ts';
import { makeNotice, type Notice } from './notice.ts';
import { onThemeChange } from './theme.ts';

interface FrameOptions {
  /** Stands in place of the body until there is something to show. */
  readonly screen: HTMLElement;
  readonly retryText: string;
  readonly draw?: () => void;
}

/** The parts that every view has: a screen, a notice, a body; it draws at most once for each frame of the screen. */
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

  /** Draws with the next frame of the screen. */
  schedule(): void {
    if (this.#drawing) return;
    this.#drawing = true;
    requestAnimationFrame(() => {
      this.#drawing = false;
      this.#draw();
    });
  }

  /** Draws again when the element changes its size, and when the theme changes, after `onTheme`. */
  watch(sized: HTMLElement, onTheme: () => void): void {
    new ResizeObserver(() => this.schedule()).observe(sized);
    onThemeChange(() => {
      onTheme();
      this.schedule();
    });
  }
}
