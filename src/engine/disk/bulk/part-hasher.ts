import { hashesParts, hashParts } from '../../native/loops/hash-parts.ts';
import type { BorrowedFile } from '../../source/byte-source.ts';

/** Length of the memory that parts of files are read into: they stay in the processor's cache. */
const WORK_BYTES = 2 ** 20;

/**
 * SHA-256 of many parts of files or of memory by the native library, on other threads: reading and
 * hashing 64 KiB there costs this thread nothing.
 */
export class PartHasher {
  readonly #free: Buffer[] = [];

  private constructor() {
    // Made by `create` only.
  }

  /** Returns undefined if the native library is not used. */
  static create(): PartHasher | undefined {
    return hashesParts() ? new PartHasher() : undefined;
  }

  /**
   * Returns the digests of parts of memory, in order, 32 bytes each; undefined if that fails. The
   * bytes must not change until then.
   * @param places start and end of each part
   */
  ofMemory(bytes: Uint8Array, places: ArrayLike<number>): Promise<Uint8Array | undefined> {
    return hashParts(undefined, bytes, places);
  }

  /**
   * Reads parts of an open file and returns their digests; undefined if one of them cannot be read.
   * @param places start and end of each part, in bytes of the file
   */
  async ofFile({ fd }: BorrowedFile, places: ArrayLike<number>): Promise<Uint8Array | undefined> {
    let longest = 0;
    for (let i = 0; i < places.length; i += 2) {
      longest = Math.max(longest, (places[i + 1] as number) - (places[i] as number));
    }
    const pooled = longest <= WORK_BYTES;
    const work = pooled ? (this.#free.pop() ?? Buffer.alloc(WORK_BYTES)) : Buffer.alloc(longest);
    try {
      return await hashParts(fd, work, places);
    } finally {
      if (pooled) this.#free.push(work);
    }
  }
}
