import type { Range } from '../../../base/range.ts';
import { encodeBatEntry, FULLY_PRESENT, PARTIALLY_PRESENT, ZERO } from '../structures/bat-entry.ts';
import {
  batIndexOfBitmap,
  batIndexOfPayload,
  blockAtOrAfter,
  chunkRatio,
  isBitmapIndex,
  MIB,
  payloadBlockCount,
} from '../structures/layout.ts';
import type { VhdxMetadata } from '../structures/metadata/metadata-items.ts';
import type { SectorRuns } from '../../virtual/sector-runs.ts';
import { SparseBat } from './sparse-bat.ts';

/**
 * Places of the blocks of a new image in its file, and the BAT that holds them. A fixed image has
 * all blocks in the order of the disk; others get a place at the first touch.
 */
export class BlockPlaces {
  readonly #metadata: VhdxMetadata;
  readonly #bat = new SparseBat();
  readonly #first: number;
  #end: number;

  /** @param first offset of the first block in the file, a multiple of 1 MiB */
  constructor(metadata: VhdxMetadata, first: number) {
    this.#metadata = metadata;
    this.#first = first;
    const { leaveBlocksAllocated: fixed, blockSize } = metadata;
    this.#end = first + (fixed ? payloadBlockCount(metadata) * blockSize : 0);
  }

  /** End of the file: of all blocks that have a place. */
  get end(): number {
    return this.#end;
  }

  /** Returns the offset of a payload block in the file. */
  place(block: number): number {
    const { leaveBlocksAllocated: fixed, blockSize } = this.#metadata;
    if (fixed) return this.#first + block * blockSize;
    const index = batIndexOfPayload(this.#metadata, block);
    const known = this.#bat.offset(index);
    if (known !== 0) return known;
    const offset = this.#extend(blockSize);
    this.#bat.set(index, FULLY_PRESENT, offset);
    return offset;
  }

  /** Records the place of a payload block that was chosen elsewhere, behind {@link BlockPlaces.end}. */
  adopt(block: number, offset: number): void {
    this.#bat.set(batIndexOfPayload(this.#metadata, block), FULLY_PRESENT, offset);
  }

  /** Moves the end behind blocks that were adopted. */
  extendTo(end: number): void {
    this.#end = Math.max(this.#end, end);
  }

  /** Returns the offset of the new sector bitmap of a chunk. */
  placeBitmap(chunk: number): number {
    const offset = this.#extend(MIB);
    this.#bat.set(batIndexOfBitmap(this.#metadata, chunk), FULLY_PRESENT, offset);
    return offset;
  }

  /** Marks a block that has a place as one whose sectors the bitmap selects. */
  setPartial(block: number): void {
    const index = batIndexOfPayload(this.#metadata, block);
    this.#bat.set(index, PARTIALLY_PRESENT, this.#bat.offset(index));
  }

  /** Yields the payload blocks that got a place, in order; not those of a fixed image. */
  *placed(): Generator<number> {
    const ratio = chunkRatio(this.#metadata);
    for (const index of this.#bat.indices()) {
      if (!isBitmapIndex(ratio, index)) yield blockAtOrAfter(ratio, index);
    }
  }

  /**
   * Fills a piece of the BAT. Blocks that have no place and lie wholly in `zeroed` become ZERO.
   * @param start offset of the piece in the BAT, a multiple of 4 KiB
   */
  fill(start: number, into: Uint8Array, zeroed: SectorRuns): void {
    this.#bat.copy(start, into);
    const view = new DataView(into.buffer, into.byteOffset, into.byteLength);
    const set = (block: number, state: number, offset: number): void => {
      const at = batIndexOfPayload(this.#metadata, block) * 8 - start;
      if (view.getUint32(at, true) === 0) encodeBatEntry(view, at, state, offset);
    };
    const blocks = this.#blocksIn(start / 8, into.length / 8);
    const { leaveBlocksAllocated: fixed, blockSize, logicalSectorSize } = this.#metadata;
    if (fixed) {
      for (let block = blocks.start; block < blocks.end; block++) {
        set(block, FULLY_PRESENT, this.#first + block * blockSize);
      }
      return;
    }
    const perBlock = blockSize / logicalSectorSize;
    const last = this.#metadata.virtualSize / logicalSectorSize;
    const sectors = { start: blocks.start * perBlock, end: Math.min(blocks.end * perBlock, last) };
    for (const run of zeroed.runs(sectors.start, sectors.end)) {
      // The last block of the disk may be incomplete.
      const end = run.end === last ? Math.ceil(last / perBlock) : Math.floor(run.end / perBlock);
      for (let block = Math.ceil(run.start / perBlock); block < end; block++) set(block, ZERO, 0);
    }
  }

  /** Returns the payload blocks whose entries are in a part of the BAT. */
  #blocksIn(firstIndex: number, count: number): Range {
    const ratio = chunkRatio(this.#metadata);
    const blocks = payloadBlockCount(this.#metadata);
    const end = Math.min(blockAtOrAfter(ratio, firstIndex + count), blocks);
    return { start: Math.min(blockAtOrAfter(ratio, firstIndex), end), end };
  }

  #extend(length: number): number {
    const offset = this.#end;
    this.#end += length;
    return offset;
  }
}
