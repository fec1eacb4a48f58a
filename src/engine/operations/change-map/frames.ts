import { deferred } from '../../base/deferred.ts';
import { Semaphore } from '../../base/semaphore.ts';
import type { FrameContents } from './map-contents.ts';

/** Number of frames in memory: users go back and forth between a few. */
const MAX_KEPT = 4;

interface Loading {
  readonly result: Promise<FrameContents>;
  readonly abort: AbortController;
  /** Number of requests that wait for the frame. */
  wanted: number;
}

/**
 * Reads the frames of a map on request: one at a time, since each opens the images of its chain.
 * Requests for the same frame share one read, which is cancelled when all of them are. Keeps the
 * last frames.
 */
export class Frames {
  readonly #load: (index: number, signal: AbortSignal) => Promise<FrameContents>;
  readonly #kept = new Map<number, FrameContents>();
  readonly #loading = new Map<number, Loading>();
  readonly #turn = new Semaphore(1);

  constructor(load: (index: number, signal: AbortSignal) => Promise<FrameContents>) {
    this.#load = load;
  }

  /**
   * Returns a frame. A failed read is tried again on the next request. Throws the reason of
   * `signal` at once, or the error of the read.
   */
  async get(index: number, signal: AbortSignal): Promise<FrameContents> {
    signal.throwIfAborted();
    const kept = this.#kept.get(index);
    if (kept !== undefined) {
      this.#keep(index, kept);
      return kept;
    }
    const loading = this.#loading.get(index) ?? this.#start(index);
    loading.wanted++;
    try {
      return await orAborted(loading.result, signal);
    } finally {
      if (--loading.wanted === 0) this.#end(index, loading);
    }
  }

  #start(index: number): Loading {
    const abort = new AbortController();
    const { signal } = abort;
    const result = this.#turn.run(() => this.#load(index, signal), signal);
    const loading: Loading = { result, abort, wanted: 0 };
    this.#loading.set(index, loading);
    const settled = (): void => this.#end(index, loading);
    result.then((contents) => this.#keep(index, contents), settled).finally(settled);
    return loading;
  }

  #end(index: number, loading: Loading): void {
    loading.abort.abort();
    if (this.#loading.get(index) === loading) this.#loading.delete(index);
  }

  #keep(index: number, contents: FrameContents): void {
    this.#kept.delete(index);
    this.#kept.set(index, contents);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MAX_KEPT && oldest !== undefined) this.#kept.delete(oldest);
  }
}

async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = deferred<never>();
  const stop = (): void => reject(signal.reason as Error);
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
