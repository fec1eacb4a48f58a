/** What a key does on the map. Offsets are bytes; `extend` keeps the other end of the selection. */
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
  /** Control, or Command on a Mac. */
  readonly modified: boolean;
}

export interface KeyContext {
  readonly focus: number;
  readonly size: number;
  readonly bytesPerRow: number;
  /** Rows wholly in view. */
  readonly rows: number;
  /** Bytes of a cell as it is drawn. */
  readonly cell: number;
}

export const ZOOM_STEP = 1.5;
/** Control with an arrow goes this many cells. */
const FAR = 32;

export function keyCommand(key: Key, context: KeyContext): KeyCommand | undefined {
  const { bytesPerRow, rows, cell, size, focus } = context;
  const to = (offset: number): KeyCommand => ({
    type: 'focus',
    offset: Math.max(0, Math.min(size - 1, offset)),
    extend: key.shiftKey,
  });
  const by = (bytes: number): KeyCommand => to(onCell(focus, cell) + bytes);
  // Rows are no whole number of cells: to begin at a cell would move the focus along, row by row.
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

/** The start of the cell that holds an offset. */
export const onCell = (offset: number, cell: number): number => Math.floor(offset / cell) * cell;
