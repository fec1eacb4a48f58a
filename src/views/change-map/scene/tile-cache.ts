import type { Tile } from '../../../engine/api/change-map.ts';
import { fromBase64 } from '../../common/base64.ts';
import { PieceCache } from '../../common/piece-cache.ts';

export interface TileKey {
  readonly frame: number;
  readonly level: number;
  readonly index: number;
}

/** A tile for drawing: its cells, or one value for all. */
export interface LoadedTile {
  readonly id: string;
  readonly cells: Uint8Array | undefined;
  readonly fill: readonly [number, number, number, number];
}

interface TileCacheOptions {
  readonly load: (
    request: {
      readonly frame: number;
      readonly level: number;
      readonly indexes: readonly number[];
    },
    signal: AbortSignal,
  ) => Promise<readonly Tile[]>;
  /** Called when new tiles can be drawn. */
  readonly onLoaded: () => void;
  readonly onFailed: (error: unknown) => void;
  /** Maximum number of cached tiles, of at most 16 KiB each. */
  readonly capacity?: number;
}

export type TileCache = PieceCache<TileKey, LoadedTile>;

/**
 * Maximum number of concurrent requests: more than one, so that a pan does not wait for tiles of
 * the previous place.
 */
const AT_ONCE = 3;
const MOST_IN_REQUEST = 64;

const tileId = ({ frame, level, index }: TileKey): string => `${frame}/${level}/${index}`;

/** Creates a cache of tiles. Each request loads tiles of one level of one frame. */
export function makeTileCache({
  load,
  onLoaded,
  onFailed,
  capacity = 768,
}: TileCacheOptions): TileCache {
  return new PieceCache({
    name: tileId,
    batches: {
      group: ({ frame, level }) => `${frame}/${level}`,
      most: MOST_IN_REQUEST,
      atOnce: AT_ONCE,
    },
    load: async (keys, signal) => {
      const [{ frame, level }] = keys;
      const tiles = await load({ frame, level, indexes: keys.map(({ index }) => index) }, signal);
      return tiles.map((tile) => {
        const key = { frame, level, index: tile.index };
        return [key, loaded(key, tile)] as const;
      });
    },
    capacity,
    onLoaded,
    onFailed,
  });
}

const loaded = (key: TileKey, { cells, fill }: Tile): LoadedTile => ({
  id: tileId(key),
  cells: cells === '' ? undefined : fromBase64(cells),
  fill,
});
