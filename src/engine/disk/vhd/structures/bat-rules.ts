import type { Range } from '../../../base/range.ts';
import type { Defect } from '../../inspect/defect.ts';
import { bitmapBytes, SECTOR } from './layout.ts';
import type { VhdErrorCode } from './vhd-errors.ts';

/** Place of a BAT, and the space that its blocks may use. */
export interface BatPlace {
  readonly batOffset: number;
  readonly blockSize: number;
  /** Number of blocks of the disk; a BAT may have more entries. */
  readonly blocks: number;
  readonly size: number;
  /** End of the blocks in the file. */
  readonly dataEnd: number;
  /** Parts of the file that no block may overlap, ascending. */
  readonly structures: readonly Range[];
}

const SECTION = 'VHD 1.0, Block Allocation Table and Data Blocks';

/** Returns the part of the disk that a block holds. */
export const blockRange = (
  block: number,
  { blockSize, size }: Pick<BatPlace, 'blockSize' | 'size'>,
): { readonly start: number; readonly length: number } => {
  const start = block * blockSize;
  return { start, length: Math.max(0, Math.min(blockSize, size - start)) };
};

/** Returns the broken rule of the entry of a block in the file, if there is one. */
export function batEntryDefect(
  block: number,
  entry: number,
  place: BatPlace,
): (Defect<VhdErrorCode> & { readonly error: VhdErrorCode }) | undefined {
  const { blockSize, dataEnd, structures, batOffset } = place;
  const start = entry * SECTOR;
  const range = blockRange(block, place);
  const needed = bitmapBytes(blockSize) + range.length;
  const offset = batOffset + block * 4;
  const common = { structure: 'VHD BAT', offset, found: start, section: SECTION, range };
  if (start + needed > dataEnd) {
    return {
      ...common,
      code: 'vhd.bat.offset',
      error: 'vhd.bat.offset',
      expected: `${needed} bytes before ${dataEnd}`,
      text: `the BAT entry at ${offset} points to [${start}, ${start + needed}); the blocks end at ${dataEnd}`,
      data: { block, size: dataEnd },
    };
  }
  const hit = structures.find((each) => each.start < start + needed && each.end > start);
  if (hit === undefined) return undefined;
  return {
    ...common,
    code: 'vhd.bat.overlap',
    error: 'vhd.bat.overlap',
    expected: 'a place that no structure uses',
    text: `the BAT entry at ${offset} places block ${block} at ${start}, over the structure at ${hit.start}`,
    data: { block, structure: hit.start },
  };
}
