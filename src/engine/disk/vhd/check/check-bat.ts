import type { ByteSource } from '../../../source/byte-source.ts';
import type { Defect } from '../../inspect/defect.ts';
import { batEntryDefect, blockRange, type BatPlace } from '../structures/bat-rules.ts';
import { bitmapBytes, SECTOR, UNUSED } from '../structures/layout.ts';
import type { VhdErrorCode } from '../structures/vhd-errors.ts';
import { overlapping } from './overlapping.ts';
import { SectorList } from './sector-list.ts';

type VhdDefect = Defect<VhdErrorCode>;

const PIECE = 2 ** 20;
/** Boundary at which disks with physical sectors of 4 KiB are written without reading. */
const ALIGNED = 4096;
const ABOUT = {
  structure: 'VHD BAT',
  section: 'VHD 1.0, Block Allocation Table and Data Blocks',
} as const;

/** Yields the broken rules of all entries of a BAT, and adds the places of sound blocks to `found`. */
export async function* checkBat(
  source: ByteSource,
  place: BatPlace,
  found: SectorList,
  signal: AbortSignal,
): AsyncGenerator<VhdDefect> {
  const { batOffset, blockSize } = place;
  const bitmap = bitmapBytes(blockSize);
  let unaligned = 0;
  for await (const { block, entry } of usedEntries(source, place, signal)) {
    const defect = batEntryDefect(block, entry, place);
    if (defect !== undefined) {
      yield defect;
      continue;
    }
    found.add(entry);
    if ((entry * SECTOR + bitmap) % ALIGNED !== 0) unaligned++;
  }
  if (unaligned > 0) {
    yield {
      ...ABOUT,
      code: 'vhd.bat.unaligned',
      severity: 'info',
      offset: batOffset,
      found: `${unaligned} blocks`,
      expected: `data that begins at multiples of ${ALIGNED}`,
      text: `the data of ${unaligned} of ${found.length} blocks does not begin at a multiple of 4 KiB; the disk is slow on drives with such sectors`,
    };
  }
  if (!found.complete) {
    yield {
      ...ABOUT,
      code: 'vhd.bat.many',
      severity: 'warning',
      offset: batOffset,
      found: `more than ${found.length} blocks in the file`,
      expected: 'fewer blocks',
      text: `only the first ${found.length} blocks were searched for space that two of them use`,
    };
  }
  yield* sharedBlocks(source, place, overlapping(found.sorted(), bitmap + blockSize), signal);
}

/** Yields a defect for each entry that names one of `shared`, the sectors of overlapping blocks. */
async function* sharedBlocks(
  source: ByteSource,
  place: BatPlace,
  shared: ReadonlySet<number>,
  signal: AbortSignal,
): AsyncGenerator<VhdDefect> {
  if (shared.size === 0) return;
  for await (const { block, entry } of usedEntries(source, place, signal)) {
    if (!shared.has(entry)) continue;
    const start = entry * SECTOR;
    yield {
      ...ABOUT,
      code: 'vhd.bat.shared',
      offset: place.batOffset + block * 4,
      found: start,
      expected: 'space that no other block uses',
      text: `block ${block} lies at ${start}, where another block lies too`,
      range: blockRange(block, place),
    };
  }
}

/** Yields the entries of blocks in the file, in order. */
async function* usedEntries(
  source: ByteSource,
  { batOffset, blocks }: BatPlace,
  signal: AbortSignal,
): AsyncGenerator<{ readonly block: number; readonly entry: number }> {
  const buffer = new Uint8Array(Math.min(PIECE, blocks * 4));
  const view = new DataView(buffer.buffer);
  for (let first = 0; first < blocks; first += PIECE / 4) {
    const count = Math.min(PIECE / 4, blocks - first);
    await source.read(batOffset + first * 4, buffer.subarray(0, count * 4), signal);
    for (let i = 0; i < count; i++) {
      const entry = view.getUint32(i * 4);
      if (entry !== UNUSED) yield { block: first + i, entry };
    }
  }
}
