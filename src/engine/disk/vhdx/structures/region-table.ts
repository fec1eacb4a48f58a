import { ByteReader } from '../../../base/bytes/byte-reader.ts';
import { ByteWriter } from '../../../base/bytes/byte-writer.ts';
import { crc32cWithoutField } from '../../../base/bytes/crc32c.ts';
import { EngineError } from '../../../base/errors.ts';
import type { Guid } from '../../../base/guid.ts';
import { printable } from './file-identifier.ts';
import {
  MAX_BAT_REGION,
  MAX_METADATA_REGION,
  MAX_TABLE_ENTRIES,
  MIB,
  REGION_BAT,
  REGION_METADATA,
  REGION_TABLE_OFFSETS,
  REGION_TABLE_SIZE,
} from './layout.ts';
import { vhdxError } from './vhdx-errors.ts';

/**
 * Region table (MS-VHDX 2.2.3), 64 KiB, stored twice:
 *
 *      0  4  “regi”
 *      4  4  CRC-32C of the 64 KiB, this field as zero
 *      8  4  entries, at most 2047      12  4  reserved
 *     16     entries of 32 bytes: GUID, u64 file offset, u32 length, u32 flags (bit 0: required)
 *
 * A file with an unknown required region is rejected. qemu leaves the bit clear for the two known
 * regions, so it is not checked there.
 */
export interface Region {
  readonly id: Guid;
  readonly offset: number;
  readonly length: number;
  readonly required: boolean;
}

export interface RegionTable {
  readonly bat: Region;
  readonly metadata: Region;
  /** Optional regions of unknown kinds. */
  readonly others: readonly Region[];
}

const ENTRY = 32;

export function decodeRegionTable(bytes: Uint8Array, fileOffset: number): RegionTable {
  const reader = new ByteReader(bytes, 'VHDX region table');
  const signature = reader.ascii(4);
  if (signature !== 'regi') {
    throw vhdxError(
      'vhdx.region.signature',
      `the region table at ${fileOffset} begins with “${printable(signature)}”, not with “regi”`,
      { data: { offset: fileOffset, found: printable(signature), expected: 'regi' } },
    );
  }
  const stored = reader.u32();
  const whole = bytes.subarray(0, REGION_TABLE_SIZE);
  const computed = crc32cWithoutField(whole, 4);
  if (whole.length !== REGION_TABLE_SIZE || stored !== computed) {
    throw vhdxError(
      'vhdx.region.checksum',
      `the region table at ${fileOffset} has checksum ${stored}; its bytes give ${computed}`,
      { data: { offset: fileOffset, found: stored, expected: computed } },
    );
  }
  const count = reader.u32();
  if (count > MAX_TABLE_ENTRIES) {
    throw vhdxError(
      'vhdx.region.count',
      `the region table at ${fileOffset} claims ${count} entries; at most ${MAX_TABLE_ENTRIES} are allowed`,
      { data: { offset: fileOffset + 8, found: count, expected: MAX_TABLE_ENTRIES } },
    );
  }
  reader.skip(4);
  const regions: Region[] = [];
  for (let i = 0; i < count; i++) regions.push(decodeEntry(reader, fileOffset));
  return sortOut(regions, fileOffset);
}

/** Returns the table of an intact copy; the first is preferred. */
export function chooseRegionTable(first: Uint8Array, second: Uint8Array): RegionTable {
  const [a, b] = REGION_TABLE_OFFSETS;
  try {
    return decodeRegionTable(first, a);
  } catch (error) {
    if (!isDefectOfCopy(error)) throw error;
    try {
      return decodeRegionTable(second, b);
    } catch (other) {
      if (!isDefectOfCopy(other)) throw other;
      throw vhdxError(
        'vhdx.region.none',
        `neither region table is valid: ${error.message}; ${other.message}`,
        { data: { offset: a, first: error.code, second: other.code }, cause: error },
      );
    }
  }
}

export function encodeRegionTable(table: RegionTable): Uint8Array<ArrayBuffer> {
  const regions = [table.bat, table.metadata, ...table.others];
  const writer = new ByteWriter(REGION_TABLE_SIZE).ascii('regi').u32(0).u32(regions.length).u32(0);
  for (const region of regions) {
    writer
      .guid(region.id)
      .u64(region.offset)
      .u32(region.length)
      .u32(region.required ? 1 : 0);
  }
  const sum = crc32cWithoutField(writer.bytes, 4);
  return writer.seek(4).u32(sum).bytes;
}

function isDefectOfCopy(error: unknown): error is EngineError {
  return (
    error instanceof EngineError &&
    (error.code === 'vhdx.region.signature' ||
      error.code === 'vhdx.region.checksum' ||
      error.code === 'bytes.range')
  );
}

function decodeEntry(reader: ByteReader, fileOffset: number): Region {
  const at = fileOffset + reader.position;
  const id = reader.guid();
  const offset = reader.u64('region offset');
  const length = reader.u32();
  const required = (reader.u32() & 1) === 1;
  if (offset < MIB || offset % MIB !== 0 || length === 0 || length % MIB !== 0) {
    throw vhdxError(
      'vhdx.region.place',
      `region ${id} claims ${length} bytes at ${offset}; both must be multiples of 1 MiB, ` +
        'the offset at least 1 MiB',
      {
        data: { offset: at, region: id, regionOffset: offset, regionLength: length, entry: ENTRY },
      },
    );
  }
  return { id, offset, length, required };
}

function sortOut(regions: readonly Region[], fileOffset: number): RegionTable {
  const byId = new Map<Guid, Region>();
  for (const region of regions) {
    if (byId.has(region.id)) {
      throw vhdxError('vhdx.region.duplicate', `region ${region.id} is listed twice`, {
        data: { offset: fileOffset, region: region.id },
      });
    }
    byId.set(region.id, region);
  }
  checkOverlap(regions, fileOffset);
  const others = regions.filter((r) => r.id !== REGION_BAT && r.id !== REGION_METADATA);
  const unknown = others.find((r) => r.required);
  if (unknown !== undefined) {
    throw vhdxError(
      'vhdx.region.unknown',
      `the file needs a reader that understands region ${unknown.id}; this one does not`,
      { data: { offset: fileOffset, region: unknown.id } },
    );
  }
  const bat = known(byId, REGION_BAT, 'BAT', MAX_BAT_REGION, fileOffset);
  const metadata = known(byId, REGION_METADATA, 'metadata', MAX_METADATA_REGION, fileOffset);
  return { bat, metadata, others };
}

function known(
  byId: ReadonlyMap<Guid, Region>,
  id: Guid,
  name: string,
  limit: number,
  fileOffset: number,
): Region {
  const region = byId.get(id);
  if (region === undefined) {
    throw vhdxError('vhdx.region.missing', `the region table has no ${name} region`, {
      data: { offset: fileOffset, region: id },
    });
  }
  if (region.length > limit) {
    throw vhdxError(
      'vhdx.region.place',
      `the ${name} region is ${region.length} bytes long; at most ${limit} are accepted`,
      { data: { offset: fileOffset, region: id, found: region.length, expected: limit } },
    );
  }
  return region;
}

function checkOverlap(regions: readonly Region[], fileOffset: number): void {
  const sorted = [...regions].sort((a, b) => a.offset - b.offset);
  for (let i = 1; i < sorted.length; i++) {
    const before = sorted[i - 1] as Region;
    const after = sorted[i] as Region;
    if (before.offset + before.length > after.offset) {
      throw vhdxError('vhdx.region.overlap', `regions ${before.id} and ${after.id} overlap`, {
        data: { offset: fileOffset, first: before.id, second: after.id },
      });
    }
  }
}
