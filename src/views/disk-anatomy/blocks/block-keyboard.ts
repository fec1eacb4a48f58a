/** Effect of a key on the block map. */
export type BlockCommand =
  | { readonly type: 'move'; readonly block: number }
  | { readonly type: 'zoom'; readonly finer: boolean }
  | { readonly type: 'whole' }
  | { readonly type: 'entry' }
  | { readonly type: 'data' };

export interface BlockContext {
  /** The focused block. */
  readonly block: number;
  readonly total: number;
  readonly perCell: number;
  readonly columns: number;
  readonly rows: number;
}

export function blockCommand(
  { key, shiftKey }: { readonly key: string; readonly shiftKey: boolean },
  { block, total, perCell, columns, rows }: BlockContext,
): BlockCommand | undefined {
  const cell = Math.floor(block / perCell);
  const last = Math.floor((total - 1) / perCell);
  const to = (next: number): BlockCommand => ({
    type: 'move',
    block: Math.max(0, Math.min(last, next)) * perCell,
  });
  switch (key) {
    case 'ArrowLeft':
      return to(cell - 1);
    case 'ArrowRight':
      return to(cell + 1);
    case 'ArrowUp':
      return to(cell >= columns ? cell - columns : cell);
    case 'ArrowDown':
      return to(cell + columns <= last ? cell + columns : cell);
    case 'PageUp':
      return to(cell - columns * Math.max(1, rows - 1));
    case 'PageDown':
      return to(cell + columns * Math.max(1, rows - 1));
    case 'Home':
      return to(0);
    case 'End':
      return to(last);
    case '+':
    case '=':
      return { type: 'zoom', finer: true };
    case '-':
    case '_':
      return { type: 'zoom', finer: false };
    case '0':
      return { type: 'whole' };
    case 'Enter':
    case ' ':
      return { type: shiftKey ? 'data' : 'entry' };
    default:
      return undefined;
  }
}
