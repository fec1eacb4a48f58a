import { messageOf } from '../../common/frame/channel-client.ts';
import { fill } from '../../common/words/format.ts';
import { panBytes, reveal, wholeRows, zoomAt } from '../scene/camera.ts';
import { onCell } from '../state/keyboard.ts';
import { LatestOnly } from '../../common/latest-only.ts';
import type { Selection } from '../state/store.ts';
import type { ViewContext } from '../draw/view-context.ts';

const REST_MS = 200;

/**
 * The focused cell, the selection that extends from it, and their description for screen readers.
 */
export class Focus {
  readonly #context: ViewContext;
  readonly #asking = new LatestOnly(REST_MS);
  /** The fixed end of the selection. */
  #anchor = 0;
  #seeking = false;

  constructor(context: ViewContext) {
    this.#context = context;
  }

  /** Moves the focus and brings it into view; `extend` extends the selection. */
  moveTo(offset: number, extend: boolean): void {
    const { focus, selection } = this.#context.model;
    this.#context.do({ type: 'focus', offset });
    this.#context.move((camera, view, size) => reveal(camera, view, size, offset));
    if (extend) {
      if (selection === undefined) this.#anchor = focus;
      this.select(this.#anchor, offset);
    }
    this.describe();
  }

  /** Selects the cells between two offsets, in either order. */
  select(from: number, to: number): void {
    const { cell, size } = this.#context;
    this.#anchor = from;
    const start = onCell(Math.min(from, to), cell);
    const end = Math.min(size, onCell(Math.max(from, to), cell) + cell);
    this.#context.do({ type: 'select', selection: { start, end } });
  }

  /** Selects the range under the focus. */
  selectRange(): void {
    const context = this.#context;
    this.#asking.ask(async (signal) => {
      const { start, length } = await context.place(context.model.focus, signal);
      context.do({ type: 'select', selection: { start, end: start + length } });
      this.describe();
    });
  }

  /**
   * Moves to the next or previous change and selects it. While a key repeats, waits for each
   * answer.
   */
  seek(direction: 'next' | 'previous'): void {
    if (this.#seeking) return;
    this.#seeking = true;
    this.#goTo(direction)
      .catch((error: unknown) => this.#context.say(messageOf(error)))
      .finally(() => {
        this.#seeking = false;
      });
  }

  async #goTo(direction: 'next' | 'previous'): Promise<void> {
    const context = this.#context;
    const found = await context.seek(direction);
    const { noNextChange, noPreviousChange } = context.words.strings;
    if (found === null) {
      // The description of an earlier move would replace the message.
      this.#asking.drop();
      context.say(direction === 'next' ? noNextChange : noPreviousChange);
      return;
    }
    const { start, length } = found;
    context.do({ type: 'select', selection: { start, end: start + length } });
    this.moveTo(start, false);
  }

  /** Announces the range under the focus after a short delay. */
  describe(): void {
    const context = this.#context;
    this.#asking.ask(async (signal) => {
      const place = await context.place(context.model.focus, signal);
      const facts = context.words.place(place, context.info);
      const { selection } = context.model;
      if (selection !== undefined) facts.push(this.#selectionWords(selection));
      context.say(facts.join(' · '));
    });
  }

  /** Zooms around the focus if it is in view, else around the centre. */
  zoom(factor: number): void {
    const { focus } = this.#context.model;
    this.#context.move((camera, view, size) => {
      const rows = (focus - camera.start) / camera.bytesPerRow;
      const row = Math.floor(rows);
      const y = (row - camera.shift + 0.5) * view.pitch;
      const inView = y >= 0 && y < view.height;
      const x = inView ? (rows - row) * view.width : view.width / 2;
      return zoomAt(camera, view, size, factor, x, inView ? y : view.height / 2);
    });
  }

  /** Centres the view on a fraction of the disk, as clicked on the overview. */
  centre(share: number): void {
    this.#context.move((camera, view, size) => {
      const half = (wholeRows(view) * camera.bytesPerRow) / 2;
      return panBytes({ ...camera, shift: 0 }, view, size, share * size - half - camera.start);
    });
  }

  #selectionWords({ start, end }: Selection): string {
    const { strings, format } = this.#context.words;
    return fill(strings.selection, format.bytes(end - start), format.bytes(start));
  }
}
