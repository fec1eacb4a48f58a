/** A cache that gives up what a budget tells it to. */
export interface BudgetMember {
  drop(key: number): void;
}

interface Kept {
  readonly member: BudgetMember;
  readonly key: number;
  readonly bytes: number;
}

/**
 * Bytes that several caches share, the least recently used given up first: a chain of 60 images costs no more memory than one
 * image, and the layers that are read keep their pages at the expense of those that are not.
 */
export class LoadBudget {
  readonly #limit: number;
  #used = 0;
  /** By the cached value, the least recently used first. */
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

  /** Marks a value as used just now. */
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
