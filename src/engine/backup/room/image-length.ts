/**
 * The length of an image before it is written. Blocks and bitmaps count whole, even if little of
 * them is written: no file is sparse (FORMAT.md), so a file system without holes needs the whole
 * length.
 */
import { NEW_BAT_OFFSET } from '../../disk/vhdx/structures/image/image-head.ts';
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

/**
 * Returns the length of an image without a parent that holds ordered ranges: an upper bound, since
 * blocks may be all zeros.
 */
export async function fullImageLength(ranges: Ranges, geometry: BlockGeometry): Promise<number> {
  const blocks = new TouchedPieces(geometry.blockSize);
  for await (const range of ranges) blocks.add(range);
  return imageLength(geometry, false, blocks.count, 0);
}

/**
 * Returns the length of a differencing image that holds ordered ranges, with its bitmaps: an upper
 * bound, since blocks may be zeros.
 */
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

/** Counts blocks as the writer allocates them, and chunks with a partly stored block. */
class BlockCount {
  readonly #geometry: BlockGeometry;
  #blocks = 0;
  #bitmaps = 0;
  /** The current block, and the number of its bytes that are stored. */
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

/**
 * Returns the maximum length of a differencing image that holds ordered ranges and completes no
 * block: each chunk with a stored block has a bitmap.
 */
export function differingLength(ranges: Iterable<Range>, geometry: BlockGeometry): number {
  const blocks = new TouchedPieces(geometry.blockSize);
  const chunks = new TouchedPieces(geometry.blockSize * chunkRatio(geometry));
  for (const range of ranges) {
    blocks.add(range);
    chunks.add(range);
  }
  return imageLength(geometry, true, blocks.count, chunks.count);
}
