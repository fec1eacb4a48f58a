import type { LoadedTile } from '../scene/tile-cache.ts';

/** A tile's 4096 cells form a square of texels. */
const SIDE = 64;
/** Minimum that every WebGL2 supports; 4 MiB of texels. */
const LAYERS = 256;

/**
 * Tiles on the graphics card: each one is a layer of a texture array; the least recently used is
 * evicted.
 */
export class Atlas {
  readonly #gl: WebGL2RenderingContext;
  readonly #texture: WebGLTexture;
  readonly #layers = new Map<string, number>();

  constructor(gl: WebGL2RenderingContext) {
    this.#gl = gl;
    this.#texture = gl.createTexture();
    gl.bindTexture(gl.TEXTURE_2D_ARRAY, this.#texture);
    gl.texStorage3D(gl.TEXTURE_2D_ARRAY, 1, gl.RGBA8, SIDE, SIDE, LAYERS);
    gl.texParameteri(gl.TEXTURE_2D_ARRAY, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
    gl.texParameteri(gl.TEXTURE_2D_ARRAY, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
  }

  /** Returns the tile's layer, after uploading a new tile; -1 for a tile with a single value. */
  layerOf({ id, cells }: LoadedTile): number {
    if (cells === undefined) return -1;
    const known = this.#layers.get(id);
    if (known !== undefined) {
      this.#layers.delete(id);
      this.#layers.set(id, known);
      return known;
    }
    const layer = this.#free();
    const gl = this.#gl;
    gl.bindTexture(gl.TEXTURE_2D_ARRAY, this.#texture);
    const target = gl.TEXTURE_2D_ARRAY;
    gl.texSubImage3D(target, 0, 0, 0, layer, SIDE, SIDE, 1, gl.RGBA, gl.UNSIGNED_BYTE, cells);
    this.#layers.set(id, layer);
    return layer;
  }

  /** Forgets all tiles: in another map, IDs mean other tiles. */
  clear(): void {
    this.#layers.clear();
  }

  #free(): number {
    if (this.#layers.size < LAYERS) return this.#layers.size;
    const [oldest] = this.#layers;
    if (oldest === undefined) return 0;
    this.#layers.delete(oldest[0]);
    return oldest[1];
  }
}
