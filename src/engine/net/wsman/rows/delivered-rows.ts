import { rowIdentity, type Row } from './row-identity.ts';

/**
 * Remembers the rows that a consumer received, so that a restarted enumeration delivers only the
 * others. Counts rows of one identity, since a query may return equal rows. Needs about 100 bytes
 * per row.
 */
export class DeliveredRows {
  readonly #delivered = new Map<string, number>();
  /** Rows that the current run must still omit; undefined in the first run. */
  #omit: Map<string, number> | undefined;
  #last = 0;

  /** Number of delivered rows. */
  get total(): number {
    return this.#last;
  }

  /** Begins another run over all rows. */
  restart(): void {
    this.#omit = new Map(this.#delivered);
  }

  /**
   * Returns the rows of a batch that were not delivered yet, and counts them as delivered.
   * @param final nothing follows, so that nothing has to be remembered.
   */
  fresh<Item extends Row>(items: readonly Item[], final: boolean): readonly Item[] {
    const omit = this.#omit;
    if (final && omit === undefined) {
      this.#last += items.length;
      return items;
    }
    return items.filter((item) => {
      const identity = rowIdentity(item);
      const left = omit?.get(identity) ?? 0;
      if (left > 0) {
        omit?.set(identity, left - 1);
        return false;
      }
      this.#delivered.set(identity, (this.#delivered.get(identity) ?? 0) + 1);
      this.#last++;
      return true;
    });
  }
}
