import type { BlockPlace } from '../../../api/anatomy.ts';
import { rawOffset } from '../../vhdx/structures/bat-entry.ts';
import { batIndexOfPayload } from '../../vhdx/structures/layout.ts';
import type { BatScan } from './bat-scan.ts';
import { blockCells } from './block-cells.ts';
import type { Cells } from './block-overview.ts';
import { PARTIAL, PRESENT, stateOf, type BlockTable } from './block-states.ts';
import type { CellRange, DiskBlocks } from './disk-blocks.ts';

const ENTRY = 8;

/** The blocks of a VHDX, by its BAT. */
export class BatBlocks implements DiskBlocks {
  readonly #table: BlockTable;
  readonly #scan: BatScan;

  constructor(table: BlockTable, scan: BatScan) {
    this.#table = table;
    this.#scan = scan;
  }

  get total(): number {
    return this.#table.blocks;
  }

  counts(): readonly number[] {
    return this.#scan.overview.counts();
  }

  cells(wanted: CellRange, signal: AbortSignal): Promise<Cells> {
    return blockCells(this.#table, this.#scan, wanted, signal);
  }

  async place(block: number, signal: AbortSignal): Promise<BlockPlace> {
    const table = this.#table;
    const { source, metadata, offset: start } = table;
    const index = batIndexOfPayload(metadata, block);
    // A table may end before its disk does.
    if (index >= table.entries) return { entry: null, data: null };
    const bytes = new Uint8Array(ENTRY);
    const offset = start + index * ENTRY;
    await source.read(offset, bytes, signal);
    const view = new DataView(bytes.buffer);
    const [low, high] = [view.getUint32(0, true), view.getUint32(4, true)];
    const state = stateOf(low, high, table, block);
    const length = Math.min(metadata.blockSize, metadata.virtualSize - block * metadata.blockSize);
    const held = state === PRESENT || state === PARTIAL;
    return {
      entry: { offset, length: ENTRY },
      data: held ? { offset: rawOffset(low, high), length } : null,
    };
  }
}
