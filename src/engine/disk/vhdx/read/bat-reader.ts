import { isEngineError, type EngineError } from '../../../base/errors.ts';
import type { ByteSource } from '../../../source/byte-source.ts';
import { CachedSource } from '../../../source/cached-source.ts';
import type { LoadBudget } from '../../../source/load-budget.ts';
import {
  decodeBitmapEntry,
  decodePayloadEntry,
  FULLY_PRESENT,
  missingBitmapDefect,
  payloadEntryDefect,
  NOT_PRESENT,
  PARTIALLY_PRESENT,
  placeDefect,
  rawState,
  type BatEntry,
  type Occupied,
} from '../structures/bat-entry.ts';
import { errorInFile } from '../structures/error-in-file.ts';
import { isZero } from '../../virtual/zero-scan.ts';
import {
  batIndexOfBitmap,
  batIndexOfPayload,
  blockAtOrAfter,
  chunkRatio,
  indexOfBlock,
  MIB,
} from '../structures/layout.ts';
import type { VhdxMetadata } from '../structures/metadata/metadata-items.ts';
import type { Region } from '../structures/regions/region-entry.ts';
import { firstError, refuse } from '../structures/vhdx-defect.ts';
import { vhdxError } from '../structures/vhdx-errors.ts';
import { ENTRY, giveSlab, skipZeroPages, SLAB, takeSlab } from './bat-slab.ts';

/** Page size of the BAT cache. Scans of less than one page use it too. */
const CACHE_PAGE = 16 * 1024;

/** Maximum number of cached bitmap entries. */
const MAX_BITMAPS = 4096;

/** An undecoded entry and its file offset. */
interface RawEntry {
  readonly low: number;
  readonly high: number;
  readonly offset: number;
}

/**
 * Blocks `[first, end)` of equal state: all absent, or all of one state without data in the file.
 */
export interface BlockRun {
  readonly first: number;
  readonly end: number;
  readonly entry: BatEntry;
}

/** Blocks whose entries are invalid or missing, and the reason. */
export interface LostRun {
  readonly first: number;
  readonly end: number;
  readonly error: EngineError;
  /** The entry of a single block of which the file holds the first part only. */
  readonly cut?: BatEntry;
}

/**
 * A part of the table: the entries from `index` on, for blocks from `first` on; `bytes` is
 * undefined for zeros.
 */
interface Slab {
  readonly bytes: Buffer | undefined;
  readonly offset: number;
  readonly index: number;
  readonly first: number;
  readonly end: number;
}

/**
 * The block allocation table of one image, streamed: single lookups go through a small cache, scans
 * read 1 MiB at a time, so that a BAT of 513 MiB needs no memory. Each present block is checked to
 * lie inside the file and outside every structure before its offset is returned.
 */
export class BatReader {
  readonly #source: ByteSource;
  readonly #cached: CachedSource;
  readonly #region: Region;
  readonly #metadata: VhdxMetadata;
  readonly #occupied: readonly Occupied[];
  readonly #differencing: boolean;
  /**
   * Bitmap entries that scans and look-ups have seen, by chunk: looking one up would load a page of the table
   * for nothing else.
   */
  readonly #bitmaps = new Map<number, RawEntry>();

  constructor(
    source: ByteSource,
    region: Region,
    metadata: VhdxMetadata,
    occupied: readonly Occupied[],
    budget: LoadBudget,
  ) {
    this.#source = source;
    this.#cached = new CachedSource(source, { pageSize: CACHE_PAGE, budget });
    this.#region = region;
    this.#metadata = metadata;
    this.#occupied = occupied;
    this.#differencing = metadata.parent !== undefined;
  }

  /** Returns the checked entry of payload block `block`. */
  async payload(block: number, signal: AbortSignal): Promise<BatEntry> {
    const index = batIndexOfPayload(this.#metadata, block);
    const { low, high, offset } = await this.#entry(index, signal);
    return this.#checked(low, high, offset, block);
  }

  /** Returns the file offset of the sector bitmap block of `chunk`. Throws if there is not one. */
  async bitmap(chunk: number, signal: AbortSignal): Promise<number> {
    const index = batIndexOfBitmap(this.#metadata, chunk);
    const known = this.#bitmaps.get(chunk);
    if (known !== undefined) return this.#bitmapAt(chunk, known);
    const entry = await this.#entry(index, signal);
    const at = this.#bitmapAt(chunk, entry);
    this.#keepBitmap(chunk, entry);
    return at;
  }

  /** Does the same without waiting; undefined if the entry was not seen lately. */
  knownBitmap(chunk: number): number | undefined {
    const entry = this.#bitmaps.get(chunk);
    return entry && this.#bitmapAt(chunk, entry);
  }

  #bitmapAt(chunk: number, { low, high, offset }: RawEntry): number {
    const at = decodeBitmapEntry(low, high, this.#differencing, offset);
    if (at === undefined) throw firstError([missingBitmapDefect(offset, chunk)]);
    this.#checkPlace(at, MIB, offset);
    return at;
  }

  /**
   * Yields runs of blocks that cover `[first, end)` in order; each present block is a run of its
   * own.
   */
  async *runs(
    first: number,
    end: number,
    signal: AbortSignal,
  ): AsyncGenerator<readonly BlockRun[]> {
    for await (const slab of this.#slabs(first, end, signal)) yield this.#scan(slab);
  }

  /**
   * Does the same for a damaged table: blocks whose entries are invalid, or lie behind the end of
   * the table or file, are lost runs.
   */
  async *survey(
    first: number,
    end: number,
    signal: AbortSignal,
  ): AsyncGenerator<readonly (BlockRun | LostRun)[]> {
    const { offset, length } = this.#region;
    const there = Math.max(0, Math.min(offset + length, this.#source.size) - offset);
    const ratio = chunkRatio(this.#metadata);
    const known = Math.min(end, blockAtOrAfter(ratio, Math.floor(there / ENTRY)));
    for await (const slab of this.#slabs(first, known, signal)) {
      try {
        yield this.#scan(slab);
      } catch (error) {
        yield this.#scanEach(slab, known, error);
      }
    }
    const rest = Math.max(first, known);
    if (rest < end) yield [{ first: rest, end, error: this.#missing(rest, there) }];
  }

  async *#slabs(first: number, end: number, signal: AbortSignal): AsyncGenerator<Slab> {
    const ratio = chunkRatio(this.#metadata);
    const lastIndex = batIndexOfPayload(this.#metadata, end - 1);
    const total = (lastIndex - batIndexOfPayload(this.#metadata, first) + 1) * ENTRY;
    if (total <= 0) return;
    // For a fragmented child, the parent's blocks are requested piece by piece, from the same page
    // again and again.
    const source = total < CACHE_PAGE ? this.#cached : this.#source;
    const slab = takeSlab();
    try {
      for (let block = first; block < end;) {
        const index = batIndexOfPayload(this.#metadata, block);
        const count = Math.min(SLAB / ENTRY, lastIndex - index + 1);
        const bytes = slab.subarray(0, count * ENTRY);
        const offset = this.#region.offset + index * ENTRY;
        await source.read(offset, bytes, signal);
        const next = Math.min(end, blockAtOrAfter(ratio, index + count));
        yield { bytes: isZero(bytes) ? undefined : bytes, offset, index, first: block, end: next };
        block = next;
      }
    } finally {
      giveSlab(slab);
    }
  }

  /** Returns the runs of one slab. The hot loop of a map: creates no object for absent blocks. */
  #scan(slab: Slab): BlockRun[] {
    const { bytes, offset, index, first, end } = slab;
    if (bytes === undefined) return [{ first, end, entry: ABSENT }];
    const out: BlockRun[] = [];
    const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
    const ratio = chunkRatio(this.#metadata);
    let runStart = first;
    let runState = -1;
    for (let block = first; block < end; block++) {
      const word = (indexOfBlock(ratio, block) - index) * 2;
      if (runState === NOT_PRESENT) {
        const zeros = skipZeroPages(bytes, word * 4) / ENTRY;
        if (zeros > word / 2) {
          block = blockAtOrAfter(ratio, index + zeros) - 1;
          continue;
        }
      }
      const low = words[word] as number;
      const state = rawState(low);
      if (state === runState && state !== FULLY_PRESENT && state !== PARTIALLY_PRESENT) continue;
      if (runState >= 0) this.#close(out, runStart, block);
      const high = words[word + 1] as number;
      if (state === PARTIALLY_PRESENT) this.#noteBitmap(slab, words, block);
      out.push({
        first: block,
        end: block + 1,
        entry: this.#checked(low, high, offset + word * 4, block),
      });
      runStart = block;
      runState = state;
    }
    this.#close(out, runStart, end);
    return out;
  }

  /** Returns the runs of a slab with an invalid entry: block by block, which is slower. */
  #scanEach(slab: Slab, end: number, first: unknown): (BlockRun | LostRun)[] {
    if (!isEngineError(first)) throw first;
    const { bytes, offset, index } = slab;
    const out: (BlockRun | LostRun)[] = [];
    const ratio = chunkRatio(this.#metadata);
    for (let block = slab.first; block < Math.min(slab.end, end); block++) {
      const at = (indexOfBlock(ratio, block) - index) * ENTRY;
      const [low, high] = [bytes?.readUInt32LE(at) ?? 0, bytes?.readUInt32LE(at + 4) ?? 0];
      const run = this.#tried(low, high, offset + at, block);
      const last = out.at(-1);
      if (last !== undefined && goesOn(last, run)) out[out.length - 1] = { ...last, end: run.end };
      else out.push(run);
    }
    return out;
  }

  #tried(low: number, high: number, fileOffset: number, block: number): BlockRun | LostRun {
    const place = { first: block, end: block + 1 };
    try {
      return { ...place, entry: this.#checked(low, high, fileOffset, block) };
    } catch (error) {
      if (!isEngineError(error)) throw error;
      const cut = this.#cut(low, high, fileOffset);
      const lost = { ...place, error: errorInFile(error, this.#source.name) };
      return cut === undefined ? lost : { ...lost, cut };
    }
  }

  /** Returns the entry of a block that begins inside the file and ends behind it. */
  #cut(low: number, high: number, fileOffset: number): BatEntry | undefined {
    const { size } = this.#source;
    if (payloadEntryDefect(low, high, this.#differencing, fileOffset) !== undefined)
      return undefined;
    const entry = decodePayloadEntry(low, high, this.#differencing, fileOffset);
    const there = size - entry.offset;
    const hasData = entry.state === FULLY_PRESENT || entry.state === PARTIALLY_PRESENT;
    if (!hasData || there <= 0 || there >= this.#metadata.blockSize) return undefined;
    const over = placeDefect(entry.offset, there, fileOffset, size, this.#occupied);
    return over === undefined ? entry : undefined;
  }

  #missing(block: number, there: number): EngineError {
    const { offset } = this.#region;
    const error = vhdxError(
      'vhdx.truncated',
      `the BAT at ${offset} has ${there} bytes in the file, which do not include the entry of block ${block}`,
      { data: { offset, size: this.#source.size } },
    );
    return errorInFile(error, this.#source.name);
  }

  #close(out: BlockRun[], first: number, end: number): void {
    const last = out.pop();
    if (last !== undefined) out.push({ first, end, entry: last.entry });
  }

  #checked(low: number, high: number, fileOffset: number, block: number): BatEntry {
    const entry = decodePayloadEntry(low, high, this.#differencing, fileOffset);
    if (entry.state === FULLY_PRESENT || entry.state === PARTIALLY_PRESENT) {
      const { blockSize, virtualSize } = this.#metadata;
      const needed = Math.min(blockSize, virtualSize - block * blockSize);
      this.#checkPlace(entry.offset, needed, fileOffset);
    }
    return entry;
  }

  /**
   * Rejects a block that a hostile BAT places over the headers, the log or the tables: those would
   * be read as data.
   */
  #checkPlace(at: number, length: number, fileOffset: number): void {
    const defect = placeDefect(at, length, fileOffset, this.#source.size, this.#occupied);
    if (defect !== undefined) refuse([defect]);
  }

  /** Caches the bitmap entry that a block of a slab needs, if the slab contains it. */
  #noteBitmap({ offset, index }: Slab, words: Uint32Array, block: number): void {
    const chunk = Math.floor(block / chunkRatio(this.#metadata));
    if (this.#bitmaps.has(chunk)) return;
    const at = batIndexOfBitmap(this.#metadata, chunk) - index;
    const [low, high] = [words[at * 2], words[at * 2 + 1]];
    if (low === undefined || high === undefined) return;
    this.#keepBitmap(chunk, { low, high, offset: offset + at * ENTRY });
  }

  #keepBitmap(chunk: number, entry: RawEntry): void {
    if (this.#bitmaps.size >= MAX_BITMAPS) this.#bitmaps.clear();
    this.#bitmaps.set(chunk, entry);
  }

  async #entry(index: number, signal: AbortSignal): Promise<RawEntry> {
    const bytes = new Uint8Array(ENTRY);
    const offset = this.#region.offset + index * ENTRY;
    // Happens only in a survey of a damaged image: otherwise an image with a short table is not
    // opened.
    if (index * ENTRY + ENTRY > this.#region.length || offset + ENTRY > this.#source.size) {
      throw vhdxError(
        'vhdx.truncated',
        `the BAT entry at ${offset} is outside the table or behind the end of the file at ${this.#source.size}`,
        { data: { offset, needed: ENTRY, size: this.#source.size } },
      );
    }
    await this.#cached.read(offset, bytes, signal);
    const view = new DataView(bytes.buffer);
    return { low: view.getUint32(0, true), high: view.getUint32(4, true), offset };
  }
}

/**
 * Whether two runs can be merged: lost for the same kind of reason, or of the same state without
 * data in the file.
 */
function goesOn(last: BlockRun | LostRun, next: BlockRun | LostRun): boolean {
  if ('cut' in last || 'cut' in next) return false;
  if ('error' in last || 'error' in next) {
    return 'error' in last && 'error' in next && last.error.code === next.error.code;
  }
  const { state } = last.entry;
  return state === next.entry.state && state !== FULLY_PRESENT && state !== PARTIALLY_PRESENT;
}

const ABSENT: BatEntry = { state: NOT_PRESENT, offset: 0 };
