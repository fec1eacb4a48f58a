/**
 * Visible part of a map: rows of `bytesPerRow` bytes, wrapped like text, from byte `start` on. A
 * row has a round number of bytes and begins at a multiple of it, so that the offsets beside the
 * rows are round too.
 */
export interface Camera {
  readonly start: number;
  readonly bytesPerRow: number;
  /** Fraction of the first row that is scrolled off the top, 0 to 1. */
  readonly shift: number;
  /** Exact zoom scale, of which `bytesPerRow` is the nearest round number. Absent: equal to it. */
  readonly scale?: number;
}

/** The area in which rows are drawn, in CSS pixels. */
export interface Viewport {
  readonly width: number;
  readonly height: number;
  /** Distance between the tops of two rows. */
  readonly pitch: number;
}

/** Maximum zoom: a sector is drawn at most MAX_SECTOR_PIXELS wide. */
const SECTOR = 512;
const MAX_SECTOR_PIXELS = 24;

export const wholeRows = ({ height, pitch }: Viewport): number =>
  Math.max(1, Math.floor(height / pitch));

/** Round numbers of bytes: powers of two, and one and a half times them. */
const STEPS = [1, 1.5, 2];

/** Returns the smallest round number of bytes that is at least `bytes`. */
function roundUp(bytes: number): number {
  const power = 2 ** Math.floor(Math.log2(bytes));
  return Math.max(SECTOR, power * (STEPS.find((step) => power * step >= bytes) ?? 2));
}

/** Returns the nearest round number of bytes, on a logarithmic scale. */
function roundNear(bytes: number): number {
  const above = roundUp(bytes);
  const power = 2 ** Math.floor(Math.log2(above));
  const below = above === power ? power * 0.75 : power;
  return bytes * bytes < above * below ? Math.max(SECTOR, below) : above;
}

/** Returns the camera that shows the whole disk. */
export function fitCamera(view: Viewport, size: number): Camera {
  return { start: 0, bytesPerRow: roundUp(size / wholeRows(view)), shift: 0 };
}

/** Returns the byte at a point of the viewport; it may lie past the disk's end. */
export function offsetAt(
  { start, bytesPerRow, shift }: Camera,
  view: Viewport,
  x: number,
  y: number,
): number {
  const row = Math.floor(y / view.pitch + shift);
  const across = Math.max(0, Math.min(1, x / view.width));
  return start + (row + across) * bytesPerRow;
}

/** Returns the position of a byte: the top of its row, and the distance along it. */
export function pointOf(camera: Camera, view: Viewport, offset: number): { x: number; y: number } {
  const rows = (offset - camera.start) / camera.bytesPerRow;
  const row = Math.floor(rows);
  return { x: (rows - row) * view.width, y: (row - camera.shift) * view.pitch };
}

/** Zooms by `factor` (below 1: closer); the byte under the point stays in its row. */
export function zoomAt(
  camera: Camera,
  view: Viewport,
  size: number,
  factor: number,
  x: number,
  y: number,
): Camera {
  const anchor = offsetAt(camera, view, x, y);
  const scale = clampScale((camera.scale ?? camera.bytesPerRow) * factor, view, size);
  const bytesPerRow = clampScale(roundNear(scale), view, size);
  const row = Math.floor(y / view.pitch + camera.shift);
  const start = (Math.floor(anchor / bytesPerRow) - row) * bytesPerRow;
  return clampCamera({ ...camera, scale, bytesPerRow, start }, view, size);
}

/** Scrolls by rows, also by fractions: the picture moves vertically and keeps its columns. */
export function scrollRows(camera: Camera, view: Viewport, size: number, rows: number): Camera {
  const scrolled = camera.shift + rows;
  const whole = Math.floor(scrolled);
  const start = camera.start + whole * camera.bytesPerRow;
  return clampCamera({ ...camera, start, shift: scrolled - whole }, view, size);
}

/** Moves along the disk by whole rows. */
export function panBytes(camera: Camera, view: Viewport, size: number, bytes: number): Camera {
  return clampCamera({ ...camera, start: camera.start + bytes }, view, size);
}

/** Moves the camera as little as possible to make an offset fully visible. */
export function reveal(camera: Camera, view: Viewport, size: number, offset: number): Camera {
  const row = Math.floor((offset - camera.start) / camera.bytesPerRow);
  const last = wholeRows(view) - 1;
  if (row < 0 || (row === 0 && camera.shift > 0)) {
    return scrollRows({ ...camera, shift: 0 }, view, size, row);
  }
  if (row - camera.shift > last) return scrollRows(camera, view, size, row - last - camera.shift);
  return camera;
}

/** Limits the camera to the disk, and the scale to what can be drawn. */
export function clampCamera(camera: Camera, view: Viewport, size: number): Camera {
  const bytesPerRow = roundUp(clampScale(camera.bytesPerRow, view, size));
  const last = Math.ceil(size / bytesPerRow) - wholeRows(view);
  const greatest = Math.max(0, last) * bytesPerRow;
  const start = Math.round(camera.start / bytesPerRow) * bytesPerRow;
  const { scale } = camera;
  const kept = scale === undefined ? {} : { scale };
  if (start < 0) return { start: 0, bytesPerRow, shift: 0, ...kept };
  if (start + camera.shift * bytesPerRow > greatest) {
    return { start: greatest, bytesPerRow, shift: 0, ...kept };
  }
  return { start, bytesPerRow, shift: camera.shift, ...kept };
}

function clampScale(bytesPerRow: number, view: Viewport, size: number): number {
  const most = fitCamera(view, size).bytesPerRow;
  const least = Math.min(most, roundUp((SECTOR * view.width) / MAX_SECTOR_PIXELS));
  return Math.max(least, Math.min(most, bytesPerRow));
}
