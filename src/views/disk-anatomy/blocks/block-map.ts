import type { AnatomyInfo } from '../../../engine/api/anatomy.ts';
import { button, element, setText } from '../../common/dom.ts';
import { fill } from '../../common/words/format.ts';
import { Tooltip } from '../../common/tooltip.ts';
import { BlockDetail } from './block-detail.ts';
import { drawCell } from './block-draw.ts';
import type { Cell } from '../state/block-tile.ts';
import {
  gridOf,
  revealed,
  scrolled,
  TILE_CELLS,
  tilesOf,
  WHOLE_DISK,
  windowOf,
  zoomed,
  type BlockWindow,
  type Grid,
} from '../state/block-grid.ts';
import { blockCommand } from './block-keyboard.ts';
import { fitCanvas } from '../state/fit-canvas.ts';
import type { Loader } from '../state/loader.ts';
import type { Palette } from '../state/palette.ts';
import { StateLegend } from './state-legend.ts';
import type { ViewContext } from '../state/view-context.ts';

const GAP = 2;
const WHEEL_ROW = 40;

/** The blocks of the disk as cells, from the whole disk in view to one block per cell. */
export class BlockMap {
  readonly panel = element('div', { class: 'panel' });
  readonly #context: ViewContext;
  readonly #loader: Loader;
  readonly #map: HTMLElement;
  readonly #canvas = element('canvas', { class: 'layer', 'aria-hidden': 'true' });
  readonly #scale = element('span', { class: 'muted' });
  readonly #zoomIn: HTMLButtonElement;
  readonly #zoomOut: HTMLButtonElement;
  readonly #legend: StateLegend;
  readonly #detail: BlockDetail;
  readonly #tooltip: Tooltip;
  #wheel = 0;
  #drawn: readonly unknown[] = [];
  /** Announced text of a cell whose state was still loading. */
  #said: string | undefined;

  constructor(context: ViewContext, loader: Loader) {
    this.#context = context;
    this.#loader = loader;
    const { words } = context;
    const { strings } = words;
    this.#map = element('div', {
      class: 'block-map',
      role: 'application',
      tabindex: 0,
      'aria-label': words.named(strings.blocksLabel),
      'aria-describedby': 'blocks-help',
    });
    this.#map.append(this.#canvas);
    this.#tooltip = new Tooltip(this.#map);
    this.#legend = new StateLegend(words);
    this.#detail = new BlockDetail(context);
    this.#zoomOut = button('−', () => this.#zoom(false), 'icon');
    this.#zoomIn = button('+', () => this.#zoom(true), 'icon');
    for (const [each, label] of [
      [this.#zoomOut, strings.zoomOut],
      [this.#zoomIn, strings.zoomIn],
    ] as const) {
      each.setAttribute('aria-label', label);
      each.title = label;
    }
    const whole = button(strings.wholeDisk, () => this.#whole());
    this.panel.append(
      element('div', { class: 'tools' }, this.#zoomOut, this.#zoomIn, whole, this.#scale),
      this.#map,
      this.#legend.root,
      this.#detail.root,
      element('p', { id: 'blocks-help', class: 'hidden' }, strings.blocksHelp),
    );
    this.#listen();
  }

  draw(info: AnatomyInfo, palette: Palette): void {
    const { blocks } = info;
    if (this.panel.hidden || blocks === null) return;
    const { clientWidth, clientHeight } = this.#map;
    if (clientWidth === 0 || clientHeight === 0) return;
    this.#legend.show(info, palette);
    this.#detail.draw(info);
    const { camera, block } = this.#context.model;
    const focus = document.activeElement === this.#map;
    const { version } = this.#loader.tiles;
    const drawn = [info, palette, clientWidth, clientHeight, camera, block, focus, version];
    if (drawn.every((each, i) => each === this.#drawn[i])) return;
    this.#drawn = drawn;
    this.#drawCells(blocks.total, palette);
    this.#sayAgain();
  }

  #drawCells(total: number, palette: Palette): void {
    const { clientWidth, clientHeight } = this.#map;
    const { grid, window } = this.#view(total);
    const { strings, format } = this.#context.words;
    const scale =
      window.perCell === 1
        ? strings.onePerCell
        : fill(strings.perCell, format.count(window.perCell));
    setText(this.#scale, scale);
    this.#zoomIn.disabled = window.perCell === 1;
    this.#zoomOut.disabled = this.#context.model.camera.perCell === null;
    this.#loader.tiles.want(tilesOf(window));
    const canvas = fitCanvas(this.#canvas, clientWidth, clientHeight);
    if (canvas === undefined) return;
    const size = grid.pitch - GAP;
    const place = (cell: number): readonly [number, number] => [
      (cell % grid.columns) * grid.pitch + 1,
      Math.floor(cell / grid.columns) * grid.pitch + 1,
    ];
    for (let cell = 0; cell < window.cells; cell++) {
      drawCell(canvas, this.#cell(window, cell), ...place(cell), size, palette);
    }
    const focused = Math.floor((this.#context.model.block - window.from) / window.perCell);
    if (focused < 0 || focused >= window.cells) return;
    const [x, y] = place(focused);
    canvas.lineWidth = 2;
    canvas.strokeStyle = palette.background;
    canvas.strokeRect(x - 1, y - 1, size + 2, size + 2);
    canvas.strokeStyle = document.activeElement === this.#map ? palette.focus : palette.text;
    canvas.strokeRect(x - 1, y - 1, size + 2, size + 2);
  }

  #view(total: number): { readonly grid: Grid; readonly window: BlockWindow } {
    const grid = gridOf(this.#map.clientWidth, this.#map.clientHeight, total);
    return { grid, window: windowOf(this.#context.model.camera, total, grid) };
  }

  get #total(): number {
    return this.#context.info.blocks?.total ?? 0;
  }

  /** Returns undefined while the cell is loading. */
  #cell({ perCell, from }: BlockWindow, cell: number): Cell | undefined {
    const global = from / perCell + cell;
    const index = Math.floor(global / TILE_CELLS);
    return this.#loader.tiles.get({ perCell, index })?.at(global - index * TILE_CELLS);
  }

  #listen(): void {
    this.#map.addEventListener('keydown', (event) => this.#key(event));
    this.#map.addEventListener('click', (event) => {
      const cell = this.#cellAt(event);
      if (cell !== undefined) this.#focus(cell);
    });
    this.#map.addEventListener('dblclick', () => this.#detail.toEntry());
    this.#map.addEventListener('pointermove', (event) => this.#hover(event));
    this.#map.addEventListener('pointerleave', () => this.#tooltip.hide());
    this.#map.addEventListener('wheel', (event) => this.#wheeled(event), { passive: false });
    for (const event of ['focus', 'blur']) {
      this.#map.addEventListener(event, () =>
        this.#context.do({ type: 'block', block: this.#context.model.block }),
      );
    }
  }

  #key(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey || !this.#context.isOpen) return;
    const total = this.#total;
    const { grid, window } = this.#view(total);
    const { block } = this.#context.model;
    const command = blockCommand(event, { block, total, perCell: window.perCell, ...grid });
    if (command === undefined) return;
    event.preventDefault();
    switch (command.type) {
      case 'move':
        return this.#focus(command.block);
      case 'zoom':
        return this.#zoom(command.finer);
      case 'whole':
        return this.#whole();
      case 'entry':
        return this.#detail.toEntry();
      case 'data':
        return this.#detail.toData();
    }
  }

  #focus(block: number): void {
    const { model } = this.#context;
    const { grid } = this.#view(this.#total);
    this.#context.do({ type: 'block', block });
    const camera = revealed(model.camera, this.#total, grid, block);
    if (camera !== model.camera) this.#context.do({ type: 'camera', camera });
    this.#say(block);
  }

  #say(block: number): void {
    const text = this.#text(block);
    this.#said = text;
    this.#context.say(text);
  }

  /** Announces the cell again after its state was loaded. */
  #sayAgain(): void {
    if (this.#said === undefined) return;
    const { block } = this.#context.model;
    const text = this.#text(block);
    if (text !== this.#said && text.startsWith(this.#said)) this.#context.say(text);
    if (text !== this.#said) this.#said = undefined;
  }

  #text(block: number): string {
    const { info, words } = this.#context;
    const total = this.#total;
    const { window } = this.#view(total);
    const first = Math.floor(block / window.perCell) * window.perCell;
    const last = Math.min(total, first + window.perCell) - 1;
    const cell = this.#cell(window, (first - window.from) / window.perCell);
    return words.cell(first, last, cell, info);
  }

  #zoom(finer: boolean): void {
    const { model } = this.#context;
    const { grid } = this.#view(this.#total);
    const camera = zoomed(model.camera, this.#total, grid, model.block, finer);
    this.#context.do({ type: 'camera', camera });
    this.#say(model.block);
  }

  #whole(): void {
    this.#context.do({ type: 'camera', camera: WHOLE_DISK });
  }

  /** Returns the first block of the cell under the pointer. */
  #cellAt({ clientX, clientY }: MouseEvent): number | undefined {
    const box = this.#map.getBoundingClientRect();
    const { grid, window } = this.#view(this.#total);
    const column = Math.floor((clientX - box.left - this.#map.clientLeft) / grid.pitch);
    const row = Math.floor((clientY - box.top - this.#map.clientTop) / grid.pitch);
    const cell = row * grid.columns + column;
    const outside = column < 0 || column >= grid.columns || cell < 0 || cell >= window.cells;
    return outside ? undefined : window.from + cell * window.perCell;
  }

  #hover(event: PointerEvent): void {
    if (!this.#context.isOpen) return;
    const block = this.#cellAt(event);
    if (block === undefined) return this.#tooltip.hide();
    const { info, words } = this.#context;
    const at = fill(
      words.strings.blockDisk,
      words.format.bytes(info.blockSize ?? 0),
      words.format.bytes(block * (info.blockSize ?? 0)),
    );
    const box = this.#map.getBoundingClientRect();
    this.#tooltip.show([this.#text(block), at], event.clientX - box.left, event.clientY - box.top);
  }

  #wheeled(event: WheelEvent): void {
    if (!this.#context.isOpen) return;
    event.preventDefault();
    const { model } = this.#context;
    const { grid } = this.#view(this.#total);
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 1 : 1 / WHEEL_ROW;
    this.#wheel += event.deltaY * lines;
    const steps = Math.trunc(this.#wheel);
    if (steps === 0) return;
    this.#wheel -= steps;
    const around = this.#cellAt(event) ?? model.block;
    const camera = event.ctrlKey
      ? zoomed(model.camera, this.#total, grid, around, steps < 0)
      : scrolled(model.camera, this.#total, grid, steps);
    this.#context.do({ type: 'camera', camera });
  }
}
