import type { Fields } from '../bytes/fields.ts';

/*
 * Inode ("ext4 Data Structures", index nodes):
 *
 *   0 mode   4 size, low   16 time of change   32 flags   40 block map, 60 bytes   104 attributes'
 *   block   108 size, high   128 size of what follows the first 128 bytes   136 more of the time
 */
const EXTENTS = 0x80000;
const INLINE = 0x1000_0000;
const ENCRYPTED = 0x800;
const COMPRESSED = 0x4;

const TYPES: Readonly<Record<number, Inode['kind']>> = {
  0x8: 'file',
  0x4: 'folder',
  0xa: 'link',
};

export interface Inode {
  readonly kind: 'file' | 'folder' | 'link' | 'other';
  /** Bytes of its contents, of whatever kind it is. */
  readonly bytes: number;
  readonly modified: string | null;
  readonly usesExtents: boolean;
  readonly isInline: boolean;
  readonly encrypted: boolean;
  readonly compressed: boolean;
  /** Block map, root of the extents, inline data, or target of a short link. */
  readonly map: Fields;
}

/** Decodes an inode. Throws `guest.damaged` for a size beyond 2^53. */
export function decodeInode(fields: Fields): Inode {
  const flags = fields.u32(32);
  const kind = TYPES[fields.u16(0) >> 12] ?? 'other';
  return {
    kind,
    bytes: fields.u32(4) + fields.u32(108) * 2 ** 32,
    modified: timeOf(fields),
    usesExtents: (flags & EXTENTS) !== 0,
    isInline: (flags & INLINE) !== 0,
    encrypted: (flags & ENCRYPTED) !== 0,
    compressed: (flags & COMPRESSED) !== 0,
    map: fields.part(40, 60),
  };
}

/** Seconds since 1970, signed, with two more bits in the larger inode. */
function timeOf(fields: Fields): string | null {
  const seconds = fields.u32(16) | 0;
  const isLarge = fields.length >= 140 && fields.u16(128) >= 12;
  const epoch = isLarge ? (fields.u32(136) & 0x3) * 2 ** 32 : 0;
  const date = new Date((seconds + epoch) * 1000);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}
