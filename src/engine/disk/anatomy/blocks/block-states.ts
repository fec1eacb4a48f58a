import { isZero } from '../../virtual/zero-scan.ts';
import type { ByteSource } from '../../../source/byte-source.ts';
import { payloadEntryDefect, rawOffset, rawState } from '../../vhdx/structures/bat-entry.ts';
import {
  batEntryCount,
  blockAtOrAfter,
  chunkRatio,
  MIB,
  payloadBlockCount,
} from '../../vhdx/structures/layout.ts';
import type { VhdxMetadata } from '../../vhdx/structures/metadata/metadata-items.ts';
import type { Region } from '../../vhdx/structures/regions/region-entry.ts';

// States of payload blocks, in the order of BLOCK_STATES of the api.
export const PRESENT = 0;
export const PARTIAL = 1;
export const ZEROS = 2;
export const ABSENT = 3;
export const UNMAPPED_BLOCK = 4;
export const UNDEFINED_BLOCK = 5;
export const BAD = 6;
export const STATE_COUNT = 7;

/** Indexed by the three state bits of an entry. */
const BY_BITS = [ABSENT, UNDEFINED_BLOCK, ZEROS, UNMAPPED_BLOCK, BAD, BAD, PRESENT, PARTIAL];
const SLAB_ENTRIES = MIB / 8;

/** Location and size of a BAT. */
export interface BlockTable {
  readonly source: ByteSource;
  readonly metadata: VhdxMetadata;
  readonly offset: number;
  /** Number of readable entries; fewer than needed if the file or the region ends early. */
  readonly entries: number;
  readonly ratio: number;
  readonly blocks: number;
  readonly differencing: boolean;
}

export function blockTable(source: ByteSource, region: Region, metadata: VhdxMetadata): BlockTable {
  const differencing = metadata.parent !== undefined;
  const there = Math.min(region.length, Math.max(0, source.size - region.offset));
  return {
    source,
    metadata,
    offset: region.offset,
    entries: Math.min(batEntryCount(metadata, differencing), Math.floor(there / 8)),
    ratio: chunkRatio(metadata),
    blocks: payloadBlockCount(metadata),
    differencing,
  };
}

/**
 * Entries [index, index + count) of the table, two 32-bit words each; undefined if all are zero.
 */
export interface Slab {
  readonly index: number;
  readonly count: number;
  readonly words: Uint32Array | undefined;
}

/** Streams the table in pieces of 1 MiB; the words are valid until the next slab. */
export async function* slabs(
  { source, offset, entries }: BlockTable,
  first: number,
  end: number,
  signal: AbortSignal,
): AsyncGenerator<Slab> {
  const last = Math.min(end, entries);
  if (first >= last) return;
  const buffer = Buffer.allocUnsafeSlow(Math.min(SLAB_ENTRIES, last - first) * 8);
  for (let index = first; index < last; index += SLAB_ENTRIES) {
    const count = Math.min(SLAB_ENTRIES, last - index);
    const bytes = buffer.subarray(0, count * 8);
    await source.read(offset + index * 8, bytes, signal);
    const words = isZero(bytes) ? undefined : new Uint32Array(buffer.buffer, 0, count * 2);
    yield { index, count, words };
  }
}

/** Returns the number of payload blocks with an entry before `index`. */
export const blocksBefore = ({ ratio, blocks }: BlockTable, index: number): number =>
  Math.min(blocks, blockAtOrAfter(ratio, index));

/**
 * Returns the state of a payload block from its entry alone; {@link BAD} if the entry violates a
 * rule.
 */
export function stateOf(low: number, high: number, table: BlockTable, block: number): number {
  const state = BY_BITS[rawState(low)] ?? BAD;
  if (state > PARTIAL && (low >>> 3) + high === 0) return state;
  if (payloadEntryDefect(low, high, table.differencing, 0) !== undefined) return BAD;
  if (state > PARTIAL) return state;
  const { blockSize, virtualSize } = table.metadata;
  const needed = Math.min(blockSize, virtualSize - block * blockSize);
  return rawOffset(low, high) + needed > table.source.size ? BAD : state;
}
