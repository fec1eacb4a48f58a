import type { Palette } from '../scene/colours.ts';
import type { DrawnPiece, Renderer, Scene } from '../scene/scene.ts';
import { shade } from '../scene/shade.ts';

/**
 * Draws a scene on a 2D canvas if WebGL2 is not available. Rows are drawn one pixel high and
 * stretched, except with patterns.
 */
export class CanvasRenderer implements Renderer {
  readonly name = 'Canvas 2D';
  readonly #context: CanvasRenderingContext2D;
  readonly #rows = document.createElement('canvas');
  readonly #rowsContext: CanvasRenderingContext2D;
  #palette: Palette | undefined;
  #width = 0;
  #height = 0;
  #ratio = 1;

  constructor(canvas: HTMLCanvasElement) {
    const context = canvas.getContext('2d');
    const rows = this.#rows.getContext('2d');
    if (context === null || rows === null) throw new Error('This page cannot draw');
    this.#context = context;
    this.#rowsContext = rows;
  }

  resize(width: number, height: number, devicePixelRatio: number): void {
    this.#width = width;
    this.#height = height;
    this.#ratio = devicePixelRatio;
  }

  setPalette(palette: Palette): void {
    this.#palette = palette;
  }

  draw(scene: Scene, cellHeight: number): void {
    const context = this.#context;
    context.clearRect(0, 0, this.#width, this.#height);
    const rows = new Map<number, DrawnPiece[]>();
    for (const piece of scene.pieces) {
      const row = rows.get(piece.y);
      if (row === undefined) rows.set(piece.y, [piece]);
      else row.push(piece);
    }
    context.imageSmoothingEnabled = false;
    for (const [y, pieces] of rows) this.#row(pieces, y, cellHeight);
  }

  forgetTiles(): void {
    // This renderer keeps no tiles.
  }

  dispose(): void {
    this.#rows.width = 0;
  }

  #row(pieces: readonly DrawnPiece[], y: number, cellHeight: number): void {
    const palette = this.#palette;
    const width = Math.max(1, this.#width);
    if (palette === undefined) return;
    const top = Math.round(y * this.#ratio);
    const tall = Math.round((y + cellHeight) * this.#ratio) - top;
    const lines = palette.patterns ? tall : 1;
    if (this.#rows.width !== width || this.#rows.height !== lines) {
      this.#rows.width = width;
      this.#rows.height = lines;
    }
    const image = this.#rowsContext.createImageData(width, lines);
    for (let line = 0; line < lines; line++) {
      for (const piece of pieces) this.#piece(piece, palette, image, line, top + line);
    }
    this.#rowsContext.putImageData(image, 0, 0);
    this.#context.drawImage(this.#rows, 0, 0, width, lines, 0, top, width, tall);
  }

  #piece(piece: DrawnPiece, palette: Palette, image: ImageData, line: number, y: number): void {
    const { loaded, cell0, cell1 } = piece;
    if (loaded === undefined) return;
    const x0 = Math.round(piece.x0 * this.#ratio);
    const x1 = Math.min(image.width, Math.round(piece.x1 * this.#ratio));
    const cells = loaded.cells ?? loaded.fill;
    const step = (cell1 - cell0) / Math.max(1, x1 - x0);
    for (let x = x0; x < x1; x++) {
      const cell = Math.min(4095, Math.floor(cell0 + (x - x0 + 0.5) * step));
      const at = loaded.cells === undefined ? 0 : cell * 4;
      shade(palette, cells, at, x, y, image.data, (line * image.width + x) * 4);
    }
  }
}
