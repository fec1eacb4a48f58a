import { batIndexOfPayload } from '../../vhdx/structures/layout.ts';
import type { BatScan } from './bat-scan.ts';
import { emptyCells, putCell, type Cells } from './block-overview.ts';
import { BAD, blocksBefore, slabs, stateOf, STATE_COUNT, type BlockTable } from './block-states.ts';

/**
 * Returns cells of `perCell` blocks from block `from`: from the overview if its resolution
 * suffices, else from the table.
 */
export async function blockCells(
  table: BlockTable,
  scan: BatScan,
  cells: { readonly from: number; readonly perCell: number; readonly count: number },
  signal: AbortSignal,
): Promise<Cells> {
  const { from, perCell, count } = cells;
  if (scan.overview.fits(from, perCell)) return scan.overview.cells(from, perCell, count);
  const end = Math.min(table.blocks, from + perCell * count);
  if (from >= end) return emptyCells(0);
  const out = emptyCells(Math.ceil((end - from) / perCell));
  const sums = new Uint32Array(STATE_COUNT);
  let cell = 0;
  const put = (block: number, state: number, blocks: number): void => {
    const at = Math.floor((block - from) / perCell);
    if (at !== cell) {
      putCell(out, cell, sums);
      sums.fill(0);
      cell = at;
    }
    sums[state] = (sums[state] as number) + blocks;
  };
  let block = from;
  const first = batIndexOfPayload(table.metadata, from);
  const last = batIndexOfPayload(table.metadata, end - 1) + 1;
  for await (const { index, count: entries, words } of slabs(table, first, last, signal)) {
    const next = Math.min(end, blocksBefore(table, index + entries));
    for (; block < next; block++) {
      const word = (batIndexOfPayload(table.metadata, block) - index) * 2;
      const low = words?.[word] ?? 0;
      const state = stateOf(low, words?.[word + 1] ?? 0, table, block);
      put(block, scan.overlaps.has(block) ? BAD : state, 1);
    }
  }
  for (; block < end; block++) put(block, BAD, 1);
  putCell(out, cell, sums);
  return out;
}
