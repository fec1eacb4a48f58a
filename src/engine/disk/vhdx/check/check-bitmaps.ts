import type { ByteSource } from '../../../source/byte-source.ts';
import { bitmapBytesPerBlock, chunkRatio } from '../structures/layout.ts';
import type { VhdxMetadata } from '../structures/metadata/metadata-items.ts';
import { bitRuns } from '../structures/sector-bitmap.ts';
import type { VhdxDefect } from '../structures/vhdx-defect.ts';
import type { BatTotals } from './check-bat.ts';

const ABOUT = { structure: 'the sector bitmap', section: 'MS-VHDX 2.4' } as const;

/** Compares the sector bitmaps of partially present blocks with the state of the blocks. */
export async function* checkBitmaps(
  source: ByteSource,
  disk: VhdxMetadata,
  { partial, bitmaps }: BatTotals,
  signal: AbortSignal,
): AsyncGenerator<VhdxDefect> {
  const each = bitmapBytesPerBlock(disk);
  const ratio = chunkRatio(disk);
  const bits = new Uint8Array(each);
  for (const { block } of partial) {
    const bitmap = bitmaps.get(Math.floor(block / ratio));
    if (bitmap === undefined) continue;
    const offset = bitmap + (block % ratio) * each;
    await source.read(offset, bits, signal);
    const start = block * disk.blockSize;
    const length = Math.min(disk.blockSize, disk.virtualSize - start);
    const sectors = length / disk.logicalSectorSize;
    const range = { start, length };
    const any = [...bitRuns(bits, 0, sectors)].some(({ present }) => present);
    if (!any) {
      yield {
        ...ABOUT,
        code: 'vhdx.bitmap.empty',
        severity: 'info',
        offset,
        found: 'no sector',
        expected: 'at least one sector of a partially present block',
        text: `block ${block} is partially present, but its bitmap names no sector; all of it is read from the parent`,
        range,
      };
    }
    const beyond = [...bitRuns(bits, sectors, each * 8)].some(({ present }) => present);
    if (!beyond) continue;
    yield {
      ...ABOUT,
      code: 'vhdx.bitmap.beyond',
      severity: 'info',
      offset: offset + Math.floor(sectors / 8),
      found: 'sectors behind the end of the disk',
      expected: 'zero bits',
    };
  }
}
