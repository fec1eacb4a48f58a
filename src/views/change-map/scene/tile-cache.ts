import type { Tile } from '../../../engine/api/change-map.ts';
import { fromBase64 } from '../../common/base64.ts';

export interface TileKey {
  readonly frame: number;
  readonly level: number;
  readonly index: number;
}

/** A tile as it is drawn: its cells, or one value for all. */
export interface LoadedTile {
  readonly id: string;
  readonly cells: Uint8Array | undefined;
  readonly fill: readonly [number, number, number, number];
}

type Load = (
  request: { readonly frame: number; readonly level: number; readonly indexes: readonly number[] },
  signal: AbortSignal,
) => Promise<readonly Tile[]>;

export interface TileCacheOptions {
  readonly load: Load;
  /** New tiles can be drawn. */
  readonly onLoaded: () => void;
  readonly onFailed: (error: unknown) => void;
  /** Tiles kept: 16 KiB each at most. */
  readonly capacity?: number;
}

interface Batch {
  readonly keys: ReadonlySet<string>;
  readonly abort: AbortController;
}

/** Some at once, so that a pan does not wait for the tiles of the place before. */
const MAX_BATCHES = 3;
const MAX_IN_BATCH = 64;

export const tileId = ({ frame, level, index }: TileKey): string => `${frame}/${level}/${index}`;

/**
 * Tiles that were loaded, the least recently used forgotten first. Each drawing says what it wants; what is missing is asked for
 * in few requests, and requests of which nothing is wanted any more are cancelled.
 */
export class TileCache {
  readonly #options: Required<TileCacheOptions>;
  readonly #tiles = new Map<string, LoadedTile>();
  readonly #batches = new Set<Batch>();
  #failed = false;

  constructor(options: TileCacheOptions) {
    this.#options = { capacity: 768, ...options };
  }

  get(key: TileKey): LoadedTile | undefined {
    const id = tileId(key);
    const tile = this.#tiles.get(id);
    if (tile === undefined) return undefined;
    this.#tiles.delete(id);
    this.#tiles.set(id, tile);
    return tile;
  }

  get loading(): boolean {
    return this.#batches.size > 0;
  }

  /** Says what should be here; the most important first. After a failure nothing is asked for until `retry`. */
  want(keys: readonly TileKey[]): void {
    const wanted = new Set(keys.map(tileId));
    for (const batch of this.#batches) {
      if (![...batch.keys].some((id) => wanted.has(id))) this.#cancel(batch);
    }
    if (this.#failed) return;
    const coming = new Set([...this.#batches].flatMap(({ keys: ids }) => [...ids]));
    let missing = keys.filter((key) => {
      const id = tileId(key);
      return !this.#tiles.has(id) && !coming.has(id);
    });
    while (missing.length > 0 && this.#batches.size < MAX_BATCHES) {
      const [first] = missing;
      if (first === undefined) break;
      const same = missing.filter(
        ({ frame, level }) => frame === first.frame && level === first.level,
      );
      const taken = new Set(same.slice(0, MAX_IN_BATCH));
      this.#request([...taken]);
      missing = missing.filter((key) => !taken.has(key));
    }
  }

  /** After a failure: asks again with the next `want`. */
  retry(): void {
    this.#failed = false;
  }

  /** Forgets all; another map is shown. */
  clear(): void {
    for (const batch of this.#batches) this.#cancel(batch);
    this.#tiles.clear();
    this.#failed = false;
  }

  #request(keys: readonly TileKey[]): void {
    const [first] = keys;
    if (first === undefined) return;
    const { frame, level } = first;
    const batch: Batch = { keys: new Set(keys.map(tileId)), abort: new AbortController() };
    this.#batches.add(batch);
    const request = { frame, level, indexes: keys.map(({ index }) => index) };
    void this.#options.load(request, batch.abort.signal).then(
      (tiles) => {
        if (!this.#batches.delete(batch)) return;
        for (const tile of tiles) this.#add({ frame, level, index: tile.index }, tile);
        this.#options.onLoaded();
      },
      (error: unknown) => {
        if (!this.#batches.delete(batch)) return;
        this.#failed = true;
        this.#options.onFailed(error);
      },
    );
  }

  #add(key: TileKey, { cells, fill }: Tile): void {
    const id = tileId(key);
    this.#tiles.set(id, { id, cells: cells === '' ? undefined : fromBase64(cells), fill });
    const [oldest] = this.#tiles.keys();
    if (this.#tiles.size > this.#options.capacity && oldest !== undefined)
      this.#tiles.delete(oldest);
  }

  #cancel(batch: Batch): void {
    this.#batches.delete(batch);
    batch.abort.abort();
  }
}
