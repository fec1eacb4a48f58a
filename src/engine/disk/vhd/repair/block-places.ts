import { blockCount, bitmapBytes } from '../structures/layout.ts';
import { PAGE_ENTRIES } from '../read/bat-pages.ts';
import type { VhdImage } from '../read/vhd-image.ts';

/** Facts about all entries of a BAT together. */
export interface BlockPlaces {
  /** End of the last block in the file. */
  readonly end: number;
  readonly blocks: number;
  /** Every entry points inside the file, outside every structure, and no two to the same place. */
  readonly sound: boolean;
}

/** Reads the whole BAT; undefined for a fixed disk. */
export async function blockPlaces(
  image: VhdImage,
  signal: AbortSignal,
): Promise<BlockPlaces | undefined> {
  const { bat, blockSize } = image;
  if (bat === undefined || blockSize === undefined) return undefined;
  const total = blockCount(image.size, blockSize);
  const length = bitmapBytes(blockSize) + blockSize;
  const starts: number[] = [];
  let sound = true;
  for (let first = 0; first < total; first += PAGE_ENTRIES) {
    signal.throwIfAborted();
    const page = await bat.page(first, signal);
    for (let i = 0; i < page.byteLength / 4; i++) {
      const place = bat.check(first + i, page.getUint32(i * 4));
      if (typeof place === 'number') starts.push(place);
      else if (place !== undefined) sound = false;
    }
  }
  const sorted = Float64Array.from(starts).sort();
  sound &&= sorted.every((start, i) => i === 0 || start >= (sorted[i - 1] as number) + length);
  const last = sorted.at(-1);
  return { end: last === undefined ? 0 : last + length, blocks: sorted.length, sound };
}
