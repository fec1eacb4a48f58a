/** A random sample of cells, and what it proves. */
import type { Range } from '../../base/range.ts';

/**
 * Minimum and maximum size of a sample, in cells; between them, a tenth of the cells that the
 * increment read.
 */
const LEAST = 4;
const MOST = 64;
const SHARE = 10;

/** Confidence with which a sample rules something out. */
export const CONFIDENCE = 0.95;

export function sampleSize(readBytes: number, cellSize: number): number {
  return Math.min(MOST, Math.max(LEAST, Math.ceil(readBytes / SHARE / cellSize)));
}

/**
 * Draws up to `size` of the added cells, each set of that size with the same probability, without
 * storing the others (Li, "Reservoir-sampling algorithms of time complexity O(n(1+log(N/n)))",
 * algorithm L).
 */
export class CellSample {
  /** Number of cells that were added. */
  candidates = 0;
  readonly #size: number;
  readonly #random: () => number;
  readonly #chosen: number[] = [];
  #weight = 1;
  /** Number of cells to skip before the next one is taken. */
  #next = 0;

  /**
   * @param random in [0, 1); each run draws other cells, so that several runs detect more than one
   * does.
   */
  constructor(size: number, random: () => number = Math.random) {
    this.#size = size;
    this.#random = random;
  }

  add({ start, end }: Range): void {
    for (let at = start; at < end;) {
      const skipped = Math.min(end - at, this.#next - this.candidates);
      this.candidates += skipped;
      at += skipped;
      if (at === end) return;
      this.#take(at++);
    }
  }

  /** The chosen cells, in order. */
  get cells(): readonly number[] {
    return this.#chosen.toSorted((a, b) => a - b);
  }

  #take(cell: number): void {
    const full = this.#chosen.length === this.#size;
    if (full) this.#chosen[Math.floor(this.#random() * this.#size)] = cell;
    else this.#chosen.push(cell);
    this.candidates++;
    if (this.#chosen.length < this.#size) {
      this.#next = this.candidates;
      return;
    }
    // 1 - random: avoids the logarithm of 0.
    this.#weight *= Math.exp(Math.log(1 - this.#random()) / this.#size);
    const gap = Math.floor(Math.log(1 - this.#random()) / Math.log1p(-this.#weight));
    this.#next = this.candidates + (Number.isFinite(gap) ? gap : Number.MAX_SAFE_INTEGER / 2);
  }
}

/**
 * Returns the minimum number of wrong cells among `candidates` that a sample of `checked` correct
 * cells rules out with the given confidence: the sample would have missed that number of wrong
 * cells with a probability of at most 1 - `confidence`. 1 if every cell was read; `candidates` + 1
 * if the sample rules out nothing.
 */
export function ruledOut(candidates: number, checked: number, confidence = CONFIDENCE): number {
  let [low, high] = [1, candidates + 1];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (missProbability(candidates, checked, middle) <= 1 - confidence) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * Returns the probability that `checked` of `candidates` cells, drawn without repetition, include
 * no wrong cell if there are `wrong` of them.
 */
function missProbability(candidates: number, checked: number, wrong: number): number {
  if (checked === 0) return 1;
  let probability = 1;
  for (let i = 0; i < checked; i++) {
    probability *= Math.max(0, candidates - wrong - i) / (candidates - i);
  }
  return probability;
}
