import type { BlockPlace } from '../../../api/anatomy.ts';
import type { Cells } from './block-overview.ts';

/** Cells of `perCell` blocks from block `from`. */
export interface CellRange {
  readonly from: number;
  readonly perCell: number;
  readonly count: number;
}

/** States of the blocks of a disk, of any format. */
export interface DiskBlocks {
  readonly total: number;
  /** Number of blocks in each state, in the order of BLOCK_STATES. */
  counts(): readonly number[];
  /** Omits cells behind the last block. */
  cells(wanted: CellRange, signal: AbortSignal): Promise<Cells>;
  /** Finds the table entry and the data of a block in the file. */
  place(block: number, signal: AbortSignal): Promise<BlockPlace>;
}
