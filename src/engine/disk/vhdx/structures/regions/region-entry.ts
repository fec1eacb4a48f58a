import { fieldDefects, number, zero } from '../../../inspect/field-rules.ts';
import { fields, readFields, writeFields } from '../../../inspect/fields.ts';
import type { Guid } from '../../../../base/guid.ts';
import {
  MAX_BAT_REGION,
  MAX_METADATA_REGION,
  MIB,
  REGION_BAT,
  REGION_METADATA,
} from '../layout.ts';
import type { VhdxDefect } from '../vhdx-defect.ts';

/** An entry of the region table (MS-VHDX 2.2.3.2), 32 bytes. */
export interface Region {
  readonly id: Guid;
  readonly offset: number;
  readonly length: number;
  readonly required: boolean;
}

export const REGION_ENTRY_SIZE = 32;
const REQUIRED = 1;

export const REGION_ENTRY = fields('MS-VHDX 2.2.3.2', {
  Guid: [0, 16, 'guid', 'Kind of the region'],
  FileOffset: [
    16,
    8,
    'u64',
    'File offset of the region, a multiple of 1 MiB',
    [
      number('vhdx.region.offset', 'less than 2^53', Number.isSafeInteger, { error: 'bytes.u64' }),
      number(
        'vhdx.region.offset',
        `a multiple of ${MIB}, at least ${MIB}`,
        (value) => value >= MIB && value % MIB === 0,
        { error: 'vhdx.region.place' },
      ),
    ],
  ],
  Length: [
    24,
    4,
    'size32',
    'A multiple of 1 MiB',
    number(
      'vhdx.region.length',
      `a multiple of ${MIB}, not 0`,
      (value) => value > 0 && value % MIB === 0,
      { error: 'vhdx.region.place' },
    ),
  ],
  // Whether the two known regions are marked as required is not checked: qemu leaves the bit clear.
  Required: [
    28,
    4,
    'flags32',
    'Whether a reader must understand this region',
    { 0: 'Required' },
    [zero('vhdx.region.flags', 0xfffffffe)],
  ],
});

/** Returns the name of a region in messages and trees. */
export function regionName(id: Guid): string {
  if (id === REGION_BAT) return 'BAT';
  return id === REGION_METADATA ? 'metadata' : `unknown region ${id}`;
}

/**
 * Returns all defects of one entry.
 * @param bytes of the entry @param at its offset in the file
 */
export function regionEntryDefects(bytes: Uint8Array, at: number): VhdxDefect[] {
  const region = decodeRegionEntry(bytes);
  const structure = `the entry of the ${regionName(region.id)} region`;
  const found: VhdxDefect[] = fieldDefects(REGION_ENTRY, bytes, structure, at);
  const limit = LIMITS.get(region.id);
  if (limit !== undefined && region.length > limit) {
    found.push({
      code: 'vhdx.region.limit',
      error: 'vhdx.region.place',
      structure,
      field: 'Length',
      offset: at + REGION_ENTRY.Length.offset,
      found: region.length,
      expected: `at most ${limit}`,
      section: 'MS-VHDX 2.2.3.2',
    });
  }
  return found;
}

const LIMITS: ReadonlyMap<Guid, number> = new Map([
  [REGION_BAT, MAX_BAT_REGION],
  [REGION_METADATA, MAX_METADATA_REGION],
]);

/** Decodes an entry unchecked; an offset of 2^53 or more is not exact. */
export function decodeRegionEntry(bytes: Uint8Array): Region {
  const { Guid: id, FileOffset, Length: length, Required } = readFields(REGION_ENTRY, bytes);
  return { id, offset: Number(FileOffset), length, required: (Required & REQUIRED) !== 0 };
}

export function encodeRegionEntry(region: Region, into: Uint8Array): void {
  writeFields(REGION_ENTRY, into, {
    Guid: region.id,
    FileOffset: BigInt(region.offset),
    Length: region.length,
    Required: region.required ? REQUIRED : 0,
  });
}
