import type { Range } from '../../base/range.ts';
import type { HashFormat } from '../hashes/hash-format.ts';
import { DIGEST_SIZE, fanOutOf, topLevel, treeShape, unitsBelow } from '../hashes/hash-shape.ts';
import { HEADER_SIZE, indexEntrySize, TRAILER_SIZE } from '../hashes/hash-tree-format.ts';
import { TouchedPieces } from './touched.ts';

/**
 * Computes the maximum length of a hash file: every page that ordered changed ranges touch, each
 * with its own index entry.
 */
export class HashFileLength {
  readonly #levels: readonly { readonly pages: TouchedPieces; readonly bytes: number }[];

  constructor(virtualSize: number, format: HashFormat) {
    const shape = treeShape(virtualSize, format);
    this.#levels = Array.from({ length: topLevel(shape) + 1 }, (_, level) => {
      const nodes = fanOutOf(shape, level);
      const pages = new TouchedPieces(format.unit * unitsBelow(shape, level) * nodes);
      return { pages, bytes: nodes * DIGEST_SIZE + indexEntrySize(shape) };
    });
  }

  add(range: Range): void {
    for (const { pages } of this.#levels) pages.add(range);
  }

  get bytes(): number {
    const all = this.#levels.reduce((sum, { pages, bytes }) => sum + pages.count * bytes, 0);
    return HEADER_SIZE + all + TRAILER_SIZE;
  }
}
