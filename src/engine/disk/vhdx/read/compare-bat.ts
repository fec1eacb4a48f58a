import type { ByteSource } from '../../../source/byte-source.ts';
import {
  BITMAP_PRESENT,
  FULLY_PRESENT,
  NOT_PRESENT,
  PARTIALLY_PRESENT,
  rawOffset,
  rawState,
  stateName,
  ZERO,
} from '../structures/bat-entry.ts';
import { newRegions } from '../structures/image/image-head.ts';
import {
  batEntryCount,
  blockAtOrAfter,
  chunkRatio,
  isBitmapIndex,
  MIB,
  payloadBlockCount,
} from '../structures/layout.ts';
import type { VhdxMetadata } from '../structures/metadata/metadata-items.ts';
import { ENTRY, giveSlab, nextEntry, SLAB, takeSlab } from './bat-slab.ts';

/** An entry of the BAT, or a property of the whole table, that our writer cannot have written. */
export interface BatDifference {
  /** File offset of the entry, or of the table. */
  readonly offset: number;
  /** Completes a sentence: `is UNDEFINED, which …`. */
  readonly problem: string;
}

/**
 * Reads the whole BAT of an image of `VhdxWriter` and returns its first entry that the writer never
 * writes: an unused state, reserved bits, a block outside the blocks of the file, a value behind
 * the last entry. If all entries are possible, the blocks must fill the file exactly. Memory: 1
 * MiB.
 */
export async function compareBat(
  source: ByteSource,
  metadata: VhdxMetadata,
  signal: AbortSignal,
): Promise<BatDifference | undefined> {
  const { bat } = newRegions(metadata);
  const blocks = { start: bat.offset + bat.length, end: source.size };
  const check = entryCheck(metadata, blocks.start, blocks.end);
  let used = 0;
  const piece = takeSlab();
  try {
    for (let at = 0; at < bat.length; at += SLAB) {
      if (bat.offset + at + SLAB > source.size) {
        return { offset: bat.offset, problem: `goes beyond the end of the file at ${source.size}` };
      }
      await source.read(bat.offset + at, piece, signal);
      for (let i = nextEntry(piece, 0); i < SLAB; i = nextEntry(piece, i + ENTRY)) {
        const [low, high] = [piece.readUInt32LE(i), piece.readUInt32LE(i + 4)];
        const problem = check.problem((at + i) / ENTRY, low, high);
        if (problem !== undefined) return { offset: bat.offset + at + i, problem };
        used += check.length((at + i) / ENTRY, low);
      }
    }
  } finally {
    giveSlab(piece);
  }
  if (used === blocks.end - blocks.start) return undefined;
  return {
    offset: bat.offset,
    problem: `names blocks of ${used} bytes, but the file has ${blocks.end - blocks.start} bytes behind its tables`,
  };
}

interface EntryCheck {
  problem(index: number, low: number, high: number): string | undefined;
  /** Returns the number of bytes of the file that the entry occupies. */
  length(index: number, low: number): number;
}

function entryCheck(metadata: VhdxMetadata, start: number, end: number): EntryCheck {
  const differencing = metadata.parent !== undefined;
  const entries = batEntryCount(metadata, differencing);
  const blocks = payloadBlockCount(metadata);
  const ratio = chunkRatio(metadata);
  const isBitmap = (index: number): boolean => isBitmapIndex(ratio, index);
  const payloadStates = differencing
    ? [NOT_PRESENT, ZERO, FULLY_PRESENT, PARTIALLY_PRESENT]
    : [NOT_PRESENT, FULLY_PRESENT];
  const bitmapStates = differencing ? [NOT_PRESENT, BITMAP_PRESENT] : [NOT_PRESENT];
  const length = (index: number, low: number): number => {
    const state = rawState(low);
    if (state !== FULLY_PRESENT && state !== PARTIALLY_PRESENT) return 0;
    return isBitmap(index) ? MIB : metadata.blockSize;
  };
  return {
    length,
    problem: (index, low, high) => {
      // The last chunk of a differencing image has entries for blocks beyond the end of the disk.
      const beyond = !isBitmap(index) && blockAtOrAfter(ratio, index) >= blocks;
      if (index >= entries || beyond) return 'is behind the last block of the disk, but not zero';
      const state = rawState(low);
      const states: readonly number[] = isBitmap(index) ? bitmapStates : payloadStates;
      if (!states.includes(state)) {
        return `is ${stateName(state)}, which is never written for ${isBitmap(index) ? 'a sector bitmap' : 'a block'} here`;
      }
      const offset = rawOffset(low, high);
      const bytes = length(index, low);
      if ((low & 0xffff8) !== 0) return 'has reserved bits set';
      if (bytes === 0)
        return offset === 0 ? undefined : `has no block, but names the file offset ${offset}`;
      if (offset >= start && offset + bytes <= end) return undefined;
      return `names the file offset ${offset}; blocks are from ${start} to ${end}`;
    },
  };
}
