import { TILE_CELLS, type MapInfo } from '../../../engine/api/change-map.ts';
import { element } from '../../common/dom.ts';
import type { Palette } from '../scene/colours.ts';
import { overviewLevel } from '../scene/geometry.ts';
import { shade } from '../scene/shade.ts';
import type { LoadedTile, TileCache } from '../scene/tile-cache.ts';

const HEIGHT = 18;

/** The whole disk in one strip, with the visible part marked. Clicking it scrolls there. */
export class Overview {
  readonly root: HTMLElement;
  readonly #canvas = element('canvas', { class: 'strip', 'aria-hidden': 'true' });
  readonly #window = element('div', { class: 'window' });
  #drawn: readonly unknown[] = [];

  constructor(goTo: (share: number) => void) {
    this.root = element('div', { class: 'overview', role: 'img' });
    this.root.append(this.#canvas, this.#window);
    const go = (event: PointerEvent): void => {
      const box = this.root.getBoundingClientRect();
      goTo(Math.max(0, Math.min(1, (event.clientX - box.left) / box.width)));
    };
    this.root.addEventListener('pointerdown', (event) => {
      this.root.setPointerCapture(event.pointerId);
      go(event);
    });
    this.root.addEventListener('pointermove', (event) => {
      if (this.root.hasPointerCapture(event.pointerId)) go(event);
    });
  }

  draw(
    info: MapInfo,
    frame: number,
    shown: { readonly start: number; readonly end: number },
    tiles: TileCache,
    palette: Palette,
  ): void {
    const size = info.virtualSize;
    const width = Math.max(
      1,
      Math.round(this.root.clientWidth * (globalThis.devicePixelRatio || 1)),
    );
    this.#window.style.left = `${(shown.start / size) * 100}%`;
    this.#window.style.width = `${Math.max(0.2, ((shown.end - shown.start) / size) * 100)}%`;
    const tile = tiles.get({ frame, level: overviewLevel(size), index: 0 });
    const drawn = [tile, width, palette, size];
    if (tile === undefined || drawn.every((each, i) => each === this.#drawn[i])) return;
    this.#drawn = drawn;
    this.#canvas.width = width;
    this.#canvas.height = HEIGHT;
    const context = this.#canvas.getContext('2d');
    if (context === null) return;
    const image = context.createImageData(width, HEIGHT);
    const cells = size / 2 ** overviewLevel(size);
    const most = new Uint8Array(4);
    for (let x = 0; x < width; x++) {
      mostOf(tile, (x / width) * cells, ((x + 1) / width) * cells, most);
      for (let y = 0; y < HEIGHT; y++) {
        shade(palette, most, 0, x, y, image.data, (y * width + x) * 4);
      }
    }
    context.putImageData(image, 0, 0);
  }
}

/** Computes the maximum of each channel over some cells: a pixel may stand for several. */
function mostOf(tile: LoadedTile, from: number, to: number, into: Uint8Array): void {
  if (tile.cells === undefined) {
    into.set(tile.fill);
    return;
  }
  into.fill(0);
  const end = Math.min(TILE_CELLS, Math.max(Math.floor(from) + 1, Math.ceil(to)));
  for (let cell = Math.floor(from); cell < end; cell++) {
    for (let c = 0; c < 4; c++) {
      into[c] = Math.max(into[c] as number, tile.cells[cell * 4 + c] as number);
    }
  }
}
