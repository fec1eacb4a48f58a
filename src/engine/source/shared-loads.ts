import { isAbort } from '../base/abort.ts';
import type { BudgetMember, LoadBudget } from './load-budget.ts';

interface Load {
  readonly bytes: Promise<Uint8Array>;
  /** Signal of the reader that began the load. */
  readonly signal: AbortSignal;
}

/**
 * The results of recent loads by number, kept as long as the budget allows. Readers that want the same at once share one
 * load; a failure is not kept, and one reader's abort does not become another's.
 */
export class SharedLoads implements BudgetMember {
  readonly #budget: LoadBudget;
  readonly #bytesEach: number;
  readonly #loads = new Map<number, Load>();

  /** @param bytesEach size of a result, at most. */
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
        // Whoever began the load gave up; this reader has not.
        if (known.signal === signal || !isAbort(error, known.signal)) throw error;
      }
    }
  }

  /** Whether a load with this number is kept or under way. */
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
    begun.bytes.catch(() => {
      this.#budget.remove(begun);
      if (this.#loads.get(key) === begun) this.#loads.delete(key);
    });
    return begun.bytes;
  }
}
