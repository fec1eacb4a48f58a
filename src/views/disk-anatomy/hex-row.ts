import type { RegionKind } from '../../engine/api/anatomy.ts';
import { element } from '../common/dom.ts';
import { hexByte, textByte } from './hex-format.ts';
import type { Marked } from './store.ts';

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

/** A row of the bytes: offset, bytes, and the same as text. */
export function hexRow(row: HexRow): HTMLElement {
  const { index, offset, digits, bytes, perRow, marked, kind } = row;
  const classOf = (at: number): string => {
    if (at === marked.offset) return 'marked first';
    return at > marked.offset && at < marked.offset + marked.length ? 'marked' : '';
  };
  const cells = element('span', { class: 'cells' });
  const text = element('span', { class: 'text', role: 'gridcell' });
  for (let i = 0; i < perRow; i++) {
    // Behind the end of the file the room is kept.
    if (i >= bytes.length) {
      cells.append(element('span', { 'aria-hidden': 'true' }, '  '));
      continue;
    }
    const at = offset + i;
    const byte = bytes[i];
    const common = { class: classOf(at), 'data-byte': at };
    const hex = byte === undefined ? '··' : hexByte(byte);
    const selected = common.class === '' ? 'false' : 'true';
    cells.append(
      element(
        'span',
        { ...common, role: 'gridcell', id: `byte-${at}`, 'aria-selected': selected },
        hex,
      ),
    );
    text.append(element('span', common, byte === undefined ? ' ' : textByte(byte)));
  }
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
