import type { ByteSource } from '../../source/byte-source.ts';
import { CachedSource } from '../../source/cached-source.ts';
import { LoadBudget } from '../../source/load-budget.ts';
import { guestError } from './guest-errors.ts';
import { Fields } from './fields.ts';

/** Readable bytes of a guest: a disk, a volume, or the contents of a file, with its known holes. */
export type GuestBytes = Pick<ByteSource, 'name' | 'size' | 'read' | 'holes'>;

/** Bytes of metadata that are read at once, and kept for a volume. */
const PAGE = 16 * 1024;
const CACHE_BYTES = 8 * 1024 * 1024;

/** Returns the part of a disk that a partition takes. */
export function partOf(disk: GuestBytes, start: number, length: number): GuestBytes {
  return {
    name: disk.name,
    size: Math.min(length, Math.max(0, disk.size - start)),
    read: (offset, into, signal) => disk.read(start + offset, into, signal),
  };
}

/** Returns the bytes with recently read pages kept in memory, for small reads of metadata. */
export function withCache(bytes: GuestBytes): GuestBytes {
  const source: ByteSource = {
    name: bytes.name,
    size: bytes.size,
    read: (offset, into, signal) => bytes.read(offset, into, signal),
    close: async () => {
      // The owner of the disk closes it.
    },
  };
  return new CachedSource(source, { pageSize: PAGE, budget: new LoadBudget(CACHE_BYTES) });
}

/**
 * Reads a structure. Throws `guest.damaged` unless it lies inside `bytes`; the caller has bounded
 * `length`.
 */
export async function readFields(
  bytes: GuestBytes,
  offset: number,
  length: number,
  what: string,
  signal: AbortSignal,
): Promise<Fields> {
  mustLieInside(bytes, offset, length, what);
  const into = new Uint8Array(length);
  await bytes.read(offset, into, signal);
  return new Fields(into, what);
}

/** Throws `guest.damaged` unless `length` bytes at `offset` lie inside the volume. */
export function mustLieInside(
  { size }: GuestBytes,
  offset: number,
  length: number,
  what: string,
): void {
  if (Number.isSafeInteger(offset) && offset >= 0 && offset + length <= size) return;
  throw guestError(
    'guest.damaged',
    `${what} lies at ${offset} with ${length} bytes, outside of the volume of ${size} bytes`,
    { data: { what, offset, length, size } },
  );
}
