import type { RegionKind } from '../../../engine/api/anatomy.ts';
import { element } from '../../common/dom.ts';
import { hexByte, textByte } from '../state/hex-format.ts';
import type { Marked } from '../state/store.ts';

export interface HexRow {
  readonly index: number;
  readonly offset: number;
  /** Of the offset. */
  readonly digits: number;
  /** Undefined stands for a byte that is on the way. */
  readonly bytes: readonly (number | undefined)[];
  readonly perRow: number;
  readonly marked: Marked;
  /** Of the part of the file that the row begins in. */
  readonly kind: RegionKind;
}

export const rowId = (index: number): string => `bytes-${index}`;

/**
 * A row: offset, bytes, and the same as text. Few elements, as rows are made anew while one scrolls: a byte is told from its
 * neighbours by its place in the text alone.
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
  // Behind the end of the file the room is kept.
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

/** Writes bytes with what is marked in elements of its own: the first one of the mark, and the rest. */
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
    // What is marked has no gaps in it.
    const within = className === 'marked' && start > from;
    if (into.childNodes.length > 0 && !within) into.append(gap);
    const own = within ? gap + text : text;
    into.append(className === '' ? own : element('span', { class: className }, own));
  }
}

/** Which byte of a row lies at these pixels from the left of its bytes, or of its text. */
export function byteAt(
  x: number,
  character: number,
  area: 'cells' | 'text',
  perRow: number,
): number {
  const wide = area === 'cells' ? 3 * character : character;
  return Math.max(0, Math.min(perRow - 1, Math.floor(x / wide)));
}
