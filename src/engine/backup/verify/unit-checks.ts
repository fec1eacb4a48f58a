import type { Range } from '../../base/range.ts';
import type { BorrowedFile } from '../../source/byte-source.ts';
import { CELL_SIZE } from '../hashes/hash-cell.ts';
import { DIGEST_SIZE, sameBytes } from '../hashes/hash-shape.ts';
import type { Hasher } from './hasher.ts';

/**
 * Bytes that are hashed at once: a message to another thread and back costs as much as hashing 64
 * KiB.
 */
const BATCH = 2 * CELL_SIZE;

/** Bytes of a file that are read and hashed at once. */
const FILE_BATCH = 8 * CELL_SIZE;

/** A part of the disk, and its expected digest. */
export interface Expected extends Range {
  readonly digest: Uint8Array;
}

/** A buffer for bytes of the disk that are being read. */
export interface Slot {
  readonly bytes: Buffer;
  /** The bytes were read; queues these parts for comparison. */
  filled(parts: readonly Expected[]): void;
}

/** Buffers that are reused from one point to the next. */
export class BatchBuffers {
  readonly hasher: Hasher;
  readonly #free: Buffer[] = [];

  constructor(hasher: Hasher) {
    this.hasher = hasher;
  }

  take(): Buffer {
    return this.#free.pop() ?? this.hasher.memory(BATCH);
  }

  /** Returns a buffer to the pool. The caller no longer uses it. */
  give(buffer: Buffer): void {
    this.#free.push(buffer);
  }
}

interface Batch {
  readonly buffer: Buffer;
  used: number;
  /** Number of slots that are being read. */
  reading: number;
  full: boolean;
  readonly parts: Expected[];
  /** Start and end of each part in the buffer. */
  readonly places: number[];
}

/** Parts of a file that the thread will read and hash. */
interface FileBatch {
  readonly parts: Expected[];
  /** Start and end of each part in the file. */
  readonly places: number[];
  size: number;
}

/** Compares parts of a disk with their expected digests, many at once. */
export class UnitChecks {
  readonly #buffers: BatchBuffers;
  readonly #file: BorrowedFile | undefined;
  #inFile: FileBatch = { parts: [], places: [], size: 0 };
  readonly #damaged: Range[] = [];
  readonly #running: Promise<void>[] = [];
  #batch: Batch | undefined;

  /**
   * @param file holds parts of the disk, which can be read without a slot. The caller returns it when
   * all parts are compared.
   */
  constructor(buffers: BatchBuffers, file?: BorrowedFile) {
    this.#buffers = buffers;
    this.#file = buffers.hasher.readsFiles ? file : undefined;
  }

  /** Whether parts that lie in the file need no slot. */
  get readsFile(): boolean {
    return this.#file !== undefined;
  }

  /**
   * Queues a part of the disk that lies in the file, at an offset there. Waits if too much is
   * queued.
   */
  async inFile(offset: number, part: Expected): Promise<void> {
    const batch = this.#inFile;
    const size = part.end - part.start;
    batch.parts.push(part);
    batch.places.push(offset, offset + size);
    batch.size += size;
    if (batch.size < FILE_BATCH) return;
    this.#readFile();
    await this.#buffers.hasher.hasRoom();
  }

  /** Returns a slot for a part of the disk of up to 1 MiB, which the caller reads next. */
  slot({ start, end }: Range): Slot {
    const length = end - start;
    let batch = this.#batch;
    if (batch !== undefined && batch.used + length > BATCH) {
      this.#fill(batch);
      batch = undefined;
    }
    batch ??= this.#begin();
    const at = batch.used;
    batch.used += length;
    batch.reading++;
    const of = batch;
    return {
      bytes: batch.buffer.subarray(at, at + length),
      filled: (parts) => this.#filled(of, at - start, parts),
    };
  }

  /**
   * Returns the parts that do not match, once all are compared; no part may be added after it.
   * Never rejects.
   */
  async damaged(): Promise<readonly Range[]> {
    if (this.#batch !== undefined) this.#fill(this.#batch);
    if (this.#inFile.parts.length > 0) this.#readFile();
    await Promise.all(this.#running);
    return this.#damaged;
  }

  #begin(): Batch {
    const buffer = this.#buffers.take();
    return (this.#batch = { buffer, used: 0, reading: 0, full: false, parts: [], places: [] });
  }

  #fill(batch: Batch): void {
    batch.full = true;
    this.#batch = undefined;
    if (batch.reading === 0) this.#running.push(this.#compare(batch));
  }

  /** @param shift from an offset on the disk to its place in the buffer */
  #filled(batch: Batch, shift: number, parts: readonly Expected[]): void {
    for (const part of parts) {
      batch.parts.push(part);
      batch.places.push(part.start + shift, part.end + shift);
    }
    batch.reading--;
    if (batch.full && batch.reading === 0) this.#running.push(this.#compare(batch));
  }

  #readFile(): void {
    this.#running.push(this.#compareFile(this.#inFile));
    this.#inFile = { parts: [], places: [], size: 0 };
  }

  async #compareFile({ parts, places }: FileBatch): Promise<void> {
    const file = this.#file as BorrowedFile;
    const digests = await this.#buffers.hasher.fileDigests(file, Float64Array.from(places));
    // If the file cannot be read, the verification runs again without the thread.
    if (digests !== undefined) this.#look(parts, digests);
  }

  async #compare({ buffer, parts, places }: Batch): Promise<void> {
    const digests = await this.#buffers.hasher.digests(buffer, Uint32Array.from(places));
    this.#buffers.give(buffer);
    this.#look(parts, digests);
  }

  #look(parts: readonly Expected[], digests: Uint8Array): void {
    for (const [i, { start, end, digest }] of parts.entries()) {
      const found = digests.subarray(i * DIGEST_SIZE, (i + 1) * DIGEST_SIZE);
      if (!sameBytes(found, digest)) this.#damaged.push({ start, end });
    }
  }
}
