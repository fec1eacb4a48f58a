import type { Range } from '../../base/range.ts';
import { allSet, bitRuns, LEAST_FIRST, setBits } from './sector-bits.ts';

/** Bits in one sector bitmap block of 1 MiB of VHDX: the sectors of one chunk (MS-VHDX 2.4). */
export const SECTORS_PER_CHUNK = 2 ** 23;

/** Number of runs of one chunk above which a bitmap of 1 MiB is smaller. */
const MOST_RUNS = SECTORS_PER_CHUNK / 64;

/**
 * A growing set of sectors of a whole disk, stored by chunk (2^23 sectors): eight bytes per run, at
 * most 1 MiB per touched chunk, nothing for the others. Sectors are numbered over the disk.
 */
export class SectorRuns {
  readonly #chunks = new Map<number, Chunk>();

  /** Numbers of the non-empty chunks, ascending. */
  get chunks(): readonly number[] {
    return [...this.#chunks.keys()].sort((a, b) => a - b);
  }

  /** Adds `[start, end)`. Returns false and stops at a part that is already in the set. */
  add(start: number, end: number): boolean {
    for (const [number, from, to] of byChunk(start, end)) {
      let chunk = this.#chunks.get(number);
      if (chunk === undefined) this.#chunks.set(number, (chunk = new Chunk()));
      if (!chunk.add(from, to)) return false;
    }
    return true;
  }

  covers(start: number, end: number): boolean {
    for (const [number, from, to] of byChunk(start, end)) {
      if (this.#chunks.get(number)?.covers(from, to) !== true) return false;
    }
    return true;
  }

  /**
   * Yields the parts of `[start, end)` in the set, ascending; adjacent ones may be split at chunk
   * borders.
   */
  *runs(start: number, end: number): Generator<Range> {
    for (const [number, from, to] of byChunk(start, end)) {
      const base = number * SECTORS_PER_CHUNK;
      for (const run of this.#chunks.get(number)?.runs(from, to) ?? []) {
        yield { start: base + run.start, end: base + run.end };
      }
    }
  }

  /** Yields the parts of `[start, end)` that are not in the set. */
  *gaps(start: number, end: number): Generator<Range> {
    let at = start;
    for (const run of this.runs(start, end)) {
      if (run.start > at) yield { start: at, end: run.start };
      at = run.end;
    }
    if (at < end) yield { start: at, end };
  }
}

/**
 * Splits sectors `[start, end)` at chunk borders: chunk number, first and last sector within it.
 */
function* byChunk(start: number, end: number): Generator<readonly [number, number, number]> {
  for (let at = start; at < end;) {
    const chunk = Math.floor(at / SECTORS_PER_CHUNK);
    const base = chunk * SECTORS_PER_CHUNK;
    const to = Math.min(end, base + SECTORS_PER_CHUNK);
    yield [chunk, at - base, to - base];
    at = to;
  }
}

/**
 * Sorted, non-adjacent runs in one array (start, end, start, end …); a bitmap if there are too
 * many.
 */
class Chunk {
  #edges = new Uint32Array(8);
  #count = 0;
  #bitmap: Uint8Array | undefined;

  add(start: number, end: number): boolean {
    if (this.#bitmap !== undefined) {
      for (const run of bitRuns(this.#bitmap, start, end, LEAST_FIRST))
        if (run.present) return false;
      setBits(this.#bitmap, start, end, LEAST_FIRST);
      return true;
    }
    const at = this.#firstEndingAfter(start);
    const edges = this.#edges;
    if (at < this.#count && (edges[at * 2] as number) < end) return false;
    const joinsBefore = at > 0 && edges[at * 2 - 1] === start;
    const joinsAfter = at < this.#count && edges[at * 2] === end;
    if (joinsBefore && joinsAfter) this.#joinWithBefore(at);
    else if (joinsBefore) edges[at * 2 - 1] = end;
    else if (joinsAfter) edges[at * 2] = start;
    else this.#insert(at, start, end);
    return true;
  }

  covers(start: number, end: number): boolean {
    if (this.#bitmap !== undefined) return allSet(this.#bitmap, start, end, LEAST_FIRST);
    const at = this.#firstEndingAfter(start);
    const edges = this.#edges;
    return (
      at < this.#count && (edges[at * 2] as number) <= start && (edges[at * 2 + 1] as number) >= end
    );
  }

  *runs(start: number, end: number): Generator<Range> {
    if (this.#bitmap !== undefined) {
      for (const run of bitRuns(this.#bitmap, start, end, LEAST_FIRST)) if (run.present) yield run;
      return;
    }
    for (let at = this.#firstEndingAfter(start); at < this.#count; at++) {
      const from = this.#edges[at * 2] as number;
      if (from >= end) return;
      yield { start: Math.max(from, start), end: Math.min(this.#edges[at * 2 + 1] as number, end) };
    }
  }

  /**
   * Returns the index of the first run that ends behind `sector`. Appending, the common case,
   * examines one run.
   */
  #firstEndingAfter(sector: number): number {
    if (this.#count === 0 || (this.#edges[this.#count * 2 - 1] as number) <= sector) {
      return this.#count;
    }
    let low = 0;
    let high = this.#count - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#edges[middle * 2 + 1] as number) > sector) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  #insert(at: number, start: number, end: number): void {
    if (this.#count === MOST_RUNS) {
      const bitmap = this.#toBitmap();
      setBits(bitmap, start, end, LEAST_FIRST);
      return;
    }
    if (this.#edges.length < (this.#count + 1) * 2) {
      const grown = new Uint32Array(this.#edges.length * 2);
      grown.set(this.#edges);
      this.#edges = grown;
    }
    this.#edges.copyWithin(at * 2 + 2, at * 2, this.#count * 2);
    this.#edges[at * 2] = start;
    this.#edges[at * 2 + 1] = end;
    this.#count++;
  }

  /** Merges runs `at - 1` and `at` after the gap between them was filled. */
  #joinWithBefore(at: number): void {
    this.#edges.copyWithin(at * 2 - 1, at * 2 + 1, this.#count * 2);
    this.#count--;
  }

  #toBitmap(): Uint8Array {
    const bitmap = new Uint8Array(SECTORS_PER_CHUNK / 8);
    for (const run of this.runs(0, SECTORS_PER_CHUNK))
      setBits(bitmap, run.start, run.end, LEAST_FIRST);
    this.#bitmap = bitmap;
    this.#edges = new Uint32Array(0);
    this.#count = 0;
    return bitmap;
  }
}
