/** Effect of a key among the bytes. */
export type ByteCommand =
  | { readonly type: 'move'; readonly offset: number }
  | { readonly type: 'copy' }
  | { readonly type: 'goTo' | 'find' };

export interface ByteContext {
  /** The moving end of the selection. */
  readonly now: number;
  readonly size: number;
  readonly perRow: number;
  /** Number of fully visible rows. */
  readonly rows: number;
}

export function byteCommand(
  { key, modified }: { readonly key: string; readonly modified: boolean },
  { now, size, perRow, rows }: ByteContext,
): ByteCommand | undefined {
  const last = Math.max(0, size - 1);
  const to = (offset: number): ByteCommand => ({
    type: 'move',
    offset: Math.max(0, Math.min(last, offset)),
  });
  // Up in the first row and down in the last do not move, so that the column is kept.
  const down = (count: number): ByteCommand => {
    const offset = now + count * perRow;
    if (offset < 0) return to(now % perRow);
    return offset > last ? to(now + Math.floor((last - now) / perRow) * perRow) : to(offset);
  };
  if (modified) {
    if (key === 'Home') return to(0);
    if (key === 'End') return to(last);
    if (key === 'f' || key === 'F') return { type: 'find' };
    return key === 'c' || key === 'C' ? { type: 'copy' } : undefined;
  }
  const rowStart = Math.floor(now / perRow) * perRow;
  switch (key) {
    case 'ArrowLeft':
      return to(now - 1);
    case 'ArrowRight':
      return to(now + 1);
    case 'ArrowUp':
      return down(-1);
    case 'ArrowDown':
      return down(1);
    case 'PageUp':
      return down(-Math.max(1, rows - 1));
    case 'PageDown':
      return down(Math.max(1, rows - 1));
    case 'Home':
      return to(rowStart);
    case 'End':
      return to(rowStart + perRow - 1);
    case 'g':
    case 'G':
      return { type: 'goTo' };
    default:
      return undefined;
  }
}
