import { PartHasher } from '../../disk/bulk/part-hasher.ts';
import { isZero } from '../../disk/virtual/zero-scan.ts';
import { DIGEST_SIZE } from '../hashes/hash-shape.ts';
import { digestOf } from '../hashes/hash-cell.ts';
import type { HashTreeWriter } from '../hashes/hash-tree-writer.ts';
import type { TouchedUnit } from '../hashes/touched-units.ts';

/** Fewer bytes are hashed on this thread: passing them on would cost as much. */
const WORTH_PASSING = 256 * 1024;

/**
 * Records the digests of hash units in the tree. Many are computed by the native library on another thread, so that this one
 * reads and writes meanwhile; without the library, and if it fails, they are computed here. The bytes must not change, nor
 * their memory be given back, until this ends.
 *
 * @param units with their places in `piece`
 * @param busy whether this thread is what the work waits for, not a slow source
 */
export async function nameUnits(
  hashes: Pick<HashTreeWriter, 'set' | 'setZero'>,
  units: readonly TouchedUnit[],
  piece: Uint8Array,
  busy: boolean,
): Promise<void> {
  const data: TouchedUnit[] = [];
  let size = 0;
  for (const each of units) {
    if (isZero(piece.subarray(each.start, each.end))) hashes.setZero(each.unit);
    else {
      data.push(each);
      size += each.end - each.start;
    }
  }
  // In either case the caller goes on first, and begins to write.
  const found = await (busy && size >= WORTH_PASSING ? passed(data, piece) : undefined);
  for (const [i, { unit, start, end }] of data.entries()) {
    const known = found?.subarray(i * DIGEST_SIZE, (i + 1) * DIGEST_SIZE);
    hashes.set(unit, known ?? digestOf(piece.subarray(start, end)));
  }
}

/** Returns the digests in order; undefined if they cannot be computed on another thread. */
async function passed(
  data: readonly TouchedUnit[],
  piece: Uint8Array,
): Promise<Uint8Array | undefined> {
  const places = data.flatMap(({ start, end }) => [start, end]);
  return PartHasher.create()
    ?.ofMemory(piece, places)
    .catch(() => undefined);
}
