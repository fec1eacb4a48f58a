import type { MapInfo } from '../../../engine/api/change-map.ts';
import type { PartitionInfo } from '../../../engine/api/guest/inspection.ts';
import { element } from '../../common/dom.ts';
import type { Format } from '../../common/words/format.ts';
import type { Camera, Viewport } from '../scene/camera.ts';
import { CanvasRenderer } from './canvas-renderer.ts';
import type { Palette } from '../scene/colours.ts';
import { GlRenderer } from '../gl/gl-renderer.ts';
import { drawOverlay } from './overlay.ts';
import { makeScene, type Renderer, type Scene } from '../scene/scene.ts';
import type { Selection } from '../state/store.ts';
import type { TileCache } from '../scene/tile-cache.ts';

/** Width in CSS pixels left of the cells, for the offsets of rows. */
export const GUTTER = 84;
const CELL_HEIGHT = 16;
const GAP = 2;
/** Height in CSS pixels below the cells, for brackets with names. */
const PARTITION_LANE = 16;

/** `auto` selects the faster one; tests select a particular one. */
export type RendererChoice = 'auto' | 'webgl2' | 'canvas2d';

export interface PaneInput {
  readonly info: MapInfo;
  readonly camera: Camera;
  readonly frame: number;
  readonly selection: Selection | undefined;
  readonly focus: number;
  readonly hover: Selection | undefined;
  readonly palette: Palette;
  readonly format: Format;
  readonly partitionName: (partition: PartitionInfo) => string;
}

/** The map itself: a canvas of cells below a canvas with everything else. */
export class MapPane {
  readonly root: HTMLElement;
  readonly #overlay = element('canvas', { class: 'layer', 'aria-hidden': 'true' });
  #cells = element('canvas', { class: 'layer', 'aria-hidden': 'true' });
  #renderer: Renderer;
  #ratio = 0;
  #width = 0;
  #height = 0;
  #palette: Palette | undefined;
  #scene: Scene | undefined;

  constructor(wanted: RendererChoice) {
    this.root = element('div', { class: 'map', tabindex: 0, role: 'application' });
    this.root.append(this.#cells, this.#overlay);
    this.#renderer = this.#makeRenderer(wanted);
  }

  get rendererName(): string {
    return this.#renderer.name;
  }

  viewport(info: MapInfo): Viewport {
    const lane = (info.partitions ?? []).length > 0 ? PARTITION_LANE : 0;
    return {
      width: Math.max(64, this.root.clientWidth - GUTTER - 2),
      height: Math.max(32, this.root.clientHeight),
      pitch: CELL_HEIGHT + GAP + lane,
    };
  }

  draw(input: PaneInput, tiles: TileCache): void {
    const { info, camera, frame, palette } = input;
    const view = this.viewport(info);
    this.#resize();
    if (palette !== this.#palette) {
      this.#renderer.setPalette(palette);
      this.#palette = palette;
    }
    const size = info.virtualSize;
    const ratio = this.#ratio;
    const scene = makeScene({ camera, view, size, frame, devicePixelRatio: ratio }, tiles);
    this.#renderer.draw(scene, CELL_HEIGHT);
    const context = this.#overlay.getContext('2d');
    if (context !== null) {
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
      const focused = document.activeElement === this.root;
      drawOverlay(context, {
        ...input,
        view,
        size,
        cell: 2 ** scene.level,
        cellHeight: CELL_HEIGHT,
        gutter: GUTTER,
        partitions: info.partitions ?? [],
        focus: focused ? input.focus : undefined,
      });
    }
    this.#scene = scene;
  }

  forgetTiles(): void {
    this.#renderer.forgetTiles();
  }

  /**
   * Returns a picture of the visible map; it is redrawn, since WebGL does not preserve its drawing
   * buffer.
   */
  picture(background: string): Promise<Blob | null> {
    if (this.#scene !== undefined) this.#renderer.draw(this.#scene, CELL_HEIGHT);
    const canvas = document.createElement('canvas');
    canvas.width = this.#overlay.width;
    canvas.height = this.#overlay.height;
    const context = canvas.getContext('2d');
    if (context !== null) {
      context.fillStyle = background;
      context.fillRect(0, 0, canvas.width, canvas.height);
      context.drawImage(this.#cells, Math.round(GUTTER * this.#ratio), 0);
      context.drawImage(this.#overlay, 0, 0);
    }
    return new Promise((resolve) => canvas.toBlob(resolve, 'image/png'));
  }

  #resize(): void {
    const ratio = globalThis.devicePixelRatio || 1;
    const { clientWidth: width, clientHeight: height } = this.root;
    if (ratio === this.#ratio && width === this.#width && height === this.#height) return;
    [this.#ratio, this.#width, this.#height] = [ratio, width, height];
    const size = (canvas: HTMLCanvasElement, left: number): void => {
      canvas.width = Math.max(1, Math.round((width - left) * ratio));
      canvas.height = Math.max(1, Math.round(height * ratio));
      canvas.style.left = `${left}px`;
      canvas.style.width = `${canvas.width / ratio}px`;
      canvas.style.height = `${canvas.height / ratio}px`;
    };
    size(this.#cells, GUTTER);
    size(this.#overlay, 0);
    this.#renderer.resize(this.#cells.width, this.#cells.height, ratio);
  }

  #makeRenderer(wanted: RendererChoice): Renderer {
    const gl =
      wanted === 'canvas2d' ? undefined : GlRenderer.create(this.#cells, wanted === 'webgl2');
    if (gl === undefined) {
      // A canvas has only one kind of context: replace it to get the other kind.
      this.#replaceCells();
      return new CanvasRenderer(this.#cells);
    }
    this.#cells.addEventListener('webglcontextlost', () => {
      this.#replaceCells();
      this.#renderer = new CanvasRenderer(this.#cells);
      this.#palette = undefined;
      this.#ratio = 0;
      this.root.dispatchEvent(new Event('redraw'));
    });
    return gl;
  }

  #replaceCells(): void {
    const fresh = element('canvas', { class: 'layer', 'aria-hidden': 'true' });
    this.#cells.replaceWith(fresh);
    this.#cells = fresh;
  }
}
