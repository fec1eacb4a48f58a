import type { BlockPlace } from '../../../api/anatomy.ts';
import { BlockOverview, emptyCells, putCell, type Cells } from './block-overview.ts';
import { BAD, STATE_COUNT } from './block-states.ts';
import type { CellRange, DiskBlocks } from './disk-blocks.ts';

/** Blocks [first, end) of one state. */
export interface BlockRun {
  readonly first: number;
  readonly end: number;
  readonly state: number;
}

/** A table whose blocks are read as runs, in order and without gaps. */
export interface RunTable {
  readonly total: number;
  runs(first: number, end: number, signal: AbortSignal): AsyncIterable<BlockRun>;
  place(block: number, signal: AbortSignal): Promise<BlockPlace>;
}

/** The blocks of a table of runs: an overview of the whole disk, and the table for more detail. */
export class RunBlocks implements DiskBlocks {
  readonly #table: RunTable;
  readonly #overview: BlockOverview;

  private constructor(table: RunTable, overview: BlockOverview) {
    this.#table = table;
    this.#overview = overview;
  }

  /** Reads the whole table once. Blocks behind an error are bad. Calls `caught` with the error. */
  static async read(
    table: RunTable,
    caught: (error: unknown) => void,
    signal: AbortSignal,
  ): Promise<RunBlocks> {
    const overview = new BlockOverview(table.total);
    try {
      for await (const { first, end, state } of table.runs(0, table.total, signal)) {
        overview.addRun(first, end, state);
      }
    } catch (error) {
      signal.throwIfAborted();
      caught(error);
    }
    overview.addRun(overview.total(), table.total, BAD);
    return new RunBlocks(table, overview);
  }

  get total(): number {
    return this.#table.total;
  }

  counts(): readonly number[] {
    return this.#overview.counts();
  }

  async cells({ from, perCell, count }: CellRange, signal: AbortSignal): Promise<Cells> {
    if (this.#overview.fits(from, perCell)) return this.#overview.cells(from, perCell, count);
    const end = Math.min(this.total, from + perCell * count);
    if (from >= end) return emptyCells(0);
    const out = emptyCells(Math.ceil((end - from) / perCell));
    const sums = new Uint32Array(STATE_COUNT);
    let cell = 0;
    const next = (at: number): void => {
      putCell(out, cell, sums);
      sums.fill(0);
      cell = at;
    };
    for await (const run of this.#table.runs(from, end, signal)) {
      for (let block = run.first; block < run.end;) {
        const at = Math.floor((block - from) / perCell);
        if (at !== cell) next(at);
        const stop = Math.min(run.end, from + (at + 1) * perCell);
        sums[run.state] = (sums[run.state] as number) + stop - block;
        block = stop;
      }
    }
    putCell(out, cell, sums);
    return out;
  }

  place(block: number, signal: AbortSignal): Promise<BlockPlace> {
    return this.#table.place(block, signal);
  }
}
