/** Parts of one reply: a server that cuts a piece into more than these wastes both sides' time. */
const MAX_PARTS = 16_384;

/** Disjoint parts of a reply, in the order in which they came, most often the natural one. */
export class Parts {
  /** Starts and ends, sorted, neighbours merged. */
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  #count = 0;
  bytes = 0;

  /** Adds `[start, end)`; false if it overlaps a part, or if there are too many. */
  add(start: number, end: number): boolean {
    this.#count++;
    const at = this.#firstEndingAfter(start);
    const next = this.#starts[at];
    if (this.#count > MAX_PARTS || (next !== undefined && next < end)) return false;
    this.bytes += end - start;
    const joinsLeft = at > 0 && this.#ends[at - 1] === start;
    const joinsRight = next === end;
    if (joinsLeft && joinsRight) {
      this.#ends[at - 1] = this.#ends[at] as number;
      this.#starts.splice(at, 1);
      this.#ends.splice(at, 1);
    } else if (joinsLeft) this.#ends[at - 1] = end;
    else if (joinsRight) this.#starts[at] = start;
    else {
      this.#starts.splice(at, 0, start);
      this.#ends.splice(at, 0, end);
    }
    return true;
  }

  #firstEndingAfter(offset: number): number {
    let low = 0;
    let high = this.#ends.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#ends[middle] as number) > offset) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
