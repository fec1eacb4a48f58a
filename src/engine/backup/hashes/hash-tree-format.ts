import { ByteReader } from '../../base/bytes/byte-reader.ts';
import { ByteWriter } from '../../base/bytes/byte-writer.ts';
import { crc32c } from '../../base/bytes/crc32c.ts';
import { formatOfVersion } from './hash-format.ts';
import { pageCount, topLevel, type TreeShape } from './hash-shape.ts';
import { recordError } from '../errors/record-errors.ts';

/**
 * A `.hashes` file, little-endian (FORMAT.md, "Hash tree"):
 *
 *   0          header, 64 bytes: magic, version, unit, leaves of a page, virtual size, CRC-32C
 *   64         the pages that this point changed, one after the other
 *   …          index, rising by level and page. Version 1: 16 bytes for each page, key and offset
 *              (0: a zero page). Version 2: 24 bytes for each run of consecutive pages, key,
 *              offset, number of pages
 *   end - 128  trailer: magic, root, parent's root, offset and SHA-256 of the index, CRC-32C
 */
export const HEADER_SIZE = 64;
export const TRAILER_SIZE = 128;

const HEADER_MAGIC = 'RPHASHES';
const TRAILER_MAGIC = 'RPHASHND';
/** A page of a level is below 2^40 and levels are few, so a key is a safe integer. */
const LEVEL_UNIT = 2 ** 40;

export const pageKey = (level: number, page: number): number => level * LEVEL_UNIT + page;

/** Bytes of an index entry. */
export const indexEntrySize = (shape: TreeShape): number => (shape.format.version === 1 ? 16 : 24);

export interface PageAddress {
  readonly level: number;
  readonly page: number;
}

/** Returns the page of a key, or undefined if the tree does not have it. */
export function pageOfKey(shape: TreeShape, key: number): PageAddress | undefined {
  const level = Math.floor(key / LEVEL_UNIT);
  const page = key % LEVEL_UNIT;
  return level <= topLevel(shape) && page < pageCount(shape, level) ? { level, page } : undefined;
}

export interface HashTrailer {
  /** Hexadecimal. */
  readonly root: string;
  /** Hexadecimal; '' for the file of a full. */
  readonly parentRoot: string;
  readonly indexOffset: number;
  readonly indexCount: number;
  readonly indexHash: Uint8Array;
}

export function formatHeader({ format, virtualSize }: TreeShape): Uint8Array {
  const w = new ByteWriter(HEADER_SIZE).ascii(HEADER_MAGIC).u32(format.version);
  w.u32(format.unit).u32(format.leafFanOut).u32(0).u64(virtualSize);
  w.seek(HEADER_SIZE - 4).u32(crc32c(w.bytes.subarray(0, HEADER_SIZE - 4)));
  return w.bytes;
}

/**
 * Checks the header against the shape that the manifest gives. Throws `hashes.damaged`,
 * `hashes.version`.
 */
export function checkHeader(bytes: Uint8Array, shape: TreeShape, name: string): void {
  const r = new ByteReader(bytes, `${name}: header`);
  if (r.ascii(8) !== HEADER_MAGIC)
    throw damaged(name, 0, 'it does not begin with the signature of a hash file');
  // The checksum has the same place in every version, so damage is never mistaken for a newer
  // version.
  if (crc32c(bytes.subarray(0, HEADER_SIZE - 4)) !== r.seek(HEADER_SIZE - 4).u32()) {
    throw damaged(name, 0, 'the header does not match its checksum');
  }
  const version = r.seek(8).u32();
  const { format, virtualSize } = shape;
  if (version !== format.version) {
    const expected =
      formatOfVersion(version) === undefined
        ? 'this program reads versions 1 and 2'
        : `its manifest names units of ${format.unit} bytes, which are version ${format.version}`;
    throw recordError('hashes.version', `${name} has version ${version}; ${expected}`, {
      data: { file: name, found: version, expected: format.version },
    });
  }
  const unit = r.u32();
  const fanOut = r.u32();
  const size = r.skip(4).u64('virtual size');
  if (unit !== format.unit || fanOut !== format.leafFanOut) {
    const expected = `${format.unit} by ${format.leafFanOut}`;
    throw damaged(name, 12, `units of ${unit} bytes by ${fanOut}, expected ${expected}`);
  }
  if (size !== virtualSize) {
    throw damaged(name, 24, `it belongs to a disk of ${size} bytes, expected ${virtualSize}`);
  }
}

export function formatTrailer(trailer: HashTrailer): Uint8Array {
  const w = new ByteWriter(TRAILER_SIZE).ascii(TRAILER_MAGIC);
  w.put(hexBytes(trailer.root)).put(hexBytes(trailer.parentRoot));
  w.u64(trailer.indexOffset).u64(trailer.indexCount).put(trailer.indexHash).u32(0);
  w.u32(crc32c(w.bytes.subarray(0, TRAILER_SIZE - 4)));
  return w.bytes;
}

/** Decodes the trailer. Checks that the index fills the file exactly up to the trailer. */
export function parseTrailer(
  bytes: Uint8Array,
  fileSize: number,
  shape: TreeShape,
  name: string,
): HashTrailer {
  const at = fileSize - TRAILER_SIZE;
  const r = new ByteReader(bytes, `${name}: trailer`);
  if (r.ascii(8) !== TRAILER_MAGIC)
    throw damaged(name, at, 'it does not end with the signature of a hash file');
  if (crc32c(bytes.subarray(0, TRAILER_SIZE - 4)) !== r.seek(TRAILER_SIZE - 4).u32()) {
    throw damaged(name, at, 'the trailer does not match its checksum');
  }
  r.seek(8);
  const root = Buffer.from(r.bytes(32)).toString('hex');
  const parent = Buffer.from(r.bytes(32)).toString('hex');
  const indexOffset = r.u64('index offset');
  const indexCount = r.u64('index count');
  const indexHash = r.bytes(32).slice();
  if (indexOffset < HEADER_SIZE || indexOffset + indexCount * indexEntrySize(shape) !== at) {
    throw damaged(
      name,
      at,
      `an index of ${indexCount} entries at ${indexOffset} does not end at ${at}`,
    );
  }
  const parentRoot = parent === NO_ROOT ? '' : parent;
  return { root, parentRoot, indexOffset, indexCount, indexHash };
}

const NO_ROOT = '0'.repeat(64);

const hexBytes = (hex: string): Uint8Array => Buffer.from(hex === '' ? NO_ROOT : hex, 'hex');

export function damaged(name: string, offset: number, what: string): Error {
  return recordError('hashes.damaged', `${name} is damaged at ${offset}: ${what}`, {
    data: { file: name, offset },
  });
}
