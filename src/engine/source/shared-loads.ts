import { isAbort } from '../base/abort.ts';
import type { BudgetMember, LoadBudget } from './load-budget.ts';

interface Load {
  readonly bytes: Promise<Uint8Array>;
  /** Signal of the reader that began the load. */
  readonly signal: AbortSignal;
  /** The result, once it is there. */
  loaded?: Uint8Array;
}

/**
 * Results of recent loads by number, kept as long as the budget allows. Concurrent readers of a
 * number share one load. A failure is not cached, and aborting one reader does not abort the
 * others.
 */
export class SharedLoads implements BudgetMember {
  readonly #budget: LoadBudget;
  readonly #bytesEach: number;
  readonly #loads = new Map<number, Load>();

  /** @param bytesEach maximum size of a result. */
  constructor(budget: LoadBudget, bytesEach: number) {
    this.#budget = budget;
    this.#bytesEach = bytesEach;
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
      this.#budget.touch(known);
      try {
        return await known.bytes;
      } catch (error) {
        // The reader that began the load was aborted; this one was not.
        if (known.signal === signal || !isAbort(error, known.signal)) throw error;
      }
    }
  }

  /** Returns a result that is there, without waiting: for look-ups by the thousand. */
  cached(key: number): Uint8Array | undefined {
    const known = this.#loads.get(key);
    if (known?.loaded === undefined) return undefined;
    this.#budget.touch(known);
    return known.loaded;
  }

  /** Whether a load with this number is cached or running. */
  has(key: number): boolean {
    return this.#loads.has(key);
  }

  clear(): void {
    for (const load of this.#loads.values()) this.#budget.remove(load);
    this.#loads.clear();
  }

  drop(key: number): void {
    this.#loads.delete(key);
  }

  #begin(key: number, load: () => Promise<Uint8Array>, signal: AbortSignal): Promise<Uint8Array> {
    const begun: Load = { bytes: load(), signal };
    this.#loads.set(key, begun);
    this.#budget.add(begun, { member: this, key, bytes: this.#bytesEach });
    begun.bytes.then(
      (bytes) => (begun.loaded = bytes),
      () => {
        this.#budget.remove(begun);
        if (this.#loads.get(key) === begun) this.#loads.delete(key);
      },
    );
    return begun.bytes;
  }
}
