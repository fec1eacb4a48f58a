import type { Range } from '../../../base/range.ts';
import type { Defect } from '../../inspect/defect.ts';
import { SECTOR, UNUSED } from '../structures/layout.ts';
import type { VhdErrorCode } from '../structures/vhd-errors.ts';
import { PAGE_ENTRIES, type BatPages } from './bat-pages.ts';

/** Maximum number of described defects; further ones are only counted. */
const MAX_TOLD = 500;
const MAX_OVERLAPS = 65_536;

export interface BatScan {
  readonly present: number;
  readonly absent: number;
  readonly wrong: number;
  readonly defects: readonly Defect<VhdErrorCode>[];
  /** Entries whose blocks overlap others in the file; at most 65,536. */
  readonly overlaps: ReadonlySet<number>;
  /** Parts of the file that blocks occupy, ascending; close ones are joined to at most 1024. */
  readonly spans: readonly Range[];
}

/**
 * Reads the whole BAT and finds entries that cannot be right, and blocks that overlap.
 * @param length bytes of a block with its bitmap
 */
export async function scanBat(
  bat: BatPages,
  batOffset: number,
  blocks: number,
  length: number,
  signal: AbortSignal,
): Promise<BatScan> {
  const sectors: number[] = [];
  const defects: Defect<VhdErrorCode>[] = [];
  let absent = 0;
  let wrong = 0;
  for (let first = 0; first < blocks; first += PAGE_ENTRIES) {
    const page = await bat.page(first, signal);
    signal.throwIfAborted();
    for (let i = 0; i < page.byteLength / 4; i++) {
      const entry = page.getUint32(i * 4);
      if (entry === UNUSED) {
        absent++;
        continue;
      }
      const place = bat.check(first + i, entry);
      if (typeof place === 'number') sectors.push(entry);
      if (typeof place !== 'object') continue;
      wrong++;
      if (defects.length >= MAX_TOLD) continue;
      const code = place.code === 'vhd.bat.overlap' ? place.code : 'vhd.bat.offset';
      defects.push(batDefect(code, batOffset + (first + i) * 4, entry, place.message));
    }
  }
  const overlaps = new Set<number>();
  const sorted = Uint32Array.from(sectors).sort();
  for (let i = 1; i < sorted.length; i++) {
    const [before, at] = [sorted[i - 1] as number, sorted[i] as number];
    if ((at - before) * SECTOR >= length) continue;
    wrong++;
    if (overlaps.size < MAX_OVERLAPS) overlaps.add(before).add(at);
    if (defects.length >= MAX_TOLD) continue;
    const message = `two blocks of the BAT at ${batOffset} overlap in the file at ${at * SECTOR}`;
    defects.push(batDefect('vhd.bat.overlap', batOffset, at, message));
  }
  return {
    present: sectors.length,
    absent,
    wrong,
    defects,
    overlaps,
    spans: spansOf(sorted, length),
  };
}

const batDefect = (
  code: 'vhd.bat.offset' | 'vhd.bat.overlap',
  offset: number,
  found: number,
  text: string,
): Defect<VhdErrorCode> => ({
  code,
  error: code,
  structure: 'VHD BAT',
  offset,
  found,
  expected: 'a free place before the footer',
  section: 'VHD 1.0, Block Allocation Table and Data Blocks',
  text,
});

function spansOf(sorted: Uint32Array, length: number): readonly Range[] {
  for (let gap = 4096; ; gap *= 4) {
    const spans: { start: number; end: number }[] = [];
    for (const sector of sorted) {
      const start = sector * SECTOR;
      const last = spans.at(-1);
      if (last !== undefined && start - last.end <= gap) last.end = start + length;
      else spans.push({ start, end: start + length });
      if (spans.length > 1024) break;
    }
    if (spans.length <= 1024) return spans;
  }
}
