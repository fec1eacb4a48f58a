import { BAD, PARTIAL, PRESENT, STATE_COUNT } from './block-states.ts';

/** Maximum number of cells, both kept and per request. */
const MAX_CELLS = 16_384;

/** Cells as drawn: one byte each. */
export interface Cells {
  /** The state shown for the cell. */
  readonly states: Uint8Array;
  /** Share of the cell's blocks whose data are in the file, from 0 (none) to 255 (all). */
  readonly held: Uint8Array;
}

/** Allocates cells to fill in. */
export const emptyCells = (count: number): Cells => ({
  states: new Uint8Array(count),
  held: new Uint8Array(count),
});

/** Fills in a cell from its numbers of blocks per state. */
export function putCell({ states, held }: Cells, at: number, sums: Uint32Array): void {
  states[at] = leading(sums);
  held[at] = heldShare(sums);
}

/** Number of blocks of each state in each of at most 16,384 equal parts of the disk. */
export class BlockOverview {
  /** Number of blocks in a cell, a power of two. */
  readonly perCell: number;
  readonly #blocks: number;
  readonly #shift: number;
  readonly #counts: Uint32Array;
  #added = 0;

  constructor(blocks: number) {
    this.#blocks = blocks;
    this.#shift = Math.max(0, Math.ceil(Math.log2(blocks / MAX_CELLS)));
    this.perCell = 2 ** this.#shift;
    this.#counts = new Uint32Array(Math.ceil(blocks / this.perCell) * STATE_COUNT);
  }

  add(block: number, state: number): void {
    const at = (block >>> this.#shift) * STATE_COUNT + state;
    this.#counts[at] = (this.#counts[at] as number) + 1;
    this.#added++;
  }

  /** Adds blocks [first, end) of one state. */
  addRun(first: number, end: number, state: number): void {
    for (let block = first; block < end;) {
      const cell = block >>> this.#shift;
      const next = Math.min(end, (cell + 1) * this.perCell);
      const at = cell * STATE_COUNT + state;
      this.#counts[at] = (this.#counts[at] as number) + next - block;
      this.#added += next - block;
      block = next;
    }
  }

  /** Returns the number of blocks added so far, which is the next block's number. */
  total(): number {
    return this.#added;
  }

  /** Returns the number of blocks in the whole disk, by state. */
  counts(): readonly number[] {
    const sums = Array.from({ length: STATE_COUNT }, () => 0);
    for (const [i, count] of this.#counts.entries()) {
      const state = i % STATE_COUNT;
      sums[state] = (sums[state] as number) + count;
    }
    return sums;
  }

  /** Whether the overview can return cells of this size from this block. */
  fits(from: number, perCell: number): boolean {
    return perCell % this.perCell === 0 && from % this.perCell === 0;
  }

  /** Returns `count` cells; omits those behind the last block. */
  cells(from: number, perCell: number, count: number): Cells {
    const shown = Math.max(0, Math.min(count, Math.ceil((this.#blocks - from) / perCell)));
    const cells = emptyCells(shown);
    const step = perCell / this.perCell;
    const sums = new Uint32Array(STATE_COUNT);
    for (let i = 0; i < shown; i++) {
      sums.fill(0);
      const start = (from / this.perCell + i * step) * STATE_COUNT;
      const end = Math.min(this.#counts.length, start + step * STATE_COUNT);
      for (let at = start; at < end; at++) {
        const state = (at - start) % STATE_COUNT;
        sums[state] = (sums[state] as number) + (this.#counts[at] as number);
      }
      putCell(cells, i, sums);
    }
    return cells;
  }
}

/** Returns the most frequent state, or `bad` if any block is bad, so that it stays visible. */
function leading(sums: Uint32Array): number {
  if ((sums[BAD] as number) > 0) return BAD;
  let best = 0;
  for (let state = 1; state < sums.length; state++) {
    if ((sums[state] as number) > (sums[best] as number)) best = state;
  }
  return best;
}

/** A single block of many gives at least 1; only all blocks give 255. */
function heldShare(sums: Uint32Array): number {
  const held = (sums[PRESENT] as number) + (sums[PARTIAL] as number);
  const all = sums.reduce((sum, count) => sum + count, 0);
  if (held === 0 || held === all) return held === 0 ? 0 : 255;
  return Math.max(1, Math.min(254, Math.round((held / all) * 255)));
}
