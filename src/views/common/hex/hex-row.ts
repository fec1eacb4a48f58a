import { element } from '../dom.ts';
import { hexByte, textByte } from './hex-format.ts';

/** Selected bytes; the first is the one that keys move. */
export interface ByteSelection {
  readonly offset: number;
  /** At least 1. */
  readonly length: number;
}

export interface HexRow {
  readonly index: number;
  readonly idPrefix?: string | undefined;
  readonly offset: number;
  /** Number of digits of the offset. */
  readonly digits: number;
  /** Undefined marks a byte that is loading. */
  readonly bytes: readonly (number | undefined)[];
  readonly perRow: number;
  /** Whether the bytes are shown as text too. */
  readonly text: boolean;
  readonly marked: ByteSelection;
  /** Class that colours the start of the row. */
  readonly kind: string;
  /** Whether a byte of the row is to stand out. */
  readonly stands?: ((offset: number) => boolean) | undefined;
}

/** Returns the ID of a row, unique on its page by the grid's prefix. */
export const rowId = (index: number, prefix = 'bytes'): string => `${prefix}-${index}`;

/**
 * Creates a row: offset, bytes, and the same bytes as text. Uses few elements, since rows are
 * recreated while scrolling: the position in the text identifies a byte.
 */
export function hexRow(row: HexRow): HTMLElement {
  const { index, offset, digits, bytes, perRow, kind } = row;
  const cells = element('span', {
    class: 'cells',
    role: 'gridcell',
    id: rowId(index, row.idPrefix),
  });
  const text = element('span', { class: 'text', role: 'gridcell' });
  const hex = (byte: number | undefined): string => (byte === undefined ? '··' : hexByte(byte));
  const character = (byte: number | undefined): string =>
    byte === undefined ? ' ' : textByte(byte);
  fillMarked(cells, row, hex, ' ');
  fillMarked(text, row, character, '');
  // Behind the end of the file the space is padded.
  cells.append('   '.repeat(perRow - bytes.length));
  return element(
    'div',
    { class: `hex-row ${kind}`, role: 'row', 'aria-rowindex': index + 2 },
    element(
      'span',
      { class: 'offset', role: 'rowheader' },
      offset.toString(16).padStart(digits, '0'),
    ),
    cells,
    ...(row.text ? [text] : []),
  );
}

/** Appends bytes with separate elements for the selection, its first byte, and bytes that stand out. */
function fillMarked(
  into: HTMLElement,
  { offset, bytes, marked, stands }: HexRow,
  write: (byte: number | undefined) => string,
  gap: string,
): void {
  const end = marked.offset + marked.length;
  const classOf = (at: number): string => {
    const own = at === marked.offset ? 'first' : at > marked.offset && at < end ? 'marked' : '';
    return stands?.(at) === true ? `${own} differs`.trimStart() : own;
  };
  for (let i = 0; i < bytes.length;) {
    const className = classOf(offset + i);
    const start = i;
    while (i < bytes.length && classOf(offset + i) === className) i++;
    const text = bytes.slice(start, i).map(write).join(gap);
    // The background of the selection has no gaps.
    const within = className.startsWith('marked') && start > 0 && offset + start > marked.offset;
    if (start > 0 && !within) into.append(gap);
    const own = within ? gap + text : text;
    into.append(className === '' ? own : element('span', { class: className }, own));
  }
}

/**
 * Returns the index of the byte at these pixels from the left of the row's bytes, or of its text.
 */
export function byteAt(
  x: number,
  character: number,
  area: 'cells' | 'text',
  perRow: number,
): number {
  const wide = area === 'cells' ? 3 * character : character;
  return Math.max(0, Math.min(perRow - 1, Math.floor(x / wide)));
}
