/** Effect of a key on the map. Offsets are bytes; `extend` keeps the other end of the selection. */
export type KeyCommand =
  | { readonly type: 'focus'; readonly offset: number; readonly extend: boolean }
  | { readonly type: 'zoom'; readonly factor: number }
  | { readonly type: 'fit' }
  | { readonly type: 'select' }
  | { readonly type: 'clear' }
  | { readonly type: 'seek'; readonly direction: 'next' | 'previous' }
  | { readonly type: 'help' }
  | { readonly type: 'copy'; readonly json: boolean };

export interface Key {
  readonly key: string;
  readonly shiftKey: boolean;
  /** Control, or Command on macOS. */
  readonly modified: boolean;
}

export interface KeyContext {
  readonly focus: number;
  readonly size: number;
  readonly bytesPerRow: number;
  /** Number of fully visible rows. */
  readonly rows: number;
  /** Bytes of a cell as drawn. */
  readonly cell: number;
}

const ZOOM_STEP = 1.5;
/** Number of cells that Control with an arrow key moves. */
const FAR = 32;

export function keyCommand(key: Key, context: KeyContext): KeyCommand | undefined {
  const { bytesPerRow, rows, cell, size, focus } = context;
  const to = (offset: number): KeyCommand => ({
    type: 'focus',
    offset: Math.max(0, Math.min(size - 1, offset)),
    extend: key.shiftKey,
  });
  const by = (bytes: number): KeyCommand => to(onCell(focus, cell) + bytes);
  // A row need not be a whole number of cells: rounding to a cell would shift the focus along with
  // each row.
  const down = (bytes: number): KeyCommand => to(Math.ceil(focus + bytes));
  const across = key.modified ? cell * FAR : cell;
  switch (key.key) {
    case 'ArrowLeft':
      return by(-across);
    case 'ArrowRight':
      return by(across);
    case 'ArrowUp':
      return down(-bytesPerRow);
    case 'ArrowDown':
      return down(bytesPerRow);
    case 'PageUp':
      return down(-bytesPerRow * Math.max(1, rows - 1));
    case 'PageDown':
      return down(bytesPerRow * Math.max(1, rows - 1));
    case 'Home':
      return { type: 'focus', offset: 0, extend: key.shiftKey };
    case 'End':
      return { type: 'focus', offset: onCell(size - 1, cell), extend: key.shiftKey };
    case '+':
    case '=':
      return { type: 'zoom', factor: 1 / ZOOM_STEP };
    case '-':
    case '_':
      return { type: 'zoom', factor: ZOOM_STEP };
    case '0':
      return { type: 'fit' };
    case 'Enter':
    case ' ':
      return { type: 'select' };
    case 'n':
    case 'N':
      return key.modified ? undefined : { type: 'seek', direction: 'next' };
    case 'p':
    case 'P':
      return key.modified ? undefined : { type: 'seek', direction: 'previous' };
    case '?':
      return { type: 'help' };
    case 'Escape':
      return { type: 'clear' };
    case 'c':
    case 'C':
      return key.modified ? { type: 'copy', json: key.shiftKey } : undefined;
    default:
      return undefined;
  }
}

/** Returns the start of the cell that contains an offset. */
export const onCell = (offset: number, cell: number): number => Math.floor(offset / cell) * cell;
