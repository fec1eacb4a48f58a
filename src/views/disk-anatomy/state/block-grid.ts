/** Layout of the block map's cells: as many per row as fit, rows from top to bottom. */
export interface Grid {
  readonly columns: number;
  readonly rows: number;
  /** Distance between cells, in pixels. */
  readonly pitch: number;
}

/** Visible part of the disk. */
export interface BlockCamera {
  /** Blocks per cell, a power of two; null: as many as needed to show the whole disk. */
  readonly perCell: number | null;
  /** The first block in view. */
  readonly from: number;
}

export const WHOLE_DISK: BlockCamera = { perCell: null, from: 0 };

/** Minimum distance between cells, in pixels. */
const LEAST_PITCH = 13;
const MOST_PITCH = 26;

/**
 * Returns the grid with the largest cells that still show the whole disk: few blocks have large
 * cells, many share cells of the minimum size.
 */
export function gridOf(width: number, height: number, total: number): Grid {
  const grid = (pitch: number): Grid => ({
    columns: Math.max(1, Math.floor(width / pitch)),
    rows: Math.max(1, Math.floor(height / pitch)),
    pitch,
  });
  const least = grid(LEAST_PITCH);
  const cells = Math.ceil(total / wholePerCell(total, least));
  for (let pitch = MOST_PITCH; pitch > LEAST_PITCH; pitch--) {
    const larger = grid(pitch);
    if (larger.columns * larger.rows >= cells) return larger;
  }
  return least;
}

/** Returns the smallest power of two that shows the whole disk. */
function wholePerCell(total: number, { columns, rows }: Grid): number {
  return 2 ** Math.max(0, Math.ceil(Math.log2(total / (columns * rows))));
}

/** The visible cells. */
export interface BlockWindow {
  readonly perCell: number;
  /** The first block, at the start of a row. */
  readonly from: number;
  /** Number of visible cells, including a partial last row. */
  readonly cells: number;
}

export function windowOf(camera: BlockCamera, total: number, grid: Grid): BlockWindow {
  const whole = wholePerCell(total, grid);
  const perCell = Math.min(camera.perCell ?? whole, whole);
  const rowBlocks = grid.columns * perCell;
  const rows = Math.ceil(total / rowBlocks);
  const lastTop = Math.max(0, rows - grid.rows);
  const top = Math.max(0, Math.min(lastTop, Math.floor(camera.from / rowBlocks)));
  const from = top * rowBlocks;
  const cells = Math.min(grid.columns * grid.rows, Math.ceil((total - from) / perCell));
  return { perCell, from, cells };
}

/** Halves (`finer`) or doubles the blocks per cell; the block keeps its approximate position. */
export function zoomed(
  camera: BlockCamera,
  total: number,
  grid: Grid,
  block: number,
  finer: boolean,
): BlockCamera {
  const { perCell: now, from } = windowOf(camera, total, grid);
  const whole = wholePerCell(total, grid);
  const perCell = finer ? Math.max(1, now / 2) : now * 2;
  if (perCell >= whole) return WHOLE_DISK;
  const row = Math.floor((block - from) / (grid.columns * now));
  const inView = Math.max(0, Math.min(grid.rows - 1, row));
  const rowBlocks = grid.columns * perCell;
  const top = Math.floor(block / rowBlocks) - inView;
  return { perCell, from: Math.max(0, top * rowBlocks) };
}

/** Scrolls by rows. */
export function scrolled(
  camera: BlockCamera,
  total: number,
  grid: Grid,
  rows: number,
): BlockCamera {
  const { perCell, from } = windowOf(camera, total, grid);
  const to = { ...camera, from: Math.max(0, from + rows * grid.columns * perCell) };
  return { ...to, from: windowOf(to, total, grid).from };
}

/** Scrolls as little as possible to make a block visible. */
export function revealed(
  camera: BlockCamera,
  total: number,
  grid: Grid,
  block: number,
): BlockCamera {
  const { perCell, from } = windowOf(camera, total, grid);
  const row = Math.floor((block - from) / (grid.columns * perCell));
  if (row < 0) return scrolled(camera, total, grid, row);
  if (row >= grid.rows) return scrolled(camera, total, grid, row - grid.rows + 1);
  return camera;
}

/** Number of cells in a tile, the unit of requests. */
export const TILE_CELLS = 4096;

export interface BlockTileKey {
  readonly perCell: number;
  readonly index: number;
}

/** Returns the tiles that a window needs. */
export function tilesOf({ perCell, from, cells }: BlockWindow): readonly BlockTileKey[] {
  const first = Math.floor(from / perCell / TILE_CELLS);
  const last = Math.floor((from / perCell + Math.max(0, cells - 1)) / TILE_CELLS);
  return Array.from({ length: last - first + 1 }, (_, i) => ({ perCell, index: first + i }));
}
