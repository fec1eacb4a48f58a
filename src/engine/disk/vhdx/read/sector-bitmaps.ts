import type { ByteSource } from '../../../source/byte-source.ts';
import { SharedLoads } from '../../../source/shared-loads.ts';
import { PARTIALLY_PRESENT } from '../structures/bat-entry.ts';
import { errorInFile } from '../structures/error-in-file.ts';
import { bitmapBytesPerBlock, chunkRatio, MIB } from '../structures/layout.ts';
import type { VhdxMetadata } from '../structures/metadata/metadata-items.ts';
import type { BatReader, BlockRun, LostRun } from './bat-reader.ts';
import type { ImageParts } from './image-parts.ts';

/**
 * Size of the piece of a sector bitmap that is read at once, if a block needs no more: it covers
 * many blocks.
 */
const BITMAP_PIECE = 4096;
/** Number of small pieces that one allocation of memory is for. */
const PIECES_TOGETHER = 4;
/** Maximum number of bitmap pieces that are read concurrently. */
const BITMAPS_IN_FLIGHT = 32;

/**
 * The sector bitmaps of a differencing image (MS-VHDX 2.5.2), read in pieces and kept as long as
 * the budget allows.
 */
export class SectorBitmaps {
  readonly #source: ByteSource;
  readonly #bat: BatReader;
  readonly #metadata: VhdxMetadata;
  readonly #pieces: SharedLoads;
  readonly #pieceSize: number;
  /** Memory for the next pieces. */
  #room = Buffer.alloc(0);
  /** The last piece that was read without waiting, and its number. */
  #last: Uint8Array | undefined;
  #lastKey = -1;
  /** Whether the last piece needed was read without waiting. */
  #quick = false;

  constructor({ source, bat, metadata, budget }: ImageParts) {
    this.#source = source;
    this.#bat = bat;
    this.#metadata = metadata;
    this.#pieceSize = Math.max(BITMAP_PIECE, bitmapBytesPerBlock(metadata));
    this.#pieces = new SharedLoads(budget, this.#pieceSize);
  }

  /**
   * Begins to read the bitmap piece of a block, unless such reads do not wait. A failure is thrown
   * again when the piece is used.
   */
  begin(block: number, signal: AbortSignal): void {
    if (this.#quick || this.#pieces.has(this.#key(block))) return;
    this.of(block, signal).catch(() => undefined);
  }

  /** Returns the part of the chunk's sector bitmap that describes `block`. */
  async of(block: number, signal: AbortSignal): Promise<Uint8Array> {
    const { at, start, end } = this.#place(block);
    const key = this.#key(block);
    const piece =
      this.#pieces.cached(key) ??
      (await this.#pieces.get(key, () => this.#load(block, at, signal), signal));
    return piece.subarray(start, end);
  }

  /**
   * Does the same without waiting; undefined if that is not possible, or something is wrong. The
   * bytes are valid until the next call.
   */
  now(block: number): Uint8Array | undefined {
    const { at, start, end } = this.#place(block);
    const key = this.#key(block);
    const piece = this.#pieces.cached(key) ?? this.#readNow(block, at, key);
    return piece?.subarray(start, end);
  }

  #readNow(block: number, at: number, key: number): Uint8Array | undefined {
    if (this.#lastKey === key) return this.#last;
    this.#lastKey = -1;
    const piece = (this.#last ??= Buffer.allocUnsafeSlow(Math.min(this.#pieceSize, MIB)));
    try {
      const place = this.#bat.knownBitmap(Math.floor(block / chunkRatio(this.#metadata)));
      if (place === undefined) return undefined;
      this.#quick = this.#source.readNow?.(place + at, piece) === true;
    } catch {
      // `of` throws it again.
      this.#quick = false;
    }
    if (!this.#quick) return undefined;
    this.#lastKey = key;
    return piece;
  }

  /**
   * Returns where the piece of a block begins in its chunk's bitmap, and the block's bytes in the
   * piece.
   */
  #place(block: number): { readonly at: number; readonly start: number; readonly end: number } {
    const each = bitmapBytesPerBlock(this.#metadata);
    const within = (block % chunkRatio(this.#metadata)) * each;
    const start = within % this.#pieceSize;
    return { at: within - start, start, end: start + each };
  }

  /** Returns the number of the piece that describes `block`, counted over all chunks. */
  #key(block: number): number {
    const within = (block % chunkRatio(this.#metadata)) * bitmapBytesPerBlock(this.#metadata);
    const chunk = Math.floor(block / chunkRatio(this.#metadata));
    return chunk * Math.ceil(MIB / this.#pieceSize) + Math.floor(within / this.#pieceSize);
  }

  /**
   * Returns memory for a piece, whose contents are undefined. A deep chain reads a hundred thousand
   * pieces: an allocation costs more than reading one, so several share it. Pieces read one after
   * another are also evicted together.
   */
  #memory(length: number): Uint8Array {
    if (this.#room.length < length) {
      const pieces = length > BITMAP_PIECE ? 1 : PIECES_TOGETHER;
      this.#room = Buffer.allocUnsafeSlow(length * pieces);
    }
    const piece = this.#room.subarray(0, length);
    this.#room = this.#room.subarray(length);
    return piece;
  }

  /** Reads the piece of the bitmap of `block`'s chunk that begins at `start`. */
  async #load(block: number, start: number, signal: AbortSignal): Promise<Uint8Array> {
    try {
      const at = await this.#bat.bitmap(Math.floor(block / chunkRatio(this.#metadata)), signal);
      const bytes = this.#memory(Math.min(this.#pieceSize, MIB - start));
      await this.#source.read(at + start, bytes, signal);
      return bytes;
    } catch (error) {
      throw errorInFile(error, this.#source.name);
    }
  }
}

/** Starts each bitmap read once, some parts before it is needed. */
export class BitmapsAhead {
  /** The run of each part. */
  readonly #runs: readonly (BlockRun | LostRun)[];
  readonly #begin: (block: number) => void;
  #next = 0;

  constructor(runs: readonly (BlockRun | LostRun)[], begin: (block: number) => void) {
    this.#runs = runs;
    this.#begin = begin;
  }

  /** Announces that part `at` is next. */
  reach(at: number): void {
    const end = Math.min(at + BITMAPS_IN_FLIGHT, this.#runs.length);
    for (; this.#next < end; this.#next++) {
      const run = this.#runs[this.#next];
      if (run === undefined || 'error' in run || run.entry.state !== PARTIALLY_PRESENT) continue;
      this.#begin(run.first);
    }
  }
}
