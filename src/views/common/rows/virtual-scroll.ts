/** Browsers cut boxes at some ten million pixels: longer tables have a track on which a pixel stands for several rows. */
const MAX_TRACK = 8_000_000;

export const trackHeight = (rows: number, rowHeight: number): number =>
  Math.min(MAX_TRACK, rows * rowHeight);

/** Where the track stands when `row` is the first in view. */
export function scrollTopFor(row: number, height: number, rows: number, rowHeight: number): number {
  const track = trackHeight(rows, rowHeight);
  if (track === rows * rowHeight) return row * rowHeight;
  const last = Math.max(1, rows - Math.floor(height / rowHeight));
  return (row / last) * (track - height);
}

/** The first row in view; the one that is, where the track already stands for it. */
export function topRow(
  scrollTop: number,
  height: number,
  rows: number,
  rowHeight: number,
  now: number,
): number {
  if (Math.abs(scrollTopFor(now, height, rows, rowHeight) - scrollTop) < 1) return now;
  const track = trackHeight(rows, rowHeight);
  const last = Math.max(0, rows - Math.floor(height / rowHeight));
  // At its end the last row is wholly in view, whatever the height.
  if (scrollTop >= track - height - 1) return last;
  const row =
    track === rows * rowHeight
      ? Math.floor(scrollTop / rowHeight)
      : Math.round((scrollTop / Math.max(1, track - height)) * last);
  return Math.max(0, Math.min(last, row));
}
