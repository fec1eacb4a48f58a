/**
 * The length of an image that is yet to be written. Blocks and bitmaps count whole, however little of them is written: no file
 * is sparse (FORMAT.md), so the length is what a file system without holes has to have.
 */
import { NEW_BAT_OFFSET } from '../../disk/vhdx/structures/image-head.ts';
import {
  batRegionLength,
  chunkRatio,
  MIB,
  payloadBlockCount,
  type BlockGeometry,
} from '../../disk/vhdx/structures/layout.ts';
import type { Range } from '../../base/range.ts';
import { cellWork } from '../hashes/cell-work.ts';
import { CELL_SIZE, cellLength } from '../hashes/hash-cell.ts';
import { completeBlocks, type BlockWork } from '../images/whole-blocks.ts';
import { TouchedPieces } from './touched.ts';

type Ranges = AsyncIterable<Range> | Iterable<Range>;

/** Length of an image without a parent that holds ordered ranges: less if some of their blocks are all zeros. */
export async function fullImageLength(ranges: Ranges, geometry: BlockGeometry): Promise<number> {
  const blocks = new TouchedPieces(geometry.blockSize);
  for await (const range of ranges) blocks.add(range);
  return imageLength(geometry, false, blocks.count, 0);
}

/** Length of a differencing image that holds ordered ranges, with its bitmaps: less if some of them are zeros. */
export async function incrementLength(ranges: Ranges, geometry: BlockGeometry): Promise<number> {
  const { virtualSize, logicalSectorSize } = geometry;
  const count = new BlockCount(geometry);
  const changed = cellWork(ranges, virtualSize, logicalSectorSize);
  for await (const work of completeBlocks(changed, geometry)) count.add(work);
  const { blocks, bitmaps } = count.result();
  return imageLength(geometry, true, blocks, bitmaps);
}

function imageLength(
  geometry: BlockGeometry,
  hasParent: boolean,
  blocks: number,
  bitmaps: number,
): number {
  const tables = NEW_BAT_OFFSET + batRegionLength(geometry, hasParent);
  return tables + blocks * geometry.blockSize + bitmaps * MIB;
}

/** Counts blocks as the writer allocates them, and chunks with a block that is stored in part. */
class BlockCount {
  readonly #geometry: BlockGeometry;
  #blocks = 0;
  #bitmaps = 0;
  /** The block at hand, and how much of it is stored. */
  #block = -1;
  #stored = 0;
  #lastChunk = -1;

  constructor(geometry: BlockGeometry) {
    this.#geometry = geometry;
  }

  add({ cell, parts, whole }: BlockWork): void {
    const { blockSize, virtualSize } = this.#geometry;
    const block = Math.floor((cell * CELL_SIZE) / blockSize);
    if (block !== this.#block) this.#end(block);
    this.#stored += whole
      ? cellLength(cell, virtualSize)
      : parts.reduce((sum, { start, end }) => sum + end - start, 0);
  }

  result(): { readonly blocks: number; readonly bitmaps: number } {
    this.#end(-1);
    return { blocks: this.#blocks, bitmaps: this.#bitmaps };
  }

  #end(next: number): void {
    const { blockSize, virtualSize } = this.#geometry;
    const block = this.#block;
    if (block >= 0) {
      const last = block === payloadBlockCount(this.#geometry) - 1;
      const length = last ? virtualSize - block * blockSize : blockSize;
      const chunk = Math.floor(block / chunkRatio(this.#geometry));
      this.#blocks++;
      if (this.#stored < length && chunk !== this.#lastChunk) {
        this.#bitmaps++;
        this.#lastChunk = chunk;
      }
    }
    this.#block = next;
    this.#stored = 0;
  }
}
