/** A random sample of cells, and what it proves. */
import type { Range } from '../../base/range.ts';

/** Cells that a sample has: a tenth of what the increment read, within these bounds. */
const LEAST = 4;
const MOST = 64;
const SHARE = 10;

/** Confidence with which a sample rules something out. */
export const CONFIDENCE = 0.95;

export function sampleSize(readBytes: number, cellSize: number): number {
  return Math.min(MOST, Math.max(LEAST, Math.ceil(readBytes / SHARE / cellSize)));
}

/**
 * Draws up to `size` of the cells that are added, each set of that size with the same probability, without keeping the others
 * (Li, "Reservoir-sampling algorithms of time complexity O(n(1+log(N/n)))", algorithm L).
 */
export class CellSample {
  /** Cells that were added. */
  candidates = 0;
  readonly #size: number;
  readonly #random: () => number;
  readonly #chosen: number[] = [];
  #weight = 1;
  /** How many cells are added before the next one that is taken. */
  #next = 0;

  /** @param random in [0, 1); other cells at each run, so that runs together see more than one does. */
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
    // 1 - random: the logarithm of 0 is not wanted.
    this.#weight *= Math.exp(Math.log(1 - this.#random()) / this.#size);
    const gap = Math.floor(Math.log(1 - this.#random()) / Math.log1p(-this.#weight));
    this.#next = this.candidates + (Number.isFinite(gap) ? gap : Number.MAX_SAFE_INTEGER / 2);
  }
}

/**
 * Returns the least number of wrong cells among `candidates` that a sample of `checked` cells without a wrong one rules out
 * with the given confidence: with so many, a sample would have missed all of them with a probability of at most
 * 1 - `confidence`. 1 if every cell was read; `candidates` + 1 if the sample rules out nothing.
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

/** Probability that `checked` of `candidates` cells, drawn without repetition, hold none of `wrong` ones. */
function missProbability(candidates: number, checked: number, wrong: number): number {
  if (checked === 0) return 1;
  let probability = 1;
  for (let i = 0; i < checked; i++) {
    probability *= Math.max(0, candidates - wrong - i) / (candidates - i);
  }
  return probability;
}
