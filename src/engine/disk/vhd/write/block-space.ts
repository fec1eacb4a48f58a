import { alignUp } from '../../../base/range.ts';
import { bitmapBytes, blockCount, SECTOR, UNUSED } from '../structures/layout.ts';

/** Data of blocks is aligned to pages, as Windows does for disks with sectors of 4 KiB. */
const PAGE = 4096;

/** Places of the blocks of a file that grows: where each begins, and where the next one may. */
export class BlockSpace {
  readonly blockSize: number;
  readonly bitmap: number;
  /** Sector of each block's bitmap, as in the BAT. */
  readonly entries: Uint32Array;
  /** End of the last block. */
  end: number;

  constructor(size: number, blockSize: number, headEnd: number) {
    this.blockSize = blockSize;
    this.bitmap = bitmapBytes(blockSize);
    this.entries = new Uint32Array(blockCount(size, blockSize)).fill(UNUSED);
    this.end = headEnd;
  }

  /** Returns the file offset of a block's bitmap; undefined if it has no place. */
  place(block: number): number | undefined {
    const entry = this.entries[block] ?? UNUSED;
    return entry === UNUSED ? undefined : entry * SECTOR;
  }

  /** Returns the file offset of a block's bitmap; chooses its place at the first call. */
  allocate(block: number): number {
    const known = this.place(block);
    if (known !== undefined) return known;
    const start = alignUp(this.end + this.bitmap, PAGE) - this.bitmap;
    this.entries[block] = start / SECTOR;
    this.end = start + this.bitmap + this.blockSize;
    return start;
  }

  /** Yields the blocks that have a place, ascending. */
  *allocated(): Generator<{ readonly block: number; readonly at: number }> {
    for (const [block, entry] of this.entries.entries()) {
      if (entry !== UNUSED) yield { block, at: entry * SECTOR };
    }
  }

  /** Returns a part of the BAT in bytes, from an entry on; padded with 0xFF. */
  batPart(first: number, bytes: number): Uint8Array {
    const part = new Uint8Array(bytes).fill(0xff);
    const view = new DataView(part.buffer);
    const count = Math.min(bytes / 4, this.entries.length - first);
    for (let i = 0; i < count; i++) view.setUint32(i * 4, this.entries[first + i] ?? UNUSED);
    return part;
  }
}
