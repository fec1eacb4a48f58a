import { chunkRatio, MIB, type BlockGeometry } from '../../disk/vhdx/structures/layout.ts';
import type { CellWork } from '../hashes/cell-work.ts';
import { CELL_SIZE, cellCount, cellLength } from '../hashes/hash-cell.ts';

/**
 * A cell to copy. `whole`: the rest of the cell is stored from the parent. Without parts, nothing
 * in the cell changed.
 */
export interface BlockWork extends CellWork {
  readonly whole: boolean;
}

/**
 * Maximum number of bytes added per chunk to complete its blocks. A block takes its whole size in
 * the file even if only part of it is stored (no file is sparse). Storing a partly changed block
 * whole therefore does not enlarge the file, and a chunk without partial blocks needs no sector
 * bitmap, which takes 1 MiB. The cost is writing the rest of the blocks: limited per chunk (4 GiB
 * of a disk with 512-byte sectors) to the size of the bitmap.
 */
const MAX_COMPLETED = MIB;

/**
 * Completes partly touched blocks of an increment in each chunk that has few of them. Cells stay in
 * order. If blocks are larger than cells, the missing cells of a block are added. Holds the cells
 * of one chunk at most.
 * @param geometry of the new image; null for one without a parent, which has no sector bitmaps
 */
export async function* completeBlocks(
  cells: AsyncIterable<CellWork>,
  geometry: BlockGeometry | null,
): AsyncGenerator<BlockWork> {
  if (geometry === null) {
    for await (const work of cells) yield { ...work, whole: false };
    return;
  }
  let chunk = new Chunk(geometry, -1);
  for await (const work of cells) {
    const number = chunkOf(geometry, work.cell);
    if (number !== chunk.number) {
      yield* chunk.take();
      chunk = new Chunk(geometry, number);
    }
    chunk.add(work);
    if (chunk.isFull) yield* chunk.take();
  }
  yield* chunk.take();
}

const chunkOf = (geometry: BlockGeometry, cell: number): number =>
  Math.floor((cell * CELL_SIZE) / (chunkRatio(geometry) * geometry.blockSize));

/** Holds the cells of one chunk until it is decided whether to complete its blocks. */
class Chunk {
  readonly number: number;
  readonly #geometry: BlockGeometry;
  readonly #perBlock: number;
  /** Cells by block, in order. */
  readonly #blocks = new Map<number, CellWork[]>();
  /**
   * Bytes that the touched blocks lack. `lastLacking`: the bytes that the last block lacks, which
   * later cells may still provide.
   */
  #lacking = 0;
  #lastBlock = -1;
  #lastLacking = 0;

  constructor(geometry: BlockGeometry, number: number) {
    this.#geometry = geometry;
    this.number = number;
    this.#perBlock = geometry.blockSize / CELL_SIZE;
  }

  add(work: CellWork): void {
    const block = Math.floor(work.cell / this.#perBlock);
    const cells = this.#blocks.get(block) ?? [];
    cells.push(work);
    this.#blocks.set(block, cells);
    const stored = work.parts.reduce((sum, { start, end }) => sum + end - start, 0);
    const lacked = block === this.#lastBlock ? this.#lastLacking : this.#length(block);
    if (block !== this.#lastBlock) this.#lacking += lacked;
    this.#lastBlock = block;
    this.#lastLacking = lacked - stored;
    this.#lacking -= stored;
  }

  /**
   * Whether completing the blocks already costs too much, so that cells need not be held any more.
   */
  get isFull(): boolean {
    // The last block is not counted: the cells that follow may complete it.
    return this.#lacking - this.#lastLacking > MAX_COMPLETED;
  }

  /**
   * Yields the held cells. A chunk that was once full is never completed, since it has a bitmap.
   */
  *take(): Generator<BlockWork> {
    const complete = this.#lacking <= MAX_COMPLETED;
    for (const [block, cells] of this.#blocks) {
      if (complete && !this.#isComplete(block, cells)) yield* this.#completed(block, cells);
      else for (const work of cells) yield { ...work, whole: false };
    }
    this.#blocks.clear();
  }

  *#completed(block: number, cells: readonly CellWork[]): Generator<BlockWork> {
    const first = block * this.#perBlock;
    const end = Math.min(first + this.#perBlock, cellCount(this.#geometry.virtualSize));
    for (let cell = first; cell < end; cell++) {
      const known = cells.find((work) => work.cell === cell);
      yield { cell, parts: known?.parts ?? [], whole: true };
    }
  }

  /** Returns the bytes of the disk that a block covers. */
  #length(block: number): number {
    const { blockSize, virtualSize } = this.#geometry;
    return Math.min(blockSize, virtualSize - block * blockSize);
  }

  #isComplete(block: number, cells: readonly CellWork[]): boolean {
    const first = block * this.#perBlock;
    const { virtualSize } = this.#geometry;
    const count = Math.min(this.#perBlock, cellCount(virtualSize) - first);
    return cells.length === count && cells.every((work) => isCovered(work, virtualSize));
  }
}

function isCovered({ cell, parts }: CellWork, virtualSize: number): boolean {
  const [part] = parts;
  const length = part === undefined ? 0 : part.end - part.start;
  return parts.length === 1 && length === cellLength(cell, virtualSize);
}
