import type { ByteSource } from '../../../source/byte-source.ts';
import {
  bitmapEntryDefect,
  FULLY_PRESENT,
  missingBitmapDefect,
  NOT_PRESENT,
  PARTIALLY_PRESENT,
  payloadEntryDefect,
  placeDefect,
  rawOffset,
  rawState,
  ZERO,
  type Occupied,
} from '../structures/bat-entry.ts';
import {
  batEntryCount,
  blockAtOrAfter,
  chunkOfIndex,
  chunkRatio,
  indexOfBitmap,
  isBitmapIndex,
  MIB,
  payloadBlockCount,
} from '../structures/layout.ts';
import type { VhdxMetadata } from '../structures/metadata/metadata-items.ts';
import type { Region } from '../structures/regions/region-entry.ts';
import type { VhdxDefect } from '../structures/vhdx-defect.ts';
import { batSlabs } from './bat-slabs.ts';
import type { UsedUnits } from './used-units.ts';

const ENTRY = 8;
/** Lower word of the entry of a block of zeros without a place, as this processor reads it. */
const ZERO_WORD = new Uint32Array(Uint8Array.of(ZERO, 0, 0, 0).buffer)[0] as number;
const ABOUT = { structure: 'the BAT entry', section: 'MS-VHDX 2.5.1' } as const;

/** A partially present block whose bitmap can be compared with its state. */
export interface PartialBlock {
  readonly block: number;
  readonly entryAt: number;
}

/** Numbers that rules about the whole table need. */
export interface BatTotals {
  present: number;
  /** Whether every block lies inside the file. */
  inside: boolean;
  /** The first partially present blocks. */
  readonly partial: PartialBlock[];
  /** File offsets of sector bitmaps by chunk, for those blocks. */
  readonly bitmaps: Map<number, number>;
}

/** Maximum number of blocks whose bitmaps are looked at. */
const MAX_PARTIAL = 4096;

/**
 * Checks every entry of a BAT and marks the space of its blocks. Yields at most a thousand defects of
 * one slab at a time.
 */
export class BatCheck {
  readonly totals: BatTotals = { present: 0, inside: true, partial: [], bitmaps: new Map() };
  readonly #source: ByteSource;
  readonly #bat: Region;
  readonly #disk: VhdxMetadata;
  readonly #occupied: readonly Occupied[];
  readonly #used: UsedUnits;
  readonly #ratio: number;
  readonly #blocks: number;
  /** BAT index behind the last payload block. */
  readonly #behind: number;
  readonly #child: boolean;
  /** The last chunk with a partially present block; its bitmap entry follows. */
  #needsBitmap = -1;

  constructor(
    source: ByteSource,
    bat: Region,
    disk: VhdxMetadata,
    occupied: readonly Occupied[],
    used: UsedUnits,
  ) {
    this.#source = source;
    this.#bat = bat;
    this.#disk = disk;
    this.#occupied = occupied;
    this.#used = used;
    this.#ratio = chunkRatio(disk);
    this.#blocks = payloadBlockCount(disk);
    this.#behind = batEntryCount(disk, false);
    this.#child = disk.parent !== undefined;
  }

  async *run(signal: AbortSignal): AsyncGenerator<VhdxDefect> {
    const { offset, length } = this.#bat;
    const there = Math.max(0, Math.min(length, this.#source.size - offset));
    const needed = batEntryCount(this.#disk, this.#child);
    const entries = Math.min(needed, Math.floor(there / ENTRY));
    for await (const { index, bytes } of batSlabs(this.#source, offset, entries, signal)) {
      signal.throwIfAborted();
      const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
      for (let i = this.#next(words, index, 0); 2 * i < words.length;) {
        const at = i * ENTRY;
        const defect = this.#entry(index + i, bytes.readUInt32LE(at), bytes.readUInt32LE(at + 4));
        if (defect !== undefined) yield defect;
        i = this.#next(words, index, i + 1);
      }
      // A bitmap entry of zeros is skipped above.
      const missing = this.#missing(index + bytes.length / ENTRY);
      if (missing !== undefined) yield missing;
    }
  }

  /**
   * Returns the first entry at `from` or behind it that any rule concerns. A table of 64 TiB has 67
   * million entries; most are zero, or those of a block of zeros without a place.
   * @param words the entries, as two words each
   * @param index BAT index of the first of them
   */
  #next(words: Uint32Array, index: number, from: number): number {
    const count = words.length / 2;
    let i = from;
    while (i < count) {
      const bitmap = indexOfBitmap(this.#ratio, chunkOfIndex(this.#ratio, index + i));
      const end = Math.min(count, bitmap - index, this.#behind - index);
      while (i < end && (words[2 * i] === 0 || words[2 * i] === ZERO_WORD)) {
        if (words[2 * i + 1] !== 0) break;
        i++;
      }
      if (i < end) return i;
      // The bitmap's entry, or one behind the last block.
      if (i < count && (words[2 * i] !== 0 || words[2 * i + 1] !== 0)) return i;
      i++;
    }
    return count;
  }

  #entry(index: number, low: number, high: number): VhdxDefect | undefined {
    const at = this.#bat.offset + index * ENTRY;
    if (isBitmapIndex(this.#ratio, index)) return this.#bitmap(index, low, high, at);
    const missing = this.#missing(index);
    const block = blockAtOrAfter(this.#ratio, index);
    const defect =
      block >= this.#blocks
        ? padding(at, rawState(low))
        : this.#hit(this.#payload(block, low, high, at), block);
    return missing ?? defect;
  }

  #payload(block: number, low: number, high: number, at: number): VhdxDefect | undefined {
    const own = payloadEntryDefect(low, high, this.#child, at);
    if (own !== undefined) return own;
    const state = rawState(low);
    const { blockSize, virtualSize } = this.#disk;
    const offset = rawOffset(low, high);
    const needed = Math.min(blockSize, virtualSize - block * blockSize);
    if (state === FULLY_PRESENT || state === PARTIALLY_PRESENT) {
      this.totals.present++;
      if (state === PARTIALLY_PRESENT) {
        this.#needsBitmap = Math.floor(block / this.#ratio);
        if (this.totals.partial.length < MAX_PARTIAL) {
          this.totals.partial.push({ block, entryAt: at });
        }
      }
      const place = placeDefect(offset, needed, at, this.#source.size, this.#occupied);
      if (place !== undefined) {
        this.totals.inside &&= offset + needed <= this.#source.size;
        return place;
      }
      return this.#used.take(offset, blockSize) ? shared(at, offset, `block ${block}`) : undefined;
    }
    if ((low & 0xffff8) !== 0) {
      return {
        ...ABOUT,
        code: 'vhdx.bat.unusedReserved',
        severity: 'warning',
        field: 'Reserved',
        offset: at,
        found: `0x${(low & 0xffff8).toString(16)}`,
        expected: 0,
      };
    }
    // Blocks that are trimmed, or of undefined contents, may keep their space.
    if (state === NOT_PRESENT || offset < MIB) return undefined;
    if (offset + needed > this.#source.size) {
      return {
        ...ABOUT,
        code: 'vhdx.bat.keptBeyond',
        severity: 'warning',
        field: 'FileOffset',
        offset: at,
        found: offset,
        expected: `less than the size of the file, ${this.#source.size}`,
      };
    }
    return undefined;
  }

  #bitmap(index: number, low: number, high: number, at: number): VhdxDefect | undefined {
    const chunk = chunkOfIndex(this.#ratio, index);
    const needed = this.#needsBitmap === chunk;
    if (needed) this.#needsBitmap = -1;
    const own = bitmapEntryDefect(low, high, this.#child, at);
    if (own !== undefined) return own;
    if (rawState(low) === NOT_PRESENT) return needed ? missingBitmapDefect(at, chunk) : undefined;
    const offset = rawOffset(low, high);
    const place = placeDefect(offset, MIB, at, this.#source.size, this.#occupied);
    if (place !== undefined) {
      this.totals.inside &&= offset + MIB <= this.#source.size;
      return place;
    }
    if (needed) this.totals.bitmaps.set(chunk, offset);
    return this.#used.take(offset, MIB) ? shared(at, offset, 'a sector bitmap') : undefined;
  }

  /** Returns the defect of a chunk that ended before `index` without the bitmap that it needs. */
  #missing(index: number): VhdxDefect | undefined {
    const chunk = this.#needsBitmap;
    if (chunk < 0) return undefined;
    const place = indexOfBitmap(this.#ratio, chunk);
    if (place >= index) return undefined;
    this.#needsBitmap = -1;
    return missingBitmapDefect(this.#bat.offset + place * ENTRY, chunk);
  }

  #hit(defect: VhdxDefect | undefined, block: number): VhdxDefect | undefined {
    if (defect === undefined) return undefined;
    const { blockSize, virtualSize } = this.#disk;
    const start = block * blockSize;
    return { ...defect, range: { start, length: Math.min(blockSize, virtualSize - start) } };
  }
}

const padding = (at: number, state: number): VhdxDefect => ({
  ...ABOUT,
  code: 'vhdx.bat.padding',
  severity: 'warning',
  offset: at,
  found: `state ${state}`,
  expected: 'zero, behind the last block of the disk',
  section: 'MS-VHDX 2.5',
});

const shared = (at: number, offset: number, what: string): VhdxDefect => ({
  ...ABOUT,
  code: 'vhdx.bat.shared',
  field: 'FileOffset',
  offset: at,
  found: offset,
  expected: 'space that nothing else uses',
  section: 'MS-VHDX 2.5',
  text: `the BAT entry at ${at} places ${what} at ${offset}, where another block is`,
});
