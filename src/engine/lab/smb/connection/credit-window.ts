/**
 * Credits of a connection and the ids that they pay for (MS-SMB2 3.3.1.1, 3.3.1.2). Each credit is one
 * message id; ids may be used in any order, each once.
 */
export class CreditWindow {
  /** Ids from here to `#end` were granted; those before were used. */
  #start = 0n;
  #end = 1n;
  /** Used ids behind `#start`. */
  readonly #used = new Set<bigint>();

  /** Credits that the client has. */
  get available(): number {
    return Number(this.#end - this.#start) - this.#used.size;
  }

  /** Uses `charge` ids from `id` on. False if one of them was not granted or was used before. */
  use(id: bigint, charge: number): boolean {
    const end = id + BigInt(charge);
    if (id < this.#start || end > this.#end) return false;
    for (let at = id; at < end; at++) if (this.#used.has(at)) return false;
    for (let at = id; at < end; at++) this.#used.add(at);
    while (this.#used.delete(this.#start)) this.#start++;
    return true;
  }

  /**
   * Grants credits as Windows does: what is asked for, at least one, up to `most` in the client's hands.
   * A client that never uses an old id gets no new ones for ever.
   */
  grant(asked: number, most: number): number {
    const span = Number(this.#end - this.#start);
    const room = Math.min(most - this.available, 2 * most - span);
    const granted = Math.max(Math.min(Math.max(asked, 1), room), this.available === 0 ? 1 : 0);
    this.#end += BigInt(granted);
    return granted;
  }
}
