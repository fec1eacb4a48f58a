import { offsetAt, scrollRows, wholeRows, zoomAt } from '../scene/camera.ts';
import type { Focus } from './focus.ts';
import { keyCommand, onCell, type KeyCommand } from '../state/keyboard.ts';
import { GUTTER } from '../draw/map-pane.ts';
import { listenToPointer, type Point } from './pointer.ts';
import { LatestOnly } from '../../common/latest-only.ts';
import type { Selection } from '../state/store.ts';
import { Tooltip } from '../../common/tooltip.ts';
import type { ViewContext } from '../draw/view-context.ts';

const HOVER_REST_MS = 70;

/** Keyboard and pointer input on the map. */
export class Interaction {
  readonly #context: ViewContext;
  readonly #focus: Focus;
  readonly #tooltip: Tooltip;
  readonly #copy: (json: boolean) => void;
  readonly #help: () => void;
  readonly #redraw: () => void;
  readonly #asking = new LatestOnly(HOVER_REST_MS);
  #hover: Selection | undefined;
  /** Byte where a drag began; undefined without a drag. */
  #dragFrom: number | undefined;

  constructor(
    context: ViewContext,
    focus: Focus,
    copy: (json: boolean) => void,
    help: () => void,
    redraw: () => void,
  ) {
    this.#context = context;
    this.#focus = focus;
    this.#copy = copy;
    this.#help = help;
    this.#redraw = redraw;
    const { root } = context.pane;
    this.#tooltip = new Tooltip(root);
    root.addEventListener('keydown', (event) => this.#keydown(event));
    listenToPointer(root, GUTTER, () => context.view.pitch, {
      ready: () => context.isOpen,
      wheelRows: (rows) =>
        context.move((camera, view, size) => scrollRows(camera, view, size, rows)),
      wheelAcross: (share) =>
        context.move((camera, view, size) => scrollRows(camera, view, size, share)),
      zoom: (factor, x, y) =>
        context.move((camera, view, size) => zoomAt(camera, view, size, factor, x, y)),
      hover: (point) => this.#hoverAt(point),
      drag: (from, to, done, extend) => this.#drag(from, to, done, extend),
    });
  }

  /** The range under the pointer. */
  get hover(): Selection | undefined {
    return this.#hover;
  }

  #keydown(event: KeyboardEvent): void {
    const context = this.#context;
    if (event.altKey || !context.isOpen) return;
    const { key, shiftKey } = event;
    const { view, camera, size, cell, model } = context;
    const command = keyCommand(
      { key, shiftKey, modified: event.ctrlKey || event.metaKey },
      { focus: model.focus, size, bytesPerRow: camera.bytesPerRow, rows: wholeRows(view), cell },
    );
    if (command === undefined) return;
    event.preventDefault();
    this.#perform(command);
  }

  #perform(command: KeyCommand): void {
    const context = this.#context;
    switch (command.type) {
      case 'focus':
        return this.#focus.moveTo(command.offset, command.extend);
      case 'zoom':
        return this.#focus.zoom(command.factor);
      case 'fit':
        return context.do({ type: 'camera', camera: undefined });
      case 'select':
        return this.#focus.selectRange();
      case 'clear':
        this.#endHover();
        return context.do({ type: 'select', selection: undefined });
      case 'seek':
        return this.#focus.seek(command.direction);
      case 'help':
        return this.#help();
      case 'copy':
        return this.#copy(command.json);
    }
  }

  #offsetAt({ x, y }: Point): number {
    const { camera, view, size } = this.#context;
    return Math.max(0, Math.min(size - 1, Math.floor(offsetAt(camera, view, x, y))));
  }

  #drag(from: Point, to: Point, done: boolean, extend: boolean): void {
    const context = this.#context;
    const end = this.#offsetAt(to);
    // Scrolling during a drag moves the map, not the drag's start.
    this.#dragFrom ??= this.#offsetAt(from);
    if (from !== to) this.#focus.select(this.#dragFrom, end);
    else if (extend) this.#focus.select(context.model.focus, end);
    else context.do({ type: 'select', selection: undefined });
    this.#endHover();
    if (!done) return;
    this.#dragFrom = undefined;
    context.do({ type: 'focus', offset: onCell(end, context.cell) });
    this.#focus.describe();
  }

  #hoverAt(point: Point | undefined): void {
    const context = this.#context;
    if (point === undefined) return this.#endHover();
    const { x, y } = point;
    const offset = Math.floor(offsetAt(context.camera, context.view, x, y));
    if (offset >= context.size) return this.#endHover();
    this.#asking.ask(async (signal) => {
      const place = await context.place(offset, signal);
      this.#hover = { start: place.start, end: place.start + place.length };
      this.#tooltip.show(context.words.place(place, context.info), x + GUTTER, y);
      this.#redraw();
    });
  }

  #endHover(): void {
    this.#asking.drop();
    this.#tooltip.hide();
    if (this.#hover === undefined) return;
    this.#hover = undefined;
    this.#redraw();
  }
}
