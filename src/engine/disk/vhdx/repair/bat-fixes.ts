import {
  bitmapEntryDefect,
  FULLY_PRESENT,
  NOT_PRESENT,
  PARTIALLY_PRESENT,
  payloadEntryDefect,
  rawOffset,
  rawState,
} from '../structures/bat-entry.ts';
import {
  blockAtOrAfter,
  chunkOfIndex,
  chunkRatio,
  isBitmapIndex,
  MIB,
  payloadBlockCount,
} from '../structures/layout.ts';
import type { VhdxMetadata } from '../structures/metadata/metadata-items.ts';

const RESERVED = 0xffff8;

/** New values of an entry. */
export interface EntryFix {
  readonly code: string;
  readonly state: number;
  readonly offset: number;
}

/** Decides which entries of a BAT are repaired; they must come in order. */
export class BatFixes {
  readonly #disk: VhdxMetadata;
  readonly #batOffset: number;
  readonly #fileSize: number;
  readonly #child: boolean;
  readonly #ratio: number;
  readonly #blocks: number;
  /** The last chunk with a partially present block. */
  #partialChunk = -1;
  /** End of the last block of which the file holds all that the disk needs. */
  end = 0;

  constructor(disk: VhdxMetadata, batOffset: number, fileSize: number) {
    this.#disk = disk;
    this.#batOffset = batOffset;
    this.#fileSize = fileSize;
    this.#child = disk.parent !== undefined;
    this.#ratio = chunkRatio(disk);
    this.#blocks = payloadBlockCount(disk);
  }

  /** Returns the repair of an entry that is not zero. */
  of(index: number, low: number, high: number): EntryFix | undefined {
    const at = this.#batOffset + index * 8;
    if (isBitmapIndex(this.#ratio, index)) return this.#bitmap(index, low, high, at);
    const block = blockAtOrAfter(this.#ratio, index);
    if (block >= this.#blocks) return { code: 'vhdx.bat.padding', state: NOT_PRESENT, offset: 0 };
    return this.#payload(block, low, high, at);
  }

  #payload(block: number, low: number, high: number, at: number): EntryFix | undefined {
    const state = rawState(low);
    if (state === PARTIALLY_PRESENT) {
      this.#partialChunk = Math.floor(block / this.#ratio);
    }
    const cleared = (low & ~RESERVED) >>> 0;
    if (payloadEntryDefect(cleared, high, this.#child, at) !== undefined) return undefined;
    const offset = rawOffset(low, high);
    const { blockSize, virtualSize } = this.#disk;
    const inside = offset + Math.min(blockSize, virtualSize - block * blockSize) <= this.#fileSize;
    const hasData = state === FULLY_PRESENT || state === PARTIALLY_PRESENT;
    if (hasData && inside) this.end = Math.max(this.end, offset + blockSize);
    // Blocks without data may keep a place, but not one that is not there.
    const kept = !hasData && state !== NOT_PRESENT && offset >= MIB && !inside;
    if ((low & RESERVED) !== 0) {
      const spaceless = payloadEntryDefect(low, high, this.#child, at) === undefined;
      const code = spaceless ? 'vhdx.bat.unusedReserved' : 'vhdx.bat.reserved';
      return { code, state, offset: kept ? 0 : offset };
    }
    return kept ? { code: 'vhdx.bat.keptBeyond', state, offset: 0 } : undefined;
  }

  #bitmap(index: number, low: number, high: number, at: number): EntryFix | undefined {
    const needed = this.#partialChunk === chunkOfIndex(this.#ratio, index);
    const defect = bitmapEntryDefect(low, high, this.#child, at);
    const state = rawState(low);
    const offset = rawOffset(low, high);
    if (needed) {
      if (defect?.code !== 'vhdx.bat.reserved') return undefined;
      const cleared = bitmapEntryDefect((low & ~RESERVED) >>> 0, high, this.#child, at);
      return cleared === undefined ? { code: defect.code, state, offset } : undefined;
    }
    // Nothing looks at the bitmap of a chunk without partially present blocks.
    const nothing = { state: NOT_PRESENT, offset: 0 };
    if (defect !== undefined) return { code: defect.code, ...nothing };
    const beyond = state !== NOT_PRESENT && offset + MIB > this.#fileSize;
    return beyond ? { code: 'vhdx.bat.beyond', ...nothing } : undefined;
  }
}
