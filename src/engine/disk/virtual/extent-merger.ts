import type { Extent } from './virtual-disk.ts';

/** Merges contiguous extents, so that a map has no needless borders. */
export class ExtentMerger {
  #open: Extent | undefined;

  /** Adds the next extent in order; returns the previous one if it is complete. */
  add(next: Extent): Extent | undefined {
    const open = this.#open;
    if (open !== undefined && continues(open, next)) {
      this.#open = { ...open, length: open.length + next.length };
      return undefined;
    }
    this.#open = next;
    return open;
  }

  /** Returns the last extent, after all were added. */
  end(): Extent | undefined {
    const open = this.#open;
    this.#open = undefined;
    return open;
  }
}

function continues(open: Extent, next: Extent): boolean {
  if (open.kind !== next.kind || open.depth !== next.depth) return false;
  if (open.offset === undefined) return next.offset === undefined;
  return open.offset + open.length === next.offset;
}
