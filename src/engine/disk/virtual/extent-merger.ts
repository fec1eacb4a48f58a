import type { Extent } from './virtual-disk.ts';

/** Joins extents that go on from one another, so that a map has no needless borders. */
export class ExtentMerger {
  #open: Extent | undefined;

  /** Takes the next extent in order; returns the one before it when that is complete. */
  add(next: Extent): Extent | undefined {
    const open = this.#open;
    if (open !== undefined && continues(open, next)) {
      this.#open = { ...open, length: open.length + next.length };
      return undefined;
    }
    this.#open = next;
    return open;
  }

  /** The last extent, once all were added. */
  end(): Extent | undefined {
    const open = this.#open;
    this.#open = undefined;
    return open;
  }
}

function continues(open: Extent, next: Extent): boolean {
  if (open.kind !== next.kind || open.depth !== next.depth) return false;
  return open.offset === undefined || open.offset + open.length === next.offset;
}
