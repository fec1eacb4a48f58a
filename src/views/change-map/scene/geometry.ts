import { GREATEST_LEVEL, LEAST_LEVEL, TILE_CELLS } from '../../../engine/api/change-map.ts';
import type { Camera, Viewport } from './camera.ts';

/**
 * A part of a row that one tile fills: its position, and the tile's cells in it (also fractions of
 * cells).
 */
export interface Piece {
  readonly x0: number;
  readonly x1: number;
  /** Top of the row. */
  readonly y: number;
  readonly tile: number;
  readonly cell0: number;
  readonly cell1: number;
}

/**
 * Returns the lowest level whose cells are at least a device pixel wide, so that drawing skips no
 * cell.
 */
export function levelFor(bytesPerRow: number, devicePixels: number): number {
  const level = Math.ceil(Math.log2(bytesPerRow / Math.max(1, devicePixels)));
  return Math.max(LEAST_LEVEL, Math.min(GREATEST_LEVEL, level));
}

/** Returns the lowest level at which one tile covers the whole disk. */
export function overviewLevel(size: number): number {
  const level = Math.ceil(Math.log2(Math.max(1, size) / TILE_CELLS));
  return Math.max(LEAST_LEVEL, Math.min(GREATEST_LEVEL, level));
}

/** Returns the pieces of the rows in view, top to bottom, left to right, within the disk. */
export function pieces(camera: Camera, view: Viewport, size: number, level: number): Piece[] {
  const cell = 2 ** level;
  const span = TILE_CELLS * cell;
  const rows = Math.ceil(view.height / view.pitch + camera.shift);
  const out: Piece[] = [];
  for (let row = 0; row < rows; row++) {
    const rowStart = camera.start + row * camera.bytesPerRow;
    const end = Math.min(rowStart + camera.bytesPerRow, size);
    const y = (row - camera.shift) * view.pitch;
    const toX = (offset: number): number => ((offset - rowStart) / camera.bytesPerRow) * view.width;
    for (let from = Math.max(0, rowStart); from < end;) {
      const tile = Math.floor(from / span);
      const to = Math.min((tile + 1) * span, end);
      const first = tile * span;
      out.push({
        x0: toX(from),
        x1: toX(to),
        y,
        tile,
        cell0: (from - first) / cell,
        cell1: (to - first) / cell,
      });
      from = to;
    }
  }
  return out;
}

/** Returns the same bytes as a piece of a tile `up` levels coarser. */
export function coarser(piece: Piece, up: number): Piece {
  const scale = 2 ** up;
  const tile = Math.floor(piece.tile / scale);
  const before = (piece.tile - tile * scale) * TILE_CELLS;
  return {
    ...piece,
    tile,
    cell0: (before + piece.cell0) / scale,
    cell1: (before + piece.cell1) / scale,
  };
}

export interface Strip {
  readonly x0: number;
  readonly x1: number;
  readonly y: number;
  /** Whether the range begins, or ends, within this row. */
  readonly opens: boolean;
  readonly closes: boolean;
}

/**
 * Returns the parts of the visible rows that a range covers, for selections, brackets and outlines.
 */
export function strips(
  camera: Camera,
  view: Viewport,
  range: { start: number; end: number },
): Strip[] {
  const { start, bytesPerRow, shift } = camera;
  const last = Math.ceil(view.height / view.pitch + shift) - 1;
  const first = Math.max(0, Math.floor((range.start - start) / bytesPerRow));
  const end = Math.min(last, Math.ceil((range.end - start) / bytesPerRow) - 1);
  const out: Strip[] = [];
  for (let row = first; row <= end; row++) {
    const rowStart = start + row * bytesPerRow;
    const from = Math.max(range.start, rowStart);
    const to = Math.min(range.end, rowStart + bytesPerRow);
    if (from >= to) continue;
    out.push({
      x0: ((from - rowStart) / bytesPerRow) * view.width,
      x1: ((to - rowStart) / bytesPerRow) * view.width,
      y: (row - shift) * view.pitch,
      opens: from === range.start,
      closes: to === range.end,
    });
  }
  return out;
}
