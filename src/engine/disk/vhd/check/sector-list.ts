/** Maximum number of blocks that are kept: 64 MiB. A disk of 2040 GiB has 4.2 million. */
const MAX_BLOCKS = 2 ** 24;

/** The first sectors of the blocks of a file, in four bytes each. */
export class SectorList {
  #sectors = new Uint32Array(1024);
  length = 0;
  /** Whether every block was kept. */
  complete = true;

  add(sector: number): void {
    if (this.length === MAX_BLOCKS) {
      this.complete = false;
      return;
    }
    if (this.length === this.#sectors.length) {
      const larger = new Uint32Array(this.length * 2);
      larger.set(this.#sectors);
      this.#sectors = larger;
    }
    this.#sectors[this.length++] = sector;
  }

  /** Sorts the sectors in place and returns them. */
  sorted(): Uint32Array {
    return this.#sectors.subarray(0, this.length).sort();
  }
}
