import type { BlockPlace } from '../../../api/anatomy.ts';
import type { BatPages } from '../../vhd/read/bat-pages.ts';
import { PAGE_ENTRIES } from '../../vhd/read/bat-pages.ts';
import type { DynamicHeader } from '../../vhd/structures/dynamic-header.ts';
import { bitmapBytes, SECTOR, UNUSED } from '../../vhd/structures/layout.ts';
import { ABSENT, BAD, PARTIAL, PRESENT } from '../blocks/block-states.ts';
import type { BlockRun, RunTable } from '../blocks/run-blocks.ts';

const ENTRY = 4;

export interface VhdBlockTable {
  readonly bat: BatPages;
  readonly header: Pick<DynamicHeader, 'batOffset' | 'blockSize'>;
  /** Size of the disk, in bytes. */
  readonly size: number;
  readonly total: number;
  /** A child holds some sectors of a block: its bitmap says which. */
  readonly differencing: boolean;
  /** Entries whose blocks overlap others in the file. */
  readonly overlaps: ReadonlySet<number>;
}

/** Returns the blocks of a dynamic or differencing VHD as runs. */
export function vhdRuns(table: VhdBlockTable): RunTable {
  const { bat, header, size, total, differencing, overlaps } = table;
  const stateOf = (block: number, entry: number): number => {
    if (entry === UNUSED) return ABSENT;
    if (overlaps.has(entry) || typeof bat.check(block, entry) !== 'number') return BAD;
    return differencing ? PARTIAL : PRESENT;
  };
  const entryOf = async (block: number, signal: AbortSignal): Promise<number> =>
    (await bat.page(block, signal)).getUint32((block % PAGE_ENTRIES) * ENTRY);
  return {
    total,
    async *runs(first, end, signal): AsyncGenerator<BlockRun> {
      let run: BlockRun | undefined;
      for (let block = first; block < end;) {
        const page = await bat.page(block, signal);
        signal.throwIfAborted();
        const start = block - (block % PAGE_ENTRIES);
        const stop = Math.min(end, start + page.byteLength / ENTRY);
        for (; block < stop; block++) {
          const state = stateOf(block, page.getUint32((block - start) * ENTRY));
          if (run?.state === state) run = { ...run, end: block + 1 };
          else {
            if (run !== undefined) yield run;
            run = { first: block, end: block + 1, state };
          }
        }
      }
      if (run !== undefined) yield run;
    },
    place: async (block, signal): Promise<BlockPlace> => {
      const { batOffset, blockSize } = header;
      const entry = await entryOf(block, signal);
      const place = bat.check(block, entry);
      return {
        entry: { offset: batOffset + block * ENTRY, length: ENTRY },
        data:
          typeof place === 'number'
            ? {
                offset: entry * SECTOR + bitmapBytes(blockSize),
                length: Math.min(blockSize, size - block * blockSize),
              }
            : null,
      };
    },
  };
}
