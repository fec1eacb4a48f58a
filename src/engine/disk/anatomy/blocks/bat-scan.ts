import {
  bitmapEntryDefect,
  missingBitmapDefect,
  NOT_PRESENT,
  payloadEntryDefect,
  placeDefect,
  rawOffset,
  rawState,
} from '../../vhdx/structures/bat-entry.ts';
import { chunkOfIndex, indexOfBitmap, isBitmapIndex, MIB } from '../../vhdx/structures/layout.ts';
import type { VhdxDefect } from '../../vhdx/structures/vhdx-defect.ts';
import { BlockOverview } from './block-overview.ts';
import {
  ABSENT,
  BAD,
  blocksBefore,
  PARTIAL,
  PRESENT,
  slabs,
  stateOf,
  UNDEFINED_BLOCK,
  UNMAPPED_BLOCK,
  type BlockTable,
  type Slab,
} from './block-states.ts';
import type { FileSpace } from './file-space.ts';
import type { Findings } from '../../inspect/findings.ts';

/** Maximum number of entries with a described error; further ones are only counted. */
const MAX_TOLD = 500;
/** Maximum number of overlapping blocks whose numbers are kept. */
const MAX_OVERLAPS = 65_536;

/** One pass over the BAT: counts, places in the file, and every defect. */
export class BatScan {
  readonly overview: BlockOverview;
  /** Blocks that overlap something else, which their own entries do not show. */
  readonly overlaps = new Set<number>();
  readonly #table: BlockTable;
  readonly #space: FileSpace;
  readonly #findings: Findings;
  /** Whether any block or sector bitmap reaches past the end of the file. */
  pastEnd = false;
  /** State of the current chunk. */
  #partial = false;
  #told = 0;

  private constructor(table: BlockTable, space: FileSpace, findings: Findings) {
    this.#table = table;
    this.#space = space;
    this.#findings = findings;
    this.overview = new BlockOverview(table.blocks);
  }

  /** Runs the scan. `space` already holds the structures; the scan adds the blocks. */
  static async run(
    table: BlockTable,
    space: FileSpace,
    findings: Findings,
    signal: AbortSignal,
  ): Promise<BatScan> {
    const scan = new BatScan(table, space, findings);
    try {
      for await (const slab of slabs(table, 0, table.entries, signal)) scan.#take(slab);
    } catch (error) {
      signal.throwIfAborted();
      findings.caught(error, table.offset);
    }
    const { overview } = scan;
    // Blocks behind the end of a table that is too short.
    overview.addRun(overview.total(), table.blocks, BAD);
    return scan;
  }

  #take({ index, count, words }: Slab): void {
    const table = this.#table;
    const { ratio, blocks } = table;
    if (words === undefined) {
      this.#missingBitmap(index, index + count);
      const first = blocksBefore(table, index);
      this.overview.addRun(first, blocksBefore(table, index + count), ABSENT);
      return;
    }
    let block = blocksBefore(table, index);
    for (let i = 0; i < count; i++) {
      const low = words[i * 2] as number;
      const high = words[i * 2 + 1] as number;
      if (isBitmapIndex(ratio, index + i)) {
        this.#bitmap(low, high, index + i);
        continue;
      }
      // Entries between the last block and the end of its chunk have no meaning.
      if (block >= blocks) continue;
      const state = (low | high) === 0 ? ABSENT : this.#payload(low, high, index + i, block);
      this.overview.add(block, state);
      block++;
    }
  }

  #payload(low: number, high: number, index: number, block: number): number {
    const table = this.#table;
    const state = stateOf(low, high, table, block);
    if (state === BAD) {
      const needed = table.metadata.virtualSize - block * table.metadata.blockSize;
      const length = Math.min(table.metadata.blockSize, needed);
      this.pastEnd ||= rawOffset(low, high) + length > table.source.size;
      this.#tell(low, high, index, block);
      return BAD;
    }
    if (state === PARTIAL) this.#partial = true;
    const offset = rawOffset(low, high);
    const present = state === PRESENT || state === PARTIAL;
    // Undefined and unmapped blocks may have kept their space.
    const kept = (state === UNDEFINED_BLOCK || state === UNMAPPED_BLOCK) && offset >= MIB;
    if (!present && !kept) return state;
    const hit = this.#space.addBlock('payload', offset, table.metadata.blockSize);
    if (hit === null || !present) return state;
    if (this.overlaps.size < MAX_OVERLAPS) this.overlaps.add(block);
    this.#overlap(index, offset, hit, `block ${block}`);
    return BAD;
  }

  #bitmap(low: number, high: number, index: number): void {
    const place = this.#place(index);
    const partial = this.#partial;
    this.#partial = false;
    if ((low | high) === 0 && !partial) return;
    const offset = rawOffset(low, high);
    const own = bitmapEntryDefect(low, high, this.#table.differencing, place);
    if (own === undefined && rawState(low) === NOT_PRESENT) {
      if (partial) this.#noBitmap(index);
      return;
    }
    const defect = own ?? this.#beyond(place, offset, MIB);
    this.pastEnd ||= own === undefined && defect !== undefined;
    if (defect !== undefined) {
      if (this.#told++ < MAX_TOLD) this.#findings.defects([defect]);
      return;
    }
    const hit = this.#space.addBlock('bitmap', offset, MIB);
    if (hit !== null) this.#overlap(index, offset, hit, 'a sector bitmap');
  }

  /** A run of zeros may contain the bitmap entry of a chunk that needs one. */
  #missingBitmap(first: number, end: number): void {
    if (!this.#partial) return;
    const { ratio } = this.#table;
    const index = indexOfBitmap(ratio, chunkOfIndex(ratio, first));
    if (index >= end) return;
    this.#partial = false;
    this.#noBitmap(index);
  }

  #noBitmap(index: number): void {
    const chunk = chunkOfIndex(this.#table.ratio, index);
    this.#findings.defects([missingBitmapDefect(this.#place(index), chunk)]);
  }

  #tell(low: number, high: number, index: number, block: number): void {
    if (this.#told++ >= MAX_TOLD) return;
    const place = this.#place(index);
    const { metadata, differencing } = this.#table;
    const needed = metadata.virtualSize - block * metadata.blockSize;
    const defect =
      payloadEntryDefect(low, high, differencing, place) ??
      this.#beyond(place, rawOffset(low, high), Math.min(metadata.blockSize, needed));
    if (defect !== undefined) this.#findings.defects([defect]);
  }

  #beyond(place: number, offset: number, length: number): VhdxDefect | undefined {
    return placeDefect(offset, length, place, this.#table.source.size, []);
  }

  #overlap(index: number, offset: number, over: 'structure' | 'block', what: string): void {
    const place = this.#place(index);
    const lies = over === 'structure' ? 'a structure of the file' : 'another block';
    const message = `the BAT entry at ${place} places ${what} at ${offset}, overlapping ${lies}`;
    this.#findings.add('vhdx.bat.overlap', 'error', message, place);
  }

  #place(index: number): number {
    return this.#table.offset + index * 8;
  }
}
