import type { Range } from '../../base/range.ts';
import { RangeSet } from '../../base/range-set.ts';
import type { ChainHashes } from '../hashes/chain-hashes.ts';
import { sameBytes, zeroNode } from '../hashes/hash-shape.ts';
import type { Places } from './own-parts.ts';

/** A part of the disk, and the offset of its bytes in the file of the first image. */
interface PlacedPart extends Range {
  readonly offset: number;
}

/**
 * Finds units that can be put together without looking through the parents of an image, of which
 * there may be hundreds.
 *
 * Most changes begin and end inside a unit. If the parent's tree says that the unit was zeros, it is
 * what the image stores of it, and zeros. A match then proves what is stored; it proves the unit if
 * the parent's is sound. Such units are listed: if one is damaged, here or in the parent, only
 * reading it through the chain tells what is wrong.
 */
export class UnitPlaces {
  readonly #places: Places;
  readonly #parent: ChainHashes | null;
  readonly #guess: boolean;
  readonly #guessed: Range[] = [];

  /**
   * @param parent tree of the parent; null for a full
   * @param guess false: only units that the file holds as a whole
   */
  constructor(places: Places, parent: ChainHashes | null, guess: boolean) {
    this.#places = places;
    this.#parent = parent;
    this.#guess = guess;
  }

  /** Units that were put together with zeros. */
  get guessed(): RangeSet {
    return RangeSet.of(this.#guessed);
  }

  /** Returns the offset in the file of a range of whole units that it holds. */
  find(range: Range): number | undefined {
    return this.#places.find(range);
  }

  /**
   * Returns the parts of a unit that the file holds, if all others are zeros by the parent's tree;
   * undefined: the unit must be read through the chain.
   * @param stored ranges of the unit's cell that the image stores
   */
  async partsOf(
    unit: number,
    range: Range,
    stored: readonly Range[],
    signal: AbortSignal,
  ): Promise<readonly PlacedPart[] | undefined> {
    if (!this.#guess || this.#parent === null) return undefined;
    const parts: PlacedPart[] = [];
    for (const each of stored) {
      const part = {
        start: Math.max(each.start, range.start),
        end: Math.min(each.end, range.end),
      };
      if (part.start >= part.end) continue;
      const offset = this.#places.find(part);
      if (offset === undefined) return undefined;
      parts.push({ ...part, offset });
    }
    const before = this.#parent.cachedLeaf(unit) ?? (await this.#parent.leaf(unit, signal));
    if (!sameBytes(before, zeroNode(this.#parent.shape, 0, unit))) return undefined;
    this.#guessed.push(range);
    return parts;
  }
}
