import { never } from '../../../base/abort.ts';
import { splitAt } from '../../../base/range.ts';
import type { ByteStorage } from '../../../source/byte-source.ts';
import { SECTOR } from '../structures/layout.ts';
import { setBits } from '../structures/sector-bitmap.ts';
import type { BlockPlaces } from './block-places.ts';

/** A change of whole sectors within one block. */
interface BlockPart {
  readonly block: number;
  /** Offset in the block. */
  readonly start: number;
  readonly length: number;
  /** Undefined: zeros. */
  readonly bytes: Uint8Array | undefined;
}

interface PlacedPart extends BlockPart {
  /** File offset of the block's bitmap. */
  readonly at: number;
  readonly fresh: boolean;
}

/** Bytes of zeros that are written at once. */
const ZEROS = 2 ** 20;

/** Splits a change into its blocks. */
export function* partsOf(
  offset: number,
  length: number,
  blockSize: number,
  bytes: Uint8Array | undefined,
): Generator<BlockPart> {
  for (const { start, end } of splitAt({ start: offset, end: offset + length }, blockSize)) {
    yield {
      block: Math.floor(start / blockSize),
      start: start % blockSize,
      length: end - start,
      bytes: bytes?.subarray(start - offset, end - offset),
    };
  }
}

/**
 * Writes parts of different blocks in an order in which a crash leaves each sector old or new: the
 * new end of the file with its footer, then the data, and when both are durable the bitmaps of old
 * blocks and the BAT entries of new ones. VHD has no log.
 * @param differencing whether a sector that is not in the bitmap is the parent's
 */
export async function writeParts(
  storage: ByteStorage,
  places: BlockPlaces,
  parts: readonly BlockPart[],
  differencing: boolean,
): Promise<void> {
  const placed = await place(places, parts, differencing);
  const sectorsOfBlock = places.blockSize / SECTOR;
  const marks: { readonly at: number; readonly bits: Uint8Array }[] = [];
  for (const { at, start, length, bytes, fresh } of placed) {
    const [first, last] = [start / SECTOR, (start + length) / SECTOR];
    const bits = new Uint8Array(places.bitmap);
    if (!fresh) await storage.read(at, bits, never);
    if (bytes !== undefined) await storage.write(at + places.bitmap + start, bytes, never);
    else if (!fresh) await writeZeros(storage, at + places.bitmap + start, length);
    // Windows and qemu set all bits of a block of a dynamic disk.
    if (fresh && !differencing) setBits(bits, 0, sectorsOfBlock);
    else if (!setBits(bits, first, last)) continue;
    if (fresh) await storage.write(at, bits, never);
    else marks.push({ at, bits });
  }
  const fresh = placed.filter((part) => part.fresh);
  if (fresh.length === 0 && marks.length === 0) return;
  await storage.flush(never);
  for (const { at, bits } of marks) await storage.write(at, bits, never);
  for (const { block, at } of fresh) await places.refer(block, at);
}

/** Finds the places of all parts, new ones for blocks without; zeros of a dynamic disk need none. */
async function place(
  places: BlockPlaces,
  parts: readonly BlockPart[],
  differencing: boolean,
): Promise<readonly PlacedPart[]> {
  const found: { readonly part: BlockPart; readonly at: number | undefined }[] = [];
  for (const part of parts) {
    const at = await places.placeOf(part.block);
    if (at !== undefined || differencing || part.bytes !== undefined) found.push({ part, at });
  }
  const missing = found.filter(({ at }) => at === undefined).length;
  const added = [...(await places.reserve(missing))];
  return found.map(({ part, at }) => ({
    ...part,
    at: at ?? (added.shift() as number),
    fresh: at === undefined,
  }));
}

export async function writeZeros(
  storage: ByteStorage,
  offset: number,
  length: number,
): Promise<void> {
  const zeros = new Uint8Array(Math.min(ZEROS, length));
  for (let at = 0; at < length; at += ZEROS) {
    await storage.write(offset + at, zeros.subarray(0, Math.min(ZEROS, length - at)), never);
  }
}
