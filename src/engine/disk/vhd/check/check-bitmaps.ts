import type { ByteSource } from '../../../source/byte-source.ts';
import type { Defect } from '../../inspect/defect.ts';
import { blockRange, type BatPlace } from '../structures/bat-rules.ts';
import { bitmapBytes, SECTOR, UNUSED } from '../structures/layout.ts';
import { bitRuns } from '../structures/sector-bitmap.ts';
import type { VhdErrorCode } from '../structures/vhd-errors.ts';

/** Maximum number of blocks whose bitmaps are read. */
const MAX_BITMAPS = 4096;
const PAGE_ENTRIES = 16_384;
const ABOUT = { structure: 'VHD sector bitmap', section: 'VHD 1.0, Data Blocks' } as const;

/** Yields the broken rules of the sector bitmaps of a differencing disk. */
export async function* checkBitmaps(
  source: ByteSource,
  place: BatPlace,
  sound: (block: number, entry: number) => boolean,
  signal: AbortSignal,
): AsyncGenerator<Defect<VhdErrorCode>> {
  const { batOffset, blockSize, blocks } = place;
  const bits = new Uint8Array(bitmapBytes(blockSize));
  const entries = new Uint8Array(PAGE_ENTRIES * 4);
  const view = new DataView(entries.buffer);
  let read = 0;
  for (let first = 0; first < blocks; first += PAGE_ENTRIES) {
    const count = Math.min(PAGE_ENTRIES, blocks - first);
    await source.read(batOffset + first * 4, entries.subarray(0, count * 4), signal);
    for (let i = 0; i < count; i++) {
      const entry = view.getUint32(i * 4);
      if (entry === UNUSED || !sound(first + i, entry)) continue;
      if (read++ === MAX_BITMAPS) return;
      await source.read(entry * SECTOR, bits, signal);
      yield* bitmapDefects(bits, first + i, entry * SECTOR, place);
    }
  }
}

function* bitmapDefects(
  bits: Uint8Array,
  block: number,
  offset: number,
  place: BatPlace,
): Generator<Defect<VhdErrorCode>> {
  const range = blockRange(block, place);
  const sectors = range.length / SECTOR;
  const any = (from: number, to: number): boolean =>
    [...bitRuns(bits, from, to)].some(({ present }) => present);
  if (!any(0, sectors)) {
    yield {
      ...ABOUT,
      code: 'vhd.bitmap.empty',
      severity: 'info',
      offset,
      found: 'no sector',
      expected: 'at least one sector of a block in the file',
      text: `block ${block} is in the file, but its bitmap names no sector; all of it is read from the parent`,
      range,
    };
  }
  if (any(sectors, place.blockSize / SECTOR)) {
    yield {
      ...ABOUT,
      code: 'vhd.bitmap.beyond',
      severity: 'info',
      offset,
      found: 'sectors behind the end of the disk',
      expected: `at most ${sectors} sectors`,
      text: `the bitmap of block ${block} names sectors behind the end of the disk`,
    };
  }
}
