import type { Defect } from '../../inspect/defect.ts';
import { L1_ENTRY, section, type Geometry } from './layout.ts';
import type { Qcow2ErrorCode } from './qcow2-errors.ts';

/** Bit 63, in the upper word. */
const OWNED = 0x80000000;

/**
 * An entry of the L1 table (Cluster mapping), eight bytes:
 *
 *     bits 0–8    reserved
 *          9–55   offset of an L2 table; 0: the table and its clusters are unallocated
 *          56–62  reserved
 *          63     the table's refcount is exactly one
 */
export interface L1Entry {
  readonly offset: number;
  /** Bit 63. */
  readonly owned: boolean;
  readonly reserved: boolean;
}

/** Writes an entry of a table whose refcount is one. */
export function encodeL1Entry(view: DataView, index: number, offset: number): void {
  view.setUint32(index * L1_ENTRY, OWNED + Math.floor(offset / 2 ** 32));
  view.setUint32(index * L1_ENTRY + 4, offset % 2 ** 32);
}

export function decodeL1Entry(view: DataView, index: number): L1Entry {
  const high = view.getUint32(index * L1_ENTRY);
  const low = view.getUint32(index * L1_ENTRY + 4);
  return {
    offset: (high & 0x00ffffff) * 2 ** 32 + ((low & 0xfffffe00) >>> 0),
    owned: high >= 0x80000000,
    reserved: (high & 0x7f000000) !== 0 || (low & 0x1ff) !== 0,
  };
}

/**
 * Returns the broken rule of an L1 entry, if there is one.
 * @param offset file offset of the entry
 */
export function l1Defect(
  entry: L1Entry,
  index: number,
  offset: number,
  g: Geometry,
  fileSize: number,
): Defect<Qcow2ErrorCode> | undefined {
  const broken = (code: string, expected: string): Defect<Qcow2ErrorCode> => ({
    ...place(index, offset, g),
    code,
    found: entry.offset,
    expected,
  });
  const { offset: table } = entry;
  if (entry.reserved) return broken('qcow2.l1.reserved', 'reserved bits that are zero');
  if (table === 0) return undefined;
  if (table % g.clusterSize !== 0) {
    return broken('qcow2.l1.alignment', `a multiple of ${g.clusterSize}`);
  }
  if (table + g.clusterSize > fileSize) {
    return broken('qcow2.l1.beyond', `a table inside the file of ${fileSize} bytes`);
  }
  return undefined;
}

/** Returns the defect of an entry before which as many tables were named as the file has clusters. */
export const l1SharedDefect = (
  index: number,
  offset: number,
  g: Geometry,
  fileSize: number,
): Defect<Qcow2ErrorCode> => ({
  ...place(index, offset, g),
  code: 'qcow2.l1.shared',
  found: 'one more L2 table',
  expected: `each table once, at most ${Math.floor(fileSize / g.clusterSize)} in this file`,
});

function place(
  index: number,
  offset: number,
  g: Geometry,
): Omit<Defect<Qcow2ErrorCode>, 'code' | 'found' | 'expected'> {
  const start = index * g.tableSpan;
  return {
    error: 'qcow2.l1',
    structure: `qcow2 L1 entry ${index}`,
    field: 'offset',
    offset,
    section: section('Cluster mapping'),
    range: { start, length: Math.min(g.tableSpan, g.size - start) },
  };
}
