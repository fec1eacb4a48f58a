import { performance } from 'node:perf_hooks';
import { Budget } from './budget.ts';

/** Sizes of a window: memory of buffers in bytes, and requests to the source. */
interface Size {
  readonly bytes: number;
  readonly requests: number;
}

/** Enough for a local file. More would only move its data out of the processor's caches. */
const FIRST: Size = { bytes: 8 * 2 ** 20, requests: 8 };
/** At a round trip of 50 ms: 640 MB/s, or 10,000 requests per second. */
export const LARGEST: Size = { bytes: 32 * 2 ** 20, requests: 512 };
/** Factor by which the window grows. */
const GROWTH = 4;
/**
 * Number of reads after which the window is reconsidered. A local file answers more reads in a row
 * from other threads only if it is slow (source/files/quick-calls.ts).
 */
const MANY = 40;
/** The source is slow if each of these reads took longer than this, in milliseconds. */
const SLOW_MS = 1;
/** Share of the time in which this thread had work, up to which it is taken to wait for the source. */
const WAITING = 0.8;

/**
 * Bounds of what a copy has in flight. Begins small, and grows while the copy waits for a slow
 * source. Reads alone do not tell: they also take long if this thread is busy with their data.
 */
export class CopyWindow {
  readonly #memory = new Budget(FIRST.bytes);
  /** Pieces whose buffers are in use. */
  readonly #pieces = new Budget(FIRST.requests);
  readonly #requests = new Budget(FIRST.requests);
  #reads = 0;
  #quickest = Infinity;
  readonly #busy: () => number;

  /** @param busy share of the time since the last call in which this thread had work, 0 to 1 */
  constructor(busy = busyShare()) {
    this.#busy = busy;
  }

  /** Maximum number of requests in flight now. */
  get requests(): number {
    return this.#requests.limit;
  }

  /** Waits until a piece that needs a buffer of `bytes` has a place. Pieces enter one at a time. */
  async enter(bytes: number): Promise<void> {
    const place = this.#pieces.take(1);
    if (place !== undefined) await place;
    const memory = this.#memory.take(bytes);
    if (memory !== undefined) await memory;
  }

  /** The piece is copied, and its buffer given back. */
  leave(bytes: number): void {
    this.#memory.give(bytes);
    this.#pieces.give(1);
  }

  /** Whether the source proved slow. */
  get grown(): boolean {
    return this.#requests.limit > FIRST.requests;
  }

  /** Makes a read when its requests have room. */
  async read(requests: number, read: () => Promise<void>): Promise<void> {
    const wait = this.#requests.take(requests);
    if (wait !== undefined) await wait;
    try {
      const start = performance.now();
      await read();
      if (requests > 0) this.#note(performance.now() - start);
    } finally {
      this.#requests.give(requests);
    }
  }

  #note(milliseconds: number): void {
    this.#quickest = Math.min(this.#quickest, milliseconds);
    if (++this.#reads < MANY) return;
    const busy = this.#busy();
    if (this.#quickest > SLOW_MS && busy < WAITING) this.#grow();
    this.#reads = 0;
    this.#quickest = Infinity;
  }

  #grow(): void {
    const requests = Math.min(this.#requests.limit * GROWTH, LARGEST.requests);
    this.#memory.raise(Math.min(this.#memory.limit * GROWTH, LARGEST.bytes));
    this.#requests.raise(requests);
    this.#pieces.raise(requests);
  }
}

function busyShare(): () => number {
  let known = performance.eventLoopUtilization();
  return () => {
    const { utilization } = performance.eventLoopUtilization(known);
    known = performance.eventLoopUtilization();
    return utilization;
  };
}
