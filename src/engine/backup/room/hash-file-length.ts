import type { Range } from '../../base/range.ts';
import type { HashFormat } from '../hash-format.ts';
import { DIGEST_SIZE, fanOutOf, topLevel, treeShape, unitsBelow } from '../hash-shape.ts';
import { HEADER_SIZE, indexEntrySize, TRAILER_SIZE } from '../hash-tree-format.ts';
import { TouchedPieces } from './touched.ts';

/** Longest that the hash file of ordered changed ranges can be: every page that they touch, each with an entry of its own. */
export async function hashFileLength(
  ranges: AsyncIterable<Range> | Iterable<Range>,
  virtualSize: number,
  format: HashFormat,
): Promise<number> {
  const shape = treeShape(virtualSize, format);
  const levels = Array.from({ length: topLevel(shape) + 1 }, (_, level) => {
    const nodes = fanOutOf(shape, level);
    const pages = new TouchedPieces(format.unit * unitsBelow(shape, level) * nodes);
    return { pages, bytes: nodes * DIGEST_SIZE + indexEntrySize(shape) };
  });
  for await (const range of ranges) for (const { pages } of levels) pages.add(range);
  const all = levels.reduce((sum, { pages, bytes }) => sum + pages.count * bytes, 0);
  return HEADER_SIZE + all + TRAILER_SIZE;
}
