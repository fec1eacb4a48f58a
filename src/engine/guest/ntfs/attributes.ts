import type { Fields } from '../bytes/fields.ts';
import { guestError } from '../bytes/guest-errors.ts';

/*
 * Attribute of an MFT record (linux-ntfs, "Attributes - Header"): 0 type, 4 length, 8 not resident,
 * 9 characters of the name, 10 offset of the name, 12 flags. Resident: 16 size, 20 offset.
 * Otherwise: 16 first virtual cluster, 32 offset of the runs, 34 log2 of a compression unit in
 * clusters, 48 size, 56 initialised size; the sizes only in the first part of an attribute.
 */
export const TYPES = {
  standard: 0x10,
  list: 0x20,
  fileName: 0x30,
  volumeName: 0x60,
  volumeInformation: 0x70,
  data: 0x80,
  indexRoot: 0x90,
  indexAllocation: 0xa0,
  bitmap: 0xb0,
  reparse: 0xc0,
} as const;
const END = 0xffff_ffff;
const COMPRESSED = 0x0001;
const ENCRYPTED = 0x4000;
const SPARSE = 0x8000;

interface Header {
  readonly type: number;
  readonly name: string;
  readonly compressed: boolean;
  readonly encrypted: boolean;
  readonly sparse: boolean;
}

export interface ResidentAttribute extends Header {
  readonly resident: true;
  readonly value: Fields;
}

/** One part of an attribute whose value lies in clusters. */
export interface StoredAttribute extends Header {
  readonly resident: false;
  readonly firstCluster: number;
  readonly runs: Fields;
  /** Clusters of a compression unit; 0 if it is not compressed. */
  readonly unitClusters: number;
  /** Sizes; 0 in all parts but the first. */
  readonly size: number;
  readonly initialised: number;
}

export type Attribute = ResidentAttribute | StoredAttribute;

/** Returns the attributes of an MFT record: they begin at the offset in 20. Throws `guest.damaged`. */
export function attributesOf(record: Fields): Attribute[] {
  const found: Attribute[] = [];
  for (let at = record.u16(20); at + 4 <= record.length && record.u32(at) !== END;) {
    const length = record.u32(at + 4);
    if (length < 24 || length % 8 !== 0 || at + length > record.length) {
      throw guestError('guest.damaged', `${record.what} has an attribute of ${length} bytes`, {
        data: { what: record.what, offset: at, found: length },
      });
    }
    found.push(decode(record.part(at, length)));
    at += length;
  }
  return found;
}

function decode(fields: Fields): Attribute {
  const flags = fields.u16(12);
  const header = {
    type: fields.u32(0),
    name: fields.utf16(fields.u16(10), fields.u8(9)),
    compressed: (flags & COMPRESSED) !== 0,
    encrypted: (flags & ENCRYPTED) !== 0,
    sparse: (flags & SPARSE) !== 0,
  };
  if (fields.u8(8) === 0) {
    return { ...header, resident: true, value: fields.part(fields.u16(20), fields.u32(16)) };
  }
  const firstCluster = fields.u64(16);
  const runs = fields.u16(32);
  const shift = fields.u16(34);
  if (shift > MAX_UNIT_SHIFT) {
    throw guestError(
      'guest.damaged',
      `${fields.what} has compression units of 2^${shift} clusters`,
    );
  }
  const isFirst = firstCluster === 0;
  return {
    ...header,
    resident: false,
    firstCluster,
    runs: fields.part(runs, fields.length - runs),
    unitClusters: header.compressed && shift > 0 ? 2 ** shift : 0,
    size: isFirst ? fields.u64(48) : 0,
    initialised: isFirst ? fields.u64(56) : 0,
  };
}

/** Windows uses 4: sixteen clusters. */
const MAX_UNIT_SHIFT = 8;
