import type { Guid } from '../../../base/guid.ts';
import type { Defect } from '../../inspect/defect.ts';
import { hex32, vhdChecksum } from './checksum.ts';
import { printable, VERSION } from './footer.ts';
import { batBytes, blockCount, HEADER_SIZE, MAX_BLOCK, SECTOR } from './layout.ts';
import {
  decodeLocators,
  encodeLocator,
  LOCATOR_BYTES,
  LOCATORS_AT,
  type LocatorEntry,
} from './locator-entry.ts';
import { idFromBytes, idToBytes } from './unique-id.ts';
import type { VhdErrorCode } from './vhd-errors.ts';

/**
 * The dynamic header (VHD 1.0, “Dynamic Disk Header Format”), 1024 bytes at the footer's data
 * offset, of dynamic and differencing disks. `header-fields.ts` has its layout.
 */
export interface DynamicHeader {
  readonly batOffset: number;
  readonly version: number;
  readonly maxEntries: number;
  readonly blockSize: number;
  readonly parentId: Guid;
  readonly parentTimeStamp: number;
  /** Name or path of the parent, as its creator gave it. */
  readonly parentName: string;
  /** The eight entries, used or not. */
  readonly locators: readonly LocatorEntry[];
}

const SECTION = 'VHD 1.0, Dynamic Disk Header Format';
export const CHECKSUM_AT = 36;
const NAME_AT = 64;
const NAME_BYTES = 512;

/** Decodes any 1024 bytes; {@link headerRules} says whether they are valid. */
export function decodeHeader(bytes: Uint8Array): DynamicHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, HEADER_SIZE);
  return {
    batOffset: Number(view.getBigUint64(16)),
    version: view.getUint32(24),
    maxEntries: view.getUint32(28),
    blockSize: view.getUint32(32),
    parentId: idFromBytes(bytes.subarray(40, 56)),
    parentTimeStamp: view.getUint32(56),
    parentName: utf16Be(view),
    locators: decodeLocators(bytes),
  };
}

/** Encodes 1024 bytes with their checksum. A longer parent name loses its start. */
export function encodeHeader(header: DynamicHeader): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(HEADER_SIZE);
  const view = new DataView(bytes.buffer);
  bytes.set(Array.from('cxsparse', (char) => char.charCodeAt(0)));
  view.setBigUint64(8, 2n ** 64n - 1n);
  view.setBigUint64(16, BigInt(header.batOffset));
  view.setUint32(24, header.version);
  view.setUint32(28, header.maxEntries);
  view.setUint32(32, header.blockSize);
  bytes.set(idToBytes(header.parentId), 40);
  view.setUint32(56, header.parentTimeStamp);
  const name = header.parentName.slice(-(NAME_BYTES / 2 - 1));
  for (let i = 0; i < name.length; i++) view.setUint16(NAME_AT + i * 2, name.charCodeAt(i));
  for (const [i, entry] of header.locators.entries()) {
    bytes.set(encodeLocator(entry), LOCATORS_AT + i * LOCATOR_BYTES);
  }
  view.setUint32(CHECKSUM_AT, vhdChecksum(bytes, CHECKSUM_AT));
  return bytes;
}

/**
 * Yields the broken rules of a dynamic header.
 * @param size virtual size of the disk in bytes, or undefined if it is not known
 */
export function* headerRules(
  bytes: Uint8Array,
  offset: number,
  fileSize: number,
  size: number | undefined,
): Generator<Defect<VhdErrorCode>> {
  const defect = (
    code: string,
    field: string,
    at: number,
    found: string | number,
    expected: string | number,
  ): Defect<VhdErrorCode> => ({
    code: `vhd.header.${code}`,
    structure: 'VHD dynamic header',
    field,
    offset: offset + at,
    found,
    expected,
    section: SECTION,
  });
  const cookie = String.fromCharCode(...bytes.subarray(0, 8));
  if (cookie !== 'cxsparse') {
    const error = 'vhd.header.signature';
    yield { ...defect('signature', 'Cookie', 0, printable(cookie), 'cxsparse'), error };
    return;
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, HEADER_SIZE);
  const stored = view.getUint32(CHECKSUM_AT);
  const computed = vhdChecksum(bytes, CHECKSUM_AT);
  if (stored !== computed) {
    const error = 'vhd.header.checksum';
    yield { ...defect('checksum', 'Checksum', CHECKSUM_AT, hex32(stored), hex32(computed)), error };
  }
  const { version, batOffset, maxEntries, blockSize } = decodeHeader(bytes);
  if (version >>> 16 !== 1) {
    yield {
      ...defect('version', 'HeaderVersion', 24, hex32(version), hex32(VERSION)),
      error: 'vhd.header.version',
    };
  }
  if (!isBlockSize(blockSize)) {
    const expected = `a power of two from ${SECTOR} to ${MAX_BLOCK}`;
    yield {
      ...defect('blockSize', 'BlockSize', 32, blockSize, expected),
      error: 'vhd.header.blockSize',
    };
  } else if (size !== undefined && maxEntries < blockCount(size, blockSize)) {
    const expected = `at least ${blockCount(size, blockSize)}`;
    yield {
      ...defect('entries', 'MaxTableEntries', 28, maxEntries, expected),
      error: 'vhd.header.entries',
    };
  }
  const needed =
    size === undefined || !isBlockSize(blockSize) ? maxEntries : blockCount(size, blockSize);
  if (batOffset % SECTOR !== 0 || batOffset < SECTOR || batOffset + needed * 4 > fileSize) {
    const expected = `a multiple of 512 with ${batBytes(needed)} bytes before the file's end at ${fileSize}`;
    yield {
      ...defect('bat', 'TableOffset', 16, String(batOffset), expected),
      error: 'vhd.header.bat',
    };
  }
  if (view.getBigUint64(8) !== 2n ** 64n - 1n) {
    yield {
      ...defect('next', 'DataOffset', 8, String(view.getBigUint64(8)), 'all bits set'),
      severity: 'info',
    };
  }
  if (bytes.subarray(768).some((byte) => byte !== 0)) {
    yield { ...defect('reserved', 'Reserved', 768, 'not zero', 'zero'), severity: 'info' };
  }
}

export const isBlockSize = (value: number): boolean =>
  value >= SECTOR && value <= MAX_BLOCK && Number.isInteger(Math.log2(value));

function utf16Be(view: DataView): string {
  const codes: number[] = [];
  for (let at = NAME_AT; at < NAME_AT + NAME_BYTES; at += 2) {
    const code = view.getUint16(at);
    if (code === 0) break;
    codes.push(code);
  }
  return String.fromCharCode(...codes);
}
