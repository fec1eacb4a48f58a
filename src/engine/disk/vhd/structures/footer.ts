import type { Guid } from '../../../base/guid.ts';
import type { Defect } from '../../inspect/defect.ts';
import { hex32, vhdChecksum } from './checksum.ts';
import type { Geometry } from './geometry.ts';
import { FOOTER_SIZE, MAX_DISK, SECTOR, SHORT_FOOTER_SIZE } from './layout.ts';
import { idFromBytes, idToBytes } from './unique-id.ts';
import type { VhdErrorCode } from './vhd-errors.ts';

export type VhdSubformat = 'fixed' | 'dynamic' | 'differencing';

/**
 * The footer (VHD 1.0, “Hard Disk Footer Format”): the last 512 bytes of the file, and a copy at
 * offset 0 unless the disk is fixed. `footer-fields.ts` has its layout. Virtual PC before 2004
 * wrote all but the last byte.
 */
export interface VhdFooter {
  readonly features: number;
  readonly version: number;
  /** Offset of the dynamic header; undefined: all bits are set, as in fixed disks. */
  readonly dataOffset: number | undefined;
  readonly timeStamp: number;
  /** Four characters; some are padded with NUL. */
  readonly creatorApplication: string;
  readonly creatorVersion: number;
  readonly creatorHost: string;
  readonly originalSize: number;
  readonly currentSize: number;
  readonly geometry: Geometry;
  readonly type: number;
  readonly uniqueId: Guid;
  readonly savedState: boolean;
}

const SECTION = 'VHD 1.0, Hard Disk Footer Format';
export const CHECKSUM_AT = 64;
const TYPES: readonly VhdSubformat[] = ['fixed', 'dynamic', 'differencing'];
export const VERSION = 0x0001_0000;

export const subformatOf = ({ type }: Pick<VhdFooter, 'type'>): VhdSubformat | undefined =>
  TYPES[type - 2];
export const typeOf = (subformat: VhdSubformat): number => TYPES.indexOf(subformat) + 2;

/** Whether bytes begin with the cookie of a footer. */
export const isFooter = (bytes: Uint8Array): boolean =>
  bytes.length >= SHORT_FOOTER_SIZE && latin(bytes, 0, 8) === 'conectix';

/** Decodes any 512 or 511 bytes; {@link footerRules} says whether they are valid. */
export function decodeFooter(bytes: Uint8Array): VhdFooter {
  const view = padded(bytes);
  const dataOffset = view.getBigUint64(16);
  return {
    features: view.getUint32(8),
    version: view.getUint32(12),
    dataOffset: dataOffset === 2n ** 64n - 1n ? undefined : Number(dataOffset),
    timeStamp: view.getUint32(24),
    creatorApplication: latin(bytes, 28, 4),
    creatorVersion: view.getUint32(32),
    creatorHost: latin(bytes, 36, 4),
    originalSize: Number(view.getBigUint64(40)),
    currentSize: Number(view.getBigUint64(48)),
    geometry: {
      cylinders: view.getUint16(56),
      heads: view.getUint8(58),
      sectors: view.getUint8(59),
    },
    type: view.getUint32(60),
    uniqueId: idFromBytes(bytes.subarray(68, 84)),
    savedState: view.getUint8(84) !== 0,
  };
}

/** Encodes 512 bytes with their checksum. */
export function encodeFooter(footer: VhdFooter): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(FOOTER_SIZE);
  const view = new DataView(bytes.buffer);
  putLatin(bytes, 0, 'conectix');
  view.setUint32(8, footer.features);
  view.setUint32(12, footer.version);
  view.setBigUint64(
    16,
    footer.dataOffset === undefined ? 2n ** 64n - 1n : BigInt(footer.dataOffset),
  );
  view.setUint32(24, footer.timeStamp);
  putLatin(bytes, 28, footer.creatorApplication);
  view.setUint32(32, footer.creatorVersion);
  putLatin(bytes, 36, footer.creatorHost);
  view.setBigUint64(40, BigInt(footer.originalSize));
  view.setBigUint64(48, BigInt(footer.currentSize));
  view.setUint16(56, footer.geometry.cylinders);
  view.setUint8(58, footer.geometry.heads);
  view.setUint8(59, footer.geometry.sectors);
  view.setUint32(60, footer.type);
  bytes.set(idToBytes(footer.uniqueId), 68);
  view.setUint8(84, footer.savedState ? 1 : 0);
  view.setUint32(CHECKSUM_AT, vhdChecksum(bytes, CHECKSUM_AT));
  return bytes;
}

/**
 * Yields the broken rules of a footer, those that decide whether it counts first.
 * @param bytes 512 bytes, or 511 of the old footer
 * @param offset of the footer in the file
 */
export function* footerRules(bytes: Uint8Array, offset: number): Generator<Defect<VhdErrorCode>> {
  const defect = (
    code: string,
    field: string,
    at: number,
    found: string | number,
    expected: string | number,
  ): Defect<VhdErrorCode> => ({
    code: `vhd.footer.${code}`,
    structure: offset === 0 ? 'VHD footer copy' : 'VHD footer',
    field,
    offset: offset + at,
    found,
    expected,
    section: SECTION,
  });
  if (!isFooter(bytes)) {
    const found = printable(latin(bytes, 0, 8));
    const error = 'vhd.footer.signature';
    yield { ...defect('signature', 'Cookie', 0, found, 'conectix'), error };
    return;
  }
  const view = padded(bytes);
  const stored = view.getUint32(CHECKSUM_AT);
  const computed = vhdChecksum(bytes, CHECKSUM_AT);
  if (stored !== computed) {
    const error = 'vhd.footer.checksum';
    yield {
      ...defect('checksum', 'Checksum', CHECKSUM_AT, hex32(stored), hex32(computed)),
      error,
    };
  }
  const footer = decodeFooter(bytes);
  if (footer.version >>> 16 !== 1) {
    const error = 'vhd.footer.version';
    yield {
      ...defect('version', 'FileFormatVersion', 12, hex32(footer.version), hex32(VERSION)),
      error,
    };
  }
  const subformat = subformatOf(footer);
  if (subformat === undefined) {
    yield { ...defect('type', 'DiskType', 60, footer.type, '2, 3 or 4'), error: 'vhd.footer.type' };
  }
  const { currentSize, dataOffset } = footer;
  if (!Number.isSafeInteger(currentSize) || currentSize === 0 || currentSize % SECTOR !== 0) {
    const expected = 'a positive multiple of 512';
    yield {
      ...defect('size', 'CurrentSize', 48, String(currentSize), expected),
      error: 'vhd.footer.size',
    };
  } else if (subformat !== 'fixed' && currentSize > MAX_DISK) {
    yield {
      ...defect('limit', 'CurrentSize', 48, currentSize, `at most ${MAX_DISK}`),
      severity: 'warning',
    };
  }
  if (subformat === 'fixed') {
    if (dataOffset !== undefined) {
      yield {
        ...defect('offset', 'DataOffset', 16, String(dataOffset), 'all bits set'),
        severity: 'info',
      };
    }
  } else if (
    dataOffset === undefined ||
    !Number.isSafeInteger(dataOffset) ||
    dataOffset < FOOTER_SIZE ||
    dataOffset % SECTOR !== 0
  ) {
    const found = dataOffset === undefined ? 'all bits set' : String(dataOffset);
    yield {
      ...defect(
        'offset',
        'DataOffset',
        16,
        found,
        'a multiple of 512 behind the copy of the footer',
      ),
      error: 'vhd.footer.offset',
    };
  }
  if ((footer.features & 2) === 0) {
    yield {
      ...defect('features', 'Features', 8, hex32(footer.features), 'bit 1 set'),
      severity: 'info',
    };
  }
  if (footer.savedState) {
    yield {
      ...defect('savedState', 'SavedState', 84, 1, 0),
      severity: 'warning',
      text: 'the VM of this disk was in saved state: its guest may have data that are not on the disk',
    };
  }
  if (bytes.subarray(85).some((byte) => byte !== 0)) {
    yield { ...defect('reserved', 'Reserved', 85, 'not zero', 'zero'), severity: 'info' };
  }
}

/** Returns a view of 512 bytes, the missing last one as zero. */
function padded(bytes: Uint8Array): DataView {
  const whole = new Uint8Array(FOOTER_SIZE);
  whole.set(bytes.subarray(0, FOOTER_SIZE));
  return new DataView(whole.buffer);
}

const latin = (bytes: Uint8Array, at: number, length: number): string =>
  String.fromCharCode(...bytes.subarray(at, at + length));

const putLatin = (bytes: Uint8Array, at: number, text: string): void =>
  bytes.set(
    Array.from(text, (char) => char.charCodeAt(0)),
    at,
  );

/** Replaces characters that a terminal would not show as they are. */
export const printable = (text: string): string =>
  Array.from(text, (char) => (char >= ' ' && char <= '~' ? char : '.')).join('');
