import type { Camera, Viewport } from './camera.ts';
import type { Palette } from './colours.ts';
import { coarser, levelFor, overviewLevel, pieces, type Piece } from './geometry.ts';
import type { LoadedTile, TileCache, TileKey } from './tile-cache.ts';

/**
 * A piece with the tile that is drawn for it now: its own, or a coarser one until its own is
 * loaded.
 */
export interface DrawnPiece extends Piece {
  readonly loaded: LoadedTile | undefined;
}

export interface Scene {
  readonly level: number;
  readonly pieces: readonly DrawnPiece[];
  /** Some pieces are drawn from coarser tiles, or not drawn yet. */
  readonly incomplete: boolean;
}

export interface SceneInput {
  readonly camera: Camera;
  readonly view: Viewport;
  readonly size: number;
  readonly frame: number;
  readonly devicePixelRatio: number;
}

/** Draws scenes on a canvas. */
export interface Renderer {
  readonly name: string;
  resize(width: number, height: number, devicePixelRatio: number): void;
  setPalette(palette: Palette): void;
  draw(scene: Scene, cellHeight: number): void;
  /** Called when another map is shown: the IDs of tiles then mean other tiles. */
  forgetTiles(): void;
  dispose(): void;
}

/** Maximum number of levels by which a substitute tile may be coarser. */
const MAX_COARSER = 12;
/**
 * Number of tiles before and behind the visible ones that are loaded after all visible ones.
 */
const MARGIN = 4;

/** Finds the tiles of the visible pieces, and requests missing ones from the cache. */
export function makeScene(input: SceneInput, tiles: TileCache): Scene {
  const { camera, view, size, frame, devicePixelRatio } = input;
  const level = levelFor(camera.bytesPerRow, view.width * devicePixelRatio);
  const whole: TileKey = { frame, level: overviewLevel(size), index: 0 };
  const drawn: DrawnPiece[] = [];
  const wanted = new Map<number, TileKey>();
  let incomplete = false;
  for (const piece of pieces(camera, view, size, level)) {
    const key = { frame, level, index: piece.tile };
    wanted.set(piece.tile, key);
    const loaded = tiles.get(key);
    if (loaded === undefined) incomplete = true;
    drawn.push(
      loaded === undefined ? standIn(piece, key, whole.level, tiles) : { ...piece, loaded },
    );
  }
  const around = incomplete ? [] : neighbours([...wanted.keys()], { frame, level, index: 0 }, size);
  // The overview comes first: it can substitute for every tile.
  tiles.want([whole, ...wanted.values(), ...around]);
  return { level, pieces: drawn, incomplete };
}

function standIn(piece: Piece, key: TileKey, coarsest: number, tiles: TileCache): DrawnPiece {
  const most = Math.min(key.level + MAX_COARSER, coarsest);
  for (let level = key.level + 1; level <= most; level++) {
    const up = level - key.level;
    const index = Math.floor(key.index / 2 ** up);
    const loaded = tiles.get({ ...key, level, index });
    if (loaded !== undefined) return { ...coarser(piece, up), loaded };
  }
  const up = coarsest - key.level;
  const loaded = up > 0 ? tiles.get({ ...key, level: coarsest, index: 0 }) : undefined;
  return loaded === undefined ? { ...piece, loaded } : { ...coarser(piece, up), loaded };
}

function neighbours(shown: readonly number[], key: TileKey, size: number): TileKey[] {
  const first = shown[0] ?? 0;
  const last = shown.at(-1) ?? 0;
  const end = Math.ceil(size / (4096 * 2 ** key.level));
  const out: TileKey[] = [];
  for (let i = 1; i <= MARGIN; i++) {
    if (last + i < end) out.push({ ...key, index: last + i });
    if (first - i >= 0) out.push({ ...key, index: first - i });
  }
  return out;
}
