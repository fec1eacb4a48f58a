import type { Defect } from '../../inspect/defect.ts';
import { BITMAPS_EXTENSION, type HeaderExtension } from './header-extensions.ts';
import { BITMAPS, type Qcow2Header } from './header.ts';
import { MAX_BITMAPS, MAX_DIRECTORY_BYTES, section } from './layout.ts';
import type { Qcow2ErrorCode } from './qcow2-errors.ts';

/** The bitmaps extension (Bitmaps extension): 24 bytes. */
interface BitmapsExtension {
  readonly count: number;
  readonly reserved: number;
  /** Bytes of the directory. */
  readonly directorySize: number;
  readonly directoryOffset: number;
}

const SIZE = 24;

/** Returns the bitmaps extension; undefined if the image lacks it, or it is too short. */
export function decodeBitmaps(
  extensions: readonly HeaderExtension[],
): BitmapsExtension | undefined {
  const found = extensions.find(({ type }) => type === BITMAPS_EXTENSION);
  if (found === undefined || found.data.length < SIZE) return undefined;
  const { buffer, byteOffset, byteLength } = found.data;
  const view = new DataView(buffer, byteOffset, byteLength);
  return {
    count: view.getUint32(0),
    reserved: view.getUint32(4),
    directorySize: Number(view.getBigUint64(8)),
    directoryOffset: Number(view.getBigUint64(16)),
  };
}

/** Yields the broken rules of the bitmaps extension; readers of the contents need not know it. */
export function* bitmapsRules(
  header: Qcow2Header,
  extensions: readonly HeaderExtension[],
  fileSize: number,
): Generator<Defect<Qcow2ErrorCode>> {
  const found = extensions.find(({ type }) => type === BITMAPS_EXTENSION);
  const consistent = (header.autoclear & BITMAPS) !== 0n;
  if (found === undefined) {
    if (consistent) {
      yield broken('qcow2.bitmaps.missing', 88, 'autoclear_features', 'bitmaps', 'an extension');
    }
    return;
  }
  const at = found.offset + 8;
  const bitmaps = decodeBitmaps(extensions);
  if (bitmaps === undefined || found.data.length !== SIZE) {
    yield broken('qcow2.bitmaps.length', at - 4, 'length', found.data.length, `${SIZE}`);
    if (bitmaps === undefined) return;
  }
  const { count, reserved, directorySize, directoryOffset } = bitmaps;
  if (count === 0 || count > MAX_BITMAPS) {
    yield broken('qcow2.bitmaps.count', at, 'nb_bitmaps', count, `1 to ${MAX_BITMAPS}`);
  }
  if (reserved !== 0) {
    yield broken('qcow2.bitmaps.reserved', at + 4, 'reserved', reserved, '0');
  }
  const clusterSize = 2 ** header.clusterBits;
  const placed =
    directoryOffset >= clusterSize &&
    directoryOffset % clusterSize === 0 &&
    directorySize <= MAX_DIRECTORY_BYTES &&
    directoryOffset + directorySize <= fileSize;
  if (!placed) {
    const expected = `a multiple of ${clusterSize}, with ${directorySize} bytes inside the file`;
    yield broken('qcow2.bitmaps.place', at + 16, 'directory offset', directoryOffset, expected);
  }
}

const broken = (
  code: string,
  offset: number,
  field: string,
  found: string | number,
  expected: string,
): Defect<Qcow2ErrorCode> => ({
  code,
  severity: 'warning',
  structure: 'qcow2 bitmaps extension',
  field,
  offset,
  found,
  expected,
  section: section('Bitmaps extension'),
});
