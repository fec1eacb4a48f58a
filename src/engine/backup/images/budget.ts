/**
 * An amount that tasks share, such as bytes of memory or requests in flight. A request for
 * more than is left waits; requests are granted in their order.
 */
export class Budget {
  #limit: number;
  #left: number;
  readonly #waiting: { readonly amount: number; readonly grant: () => void }[] = [];

  constructor(limit: number) {
    this.#limit = limit;
    this.#left = limit;
  }

  get limit(): number {
    return this.#limit;
  }

  /** Raises the limit. */
  raise(limit: number): void {
    this.#left += limit - this.#limit;
    this.#limit = limit;
    this.#grant();
  }

  /**
   * Takes an amount; undefined if it was taken at once, else a promise for it. Waits for all of
   * the budget if the amount is larger. The wait ends when others give back: cancel those.
   */
  take(amount: number): Promise<void> | undefined {
    if (this.#waiting.length === 0 && this.#fits(amount)) {
      this.#left -= amount;
      return undefined;
    }
    return new Promise((grant) => this.#waiting.push({ amount, grant }));
  }

  /** Gives back an amount that was taken. */
  give(amount: number): void {
    this.#left += amount;
    this.#grant();
  }

  #fits(amount: number): boolean {
    return amount <= this.#left || this.#left === this.#limit;
  }

  #grant(): void {
    for (;;) {
      const [first] = this.#waiting;
      if (first === undefined || !this.#fits(first.amount)) return;
      this.#waiting.shift();
      this.#left -= first.amount;
      first.grant();
    }
  }
}
