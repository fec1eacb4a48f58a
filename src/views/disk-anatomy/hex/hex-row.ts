import type { RegionKind } from '../../../engine/api/anatomy.ts';
import { element } from '../../common/dom.ts';
import { hexByte, textByte } from '../state/hex-format.ts';
import type { Marked } from '../state/store.ts';

export interface HexRow {
  readonly index: number;
  readonly offset: number;
  /** Number of digits of the offset. */
  readonly digits: number;
  /** Undefined marks a byte that is loading. */
  readonly bytes: readonly (number | undefined)[];
  readonly perRow: number;
  readonly marked: Marked;
  /** Kind of the file part in which the row begins. */
  readonly kind: RegionKind;
}

export const rowId = (index: number): string => `bytes-${index}`;

/**
 * Creates a row: offset, bytes, and the same bytes as text. Uses few elements, since rows are
 * recreated while scrolling: the position in the text identifies a byte.
 */
export function hexRow(row: HexRow): HTMLElement {
  const { index, offset, digits, bytes, perRow, kind } = row;
  const cells = element('span', { class: 'cells', role: 'gridcell', id: rowId(index) });
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
    { class: `hex-row kind-${kind}`, role: 'row', 'aria-rowindex': index + 2 },
    element(
      'span',
      { class: 'offset', role: 'rowheader' },
      offset.toString(16).padStart(digits, '0'),
    ),
    cells,
    text,
  );
}

/** Appends bytes with separate elements for the selection: its first byte, and the rest. */
function fillMarked(
  into: HTMLElement,
  { offset, bytes, marked }: HexRow,
  write: (byte: number | undefined) => string,
  gap: string,
): void {
  const at = (place: number): number => Math.max(0, Math.min(bytes.length, place - offset));
  const from = at(marked.offset);
  const end = at(marked.offset + marked.length);
  const first = marked.offset >= offset && from < bytes.length ? from + 1 : from;
  const pieces = [
    [0, from, ''],
    [from, first, 'first'],
    [first, end, 'marked'],
    [Math.max(end, first), bytes.length, ''],
  ] as const;
  for (const [start, stop, className] of pieces) {
    if (start >= stop) continue;
    const text = bytes.slice(start, stop).map(write).join(gap);
    // The selection's background has no gaps.
    const within = className === 'marked' && start > from;
    if (into.childNodes.length > 0 && !within) into.append(gap);
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
