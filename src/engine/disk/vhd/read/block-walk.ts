import type { EngineError } from '../../../base/errors.ts';
import type { Range } from '../../../base/range.ts';
import { UNUSED } from '../structures/layout.ts';
import { PAGE_ENTRIES, type BatPages } from './bat-pages.ts';

/** A part of the disk within one block, or within blocks that the file does not have. */
export interface BlockPart extends Range {
  readonly block: number;
  /** File offset of the block's bitmap; undefined: not in the file. */
  readonly at: number | undefined;
  /** The block's entry cannot be right. */
  readonly error: EngineError | undefined;
}

/** Number of parts that are handed over at once, at most. */
const PARTS = 64;

/**
 * Yields the parts of ordered, disjoint ranges, block by block; neighbouring absent blocks are one
 * part. Reads each page of the BAT once, and no page that the ranges do not touch.
 */
export async function* walkBlocks(
  bat: BatPages,
  blockSize: number,
  ranges: readonly Range[],
  signal: AbortSignal,
): AsyncGenerator<readonly BlockPart[]> {
  let parts: BlockPart[] = [];
  let pageNumber = -1;
  let page: DataView = new DataView(new ArrayBuffer(0));
  for (const range of ranges) {
    for (let start = range.start; start < range.end;) {
      const block = Math.floor(start / blockSize);
      const number = Math.floor(block / PAGE_ENTRIES);
      if (number !== pageNumber) {
        signal.throwIfAborted();
        page = await bat.page(block, signal);
        pageNumber = number;
      }
      const index = block % PAGE_ENTRIES;
      const entry = page.getUint32(index * 4);
      let last = block;
      if (entry === UNUSED) {
        const most = Math.min(
          page.byteLength / 4 - index,
          Math.ceil(range.end / blockSize) - block,
        );
        while (last - block + 1 < most && page.getUint32((index + last - block + 1) * 4) === UNUSED)
          last++;
      }
      const end = Math.min(range.end, (last + 1) * blockSize);
      const place = bat.check(block, entry);
      const at = typeof place === 'number' ? place : undefined;
      const error = typeof place === 'object' ? place : undefined;
      parts.push({ start, end, block, at, error });
      start = end;
      if (parts.length < PARTS) continue;
      yield parts;
      parts = [];
    }
  }
  if (parts.length > 0) yield parts;
}
