import { isAbort } from '../base/abort.ts';

interface Load {
  readonly bytes: Promise<Uint8Array>;
  /** Of the reader that began the load. */
  readonly signal: AbortSignal;
}

/**
 * The results of recent loads by number, the least recently used dropped first. Readers that want the same
 * at once share one load; a failure is not kept, and one reader's abort does not become another's.
 */
export class SharedLoads {
  readonly #limit: number;
  readonly #loads = new Map<number, Load>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  async get(
    key: number,
    load: () => Promise<Uint8Array>,
    signal: AbortSignal,
  ): Promise<Uint8Array> {
    for (;;) {
      signal.throwIfAborted();
      const known = this.#loads.get(key);
      if (known === undefined) return this.#begin(key, load, signal);
      this.#loads.delete(key);
      this.#loads.set(key, known);
      try {
        return await known.bytes;
      } catch (error) {
        // Whoever began the load gave up; this reader has not.
        if (known.signal === signal || !isAbort(error, known.signal)) throw error;
      }
    }
  }

  clear(): void {
    this.#loads.clear();
  }

  #begin(key: number, load: () => Promise<Uint8Array>, signal: AbortSignal): Promise<Uint8Array> {
    const begun: Load = { bytes: load(), signal };
    this.#loads.set(key, begun);
    begun.bytes.catch(() => {
      if (this.#loads.get(key) === begun) this.#loads.delete(key);
    });
    if (this.#loads.size > this.#limit) {
      for (const oldest of this.#loads.keys()) {
        this.#loads.delete(oldest);
        break;
      }
    }
    return begun.bytes;
  }
}
