/**
 * Browsers limit boxes to about ten million pixels: in longer tables a pixel of the track stands
 * for several rows.
 */
const MAX_TRACK = 8_000_000;

export const trackHeight = (rows: number, rowHeight: number): number =>
  Math.min(MAX_TRACK, rows * rowHeight);

/** Returns the track position at which `row` is the first visible row. */
export function scrollTopFor(row: number, height: number, rows: number, rowHeight: number): number {
  const track = trackHeight(rows, rowHeight);
  if (track === rows * rowHeight) return row * rowHeight;
  const last = Math.max(1, rows - Math.floor(height / rowHeight));
  return (row / last) * (track - height);
}

/**
 * Returns the first visible row; keeps the current one if the track position already matches it.
 */
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
  // At the end of the track the last row is fully visible, for any height.
  if (scrollTop >= track - height - 1) return last;
  const row =
    track === rows * rowHeight
      ? Math.floor(scrollTop / rowHeight)
      : Math.round((scrollTop / Math.max(1, track - height)) * last);
  return Math.max(0, Math.min(last, row));
}
