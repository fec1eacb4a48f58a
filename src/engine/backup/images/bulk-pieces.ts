import type { Progress } from '../../base/progress.ts';
import { bulkCopy } from '../../disk/bulk/bulk-copy.ts';
import { leafDigests } from '../../disk/bulk/bulk-leaves.ts';
import type { PumpBatch } from '../../disk/bulk/run-pump.ts';
import { ChainDisk } from '../../disk/chain/chain.ts';
import type { BorrowedChild } from '../../disk/image/image-writer.ts';
import type { VhdxWriter } from '../../disk/vhdx/write/vhdx-writer.ts';
import type { HashTreeWriter } from '../hashes/hash-tree-writer.ts';
import type { CopyPiece } from './copy-pieces.ts';
import type { CopyResult } from './copy-source.ts';
import { ZERO_UNIT } from './copy-piece.ts';
import { PieceStream } from './piece-stream.ts';

type PumpExtent = PumpBatch['a'][number];

/** Pieces and extents of a batch, about: little memory, and some tenths of a second of work. */
const BATCH_PIECES = 1024;
const BATCH_EXTENTS = 8192;
/** Pieces that the library cannot copy wait up to this many parts: some MiB of memory. */
const WAITING_PARTS = 16_384;
/** Less than this is copied without the library, whose threads then gain nothing. */
const WORTH_BYTES = 4 * 2 ** 20;

/** The copy of an increment. */
export interface BulkPieces {
  /** Holds the bytes of the pieces. */
  readonly disk: ChainDisk;
  readonly writer: VhdxWriter;
  readonly hashes: HashTreeWriter;
  /** In order of the disk. */
  readonly pieces: AsyncIterator<CopyPiece>;
  /** Copies pieces without the library, in order. Returns when they are written. */
  readonly others: (pieces: Iterable<CopyPiece> | AsyncIterable<CopyPiece>) => Promise<void>;
}

/** Whether pieces of a disk may be copied by the library: zeros are left out in whole hash units. */
export const copiesPieces = (disk: unknown, { shape }: HashTreeWriter): disk is ChainDisk =>
  disk instanceof ChainDisk && shape.format.unit === ZERO_UNIT;

/**
 * Copies the pieces of an increment. Those that are whole hash units are read, hashed and written by
 * the threads of the native library; those that the parent completes are left to `others`, one part
 * of the disk after the other, since both write into one file. Without the library, `others` gets
 * all. Returns what the library copied.
 */
export async function bulkPieces(
  work: BulkPieces,
  progress: Progress,
  signal: AbortSignal,
): Promise<CopyResult> {
  const stream = new PieceStream(work.pieces, work.writer.metadata.blockSize);
  const total = { readBytes: 0, storedBytes: 0 };
  try {
    for (;;) {
      const part = new Part(work, stream, progress, signal);
      const first = await part.begin();
      if (first.length === 0) return total;
      if (part.isWorth && (await part.copy())) {
        total.readBytes += part.readBytes;
        total.storedBytes += part.storedBytes;
        await work.others(part.waiting);
      } else {
        await work.others(first);
        if (part.isWorth) await work.others(stream.rest());
      }
    }
  } finally {
    await stream.close();
  }
}

/** A part of the disk: all pieces of its blocks. */
class Part {
  readBytes = 0;
  storedBytes = 0;
  /** Pieces that the library does not copy. */
  readonly waiting: CopyPiece[] = [];
  readonly #work: BulkPieces;
  readonly #stream: PieceStream;
  readonly #progress: Progress;
  readonly #signal: AbortSignal;
  readonly #first: CopyPiece[] = [];
  #firstBytes = 0;
  #waitingParts = 0;
  /** Pieces of the batches that were passed on and have no result yet. */
  readonly #batches: (readonly CopyPiece[])[] = [];
  #lent: BorrowedChild | undefined;

  constructor(work: BulkPieces, stream: PieceStream, progress: Progress, signal: AbortSignal) {
    this.#work = work;
    this.#stream = stream;
    this.#progress = progress;
    this.#signal = signal;
  }

  /** Whether the first pieces have so much for the library that its threads gain time. */
  get isWorth(): boolean {
    return this.#firstBytes >= WORTH_BYTES;
  }

  /** Returns the first pieces, whole blocks of them: until it is known what they are worth. */
  async begin(): Promise<readonly CopyPiece[]> {
    for (let parts = 0; ;) {
      const isEnough = this.isWorth || parts >= WAITING_PARTS;
      if (isEnough && (await this.#stream.isAtBlock())) break;
      const piece = await this.#stream.take();
      if (piece === undefined) break;
      this.#first.push(piece);
      parts += piece.parts.length;
      if (piece.fill.length === 0) this.#firstBytes += piece.end - piece.start;
    }
    return this.#first;
  }

  /** Returns false, before any other piece is taken, if the library or the files do not allow it. */
  async copy(): Promise<boolean> {
    const { disk, writer, hashes } = this.#work;
    const borrow = (): BorrowedChild | undefined => {
      const lent = writer.borrowChild();
      this.#lent = lent;
      // Stored is what is recorded, also where a part of it is a gap of the source.
      return lent && { ...lent, release: (end) => lent.release(end, this.storedBytes) };
    };
    const copied = await bulkCopy(
      {
        disk,
        borrow,
        leaf: hashes.shape.format.unit,
        batches: () => this.#take(),
        result: (result) => this.#settle(leafDigests(result, hashes.shape.format.unit)),
        advance: () => undefined,
      },
      this.#signal,
    );
    return copied !== undefined;
  }

  async *#take(): AsyncGenerator<PumpBatch> {
    let pieces: CopyPiece[] = [];
    let extents: PumpExtent[] = [];
    for (let i = 0; ; i++) {
      const piece = this.#first[i] ?? (await this.#next());
      if (piece === undefined) break;
      if (piece.fill.length > 0) {
        this.waiting.push(piece);
        this.#waitingParts += piece.parts.length;
        continue;
      }
      const isFull = pieces.length >= BATCH_PIECES || extents.length >= BATCH_EXTENTS;
      const last = pieces.at(-1);
      if (isFull && last && this.#stream.blockOf(last) !== this.#stream.blockOf(piece)) {
        if (extents.length > 0) {
          this.#batches.push(pieces);
          yield { a: extents };
        } else this.#record(pieces, new Map());
        [pieces, extents] = [[], []];
      }
      pieces.push(piece);
      extents.push(...(await this.#work.disk.places(piece, this.#signal)));
    }
    if (extents.length > 0) {
      this.#batches.push(pieces);
      yield { a: extents };
    } else this.#record(pieces, new Map());
  }

  /** Returns the next piece of this part; undefined at its end. */
  async #next(): Promise<CopyPiece | undefined> {
    const isEnough = this.#waitingParts >= WAITING_PARTS && (await this.#stream.isAtBlock());
    return isEnough ? undefined : this.#stream.take();
  }

  /** Takes the digests of the oldest batch. */
  async #settle(digests: ReadonlyMap<number, Uint8Array>): Promise<void> {
    const pieces = this.#batches.shift() ?? [];
    this.#record(pieces, digests);
    const { hashes } = this.#work;
    const end = pieces.at(-1)?.end ?? 0;
    const below = Math.min(end, this.waiting[0]?.start ?? end);
    await hashes.sealBelow(Math.floor(below / hashes.shape.format.unit), this.#signal);
  }

  /** Records units in the tree and in the image: zeros are those without a digest. */
  #record(pieces: readonly CopyPiece[], digests: ReadonlyMap<number, Uint8Array>): void {
    const { hashes } = this.#work;
    let read = 0;
    for (const { start, changed, parts } of pieces) {
      for (const unit of changed) {
        const digest = digests.get(unit.unit);
        const length = unit.end - unit.start;
        this.#lent?.record(start + unit.start, length, digest === undefined ? 'zero' : 'data');
        if (digest === undefined) hashes.setZero(unit.unit);
        else {
          hashes.set(unit.unit, digest);
          this.storedBytes += length;
        }
      }
      for (const part of parts) read += part.end - part.start;
    }
    this.readBytes += read;
    this.#progress.advance(read);
  }
}
