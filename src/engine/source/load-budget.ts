/** A cache that evicts the entries that its budget selects. */
export interface BudgetMember {
  drop(key: number): void;
}

interface Kept {
  readonly member: BudgetMember;
  readonly key: number;
  readonly bytes: number;
}

/**
 * A memory budget in bytes that several caches share, with the least recently used entry evicted
 * first: a chain of 60 images uses no more memory than one image, and layers in use keep their
 * pages at the expense of idle ones.
 */
export class LoadBudget {
  readonly #limit: number;
  #used = 0;
  /** Keyed by the cached value, least recently used first. */
  readonly #kept = new Map<object, Kept>();

  constructor(limitBytes: number) {
    this.#limit = limitBytes;
  }

  add(value: object, kept: Kept): void {
    this.#kept.set(value, kept);
    this.#used += kept.bytes;
    for (const [oldest, { member, key }] of this.#kept) {
      if (this.#used <= this.#limit || oldest === value) return;
      this.remove(oldest);
      member.drop(key);
    }
  }

  /** Marks a value as used now. */
  touch(value: object): void {
    const kept = this.#kept.get(value);
    if (kept === undefined) return;
    this.#kept.delete(value);
    this.#kept.set(value, kept);
  }

  remove(value: object): void {
    const kept = this.#kept.get(value);
    if (kept === undefined) return;
    this.#kept.delete(value);
    this.#used -= kept.bytes;
  }
}
