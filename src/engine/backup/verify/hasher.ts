import { hash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { PartHasher } from '../../disk/bulk/part-hasher.ts';
import type { BorrowedFile } from '../../source/byte-source.ts';
import { DIGEST_SIZE } from '../hashes/hash-shape.ts';
import { HashThreads } from './hash-threads.ts';

/**
 * Maximum number of bytes queued for other threads. Beyond it, digests are computed on the caller's
 * thread: all stay busy, and memory is bounded.
 */
const MAX_WAITING = 8 * 2 ** 20;
/** Maximum number of bytes of files queued for other threads. Beyond it, the caller waits. */
const MAX_FILE_WAITING = 64 * 2 ** 20;
/** Passing fewer bytes to another thread costs as much as hashing them. */
const WORTH_PASSING = 64 * 1024;

/** Computes digests on other threads. Its answers are undefined if it cannot. */
export type HashHelper = PartHasher | HashThreads;

/**
 * Computes SHA-256 digests of many parts at once, on other threads if possible: by the native
 * library, else on threads of JavaScript. Hashing is the main cost of verification; reads then run
 * at the same time. Without helper, or if it fails, digests are computed on the caller's thread.
 */
export class Hasher {
  #helper: HashHelper | undefined;
  readonly #running = new Set<Promise<unknown>>();
  #waiting = 0;
  #readFailed = false;
  readonly #waiters: (() => void)[] = [];

  constructor(helper: HashHelper | undefined) {
    this.#helper = helper;
  }

  /** Starts a hasher. @param alone uses only the caller's thread. */
  static start(alone: boolean): Hasher {
    if (alone) return new Hasher(undefined);
    const thread = (): HashThreads | undefined =>
      availableParallelism() < 2 ? undefined : new HashThreads();
    return new Hasher(PartHasher.create() ?? thread());
  }

  /** Allocates zeroed memory that other threads can read without a copy. */
  memory(length: number): Buffer {
    const helper = this.#active;
    return helper instanceof HashThreads ? helper.memory(length) : Buffer.alloc(length);
  }

  /**
   * Returns the digests of parts of `bytes`, 32 bytes each, in order. The bytes must not change
   * until then. Never rejects.
   * @param bytes of {@link Hasher.memory}
   * @param places start and end of each part
   */
  async digests(bytes: Uint8Array, places: Uint32Array): Promise<Uint8Array> {
    const helper = this.#active;
    const alone = bytes.length < WORTH_PASSING || this.#waiting > MAX_WAITING;
    if (helper === undefined || alone) return digestsOf(bytes, places);
    const found = await this.#count(bytes.length, helper.ofMemory(bytes, places));
    return found ?? digestsOf(bytes, places);
  }

  /** Whether parts of files can be read and hashed on other threads. */
  get readsFiles(): boolean {
    return this.#active !== undefined;
  }

  /** Whether a part of a file could not be read on another thread, so that its digest is unknown. */
  get readFailed(): boolean {
    return this.#readFailed;
  }

  /**
   * Reads parts of an open file on another thread and returns their digests, in order; undefined if
   * one of them cannot be read, and `readFailed` is set then. Never rejects.
   * @param places start and end of each part, in bytes of the file
   */
  async fileDigests(file: BorrowedFile, places: Float64Array): Promise<Uint8Array | undefined> {
    let size = 0;
    for (let i = 0; i < places.length; i += 2) {
      size += (places[i + 1] as number) - (places[i] as number);
    }
    const asked = this.#active?.ofFile(file, places);
    const found = asked && (await this.#count(size, asked));
    this.#readFailed ||= found === undefined;
    return found;
  }

  /** Resolves once few bytes wait for other threads. */
  async hasRoom(): Promise<void> {
    while (this.#waiting > MAX_FILE_WAITING && this.#running.size > 0) {
      await new Promise<void>((resolve) => this.#waiters.push(resolve));
    }
  }

  /** Ends the work on other threads. Pending digests of memory are computed on this one. */
  async close(): Promise<void> {
    const helper = this.#helper;
    this.#helper = undefined;
    // Files must not be returned while another thread may read them.
    if (helper instanceof HashThreads) await helper.close();
    await Promise.allSettled(this.#running);
  }

  get #active(): HashHelper | undefined {
    const helper = this.#helper;
    return helper instanceof HashThreads && helper.ended ? undefined : helper;
  }

  /** Counts bytes as waiting until their digests are there. A failure is answered by undefined. */
  async #count<T>(size: number, asked: Promise<T>): Promise<T | undefined> {
    const answer = asked.catch(() => undefined);
    this.#waiting += size;
    this.#running.add(answer);
    try {
      return await answer;
    } finally {
      this.#running.delete(answer);
      this.#waiting -= size;
      for (const wake of this.#waiters.splice(0)) wake();
    }
  }
}

function digestsOf(bytes: Uint8Array, places: Uint32Array): Uint8Array {
  const digests = new Uint8Array((places.length / 2) * DIGEST_SIZE);
  for (let i = 0; i < places.length; i += 2) {
    const part = bytes.subarray(places[i], places[i + 1]);
    digests.set(hash('sha256', part, 'buffer'), (i / 2) * DIGEST_SIZE);
  }
  return digests;
}
