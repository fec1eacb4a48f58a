import { isEngineError } from '../../base/errors.ts';
import type { ByteSource } from '../../source/byte-source.ts';
import { HeldSource } from '../../source/held-source.ts';
import type { Store } from '../store/contract/store.ts';
import type { Hasher } from './hasher.ts';

/** Maximum memory for hash files, in bytes. */
const MAX_HELD = 48 * 2 ** 20;

/**
 * Small hash files that are read whole, once: their own SHA-256 and almost every page of them are
 * needed, in the order of the disk.
 */
export class HeldFiles {
  readonly #hasher: Hasher;
  readonly #held = new Map<string, HeldSource>();
  #bytes = 0;

  constructor(hasher: Hasher) {
    this.#hasher = hasher;
  }

  /**
   * Reads an open file into memory and closes it; undefined if there is not enough memory, and the
   * file stays open.
   */
  async take(key: string, file: ByteSource, signal: AbortSignal): Promise<HeldSource | undefined> {
    if (this.#bytes + file.size > MAX_HELD) return undefined;
    try {
      const bytes = this.#hasher.memory(file.size);
      await file.read(0, bytes, signal);
      this.drop(key);
      const held = new HeldSource(bytes, file.name);
      this.#held.set(key, held);
      this.#bytes += bytes.length;
      return held;
    } finally {
      await file.close();
    }
  }

  /** Returns the file if it is in memory. */
  source(key: string): ByteSource | undefined {
    return this.#held.get(key);
  }

  /**
   * Reads a file of the store with this size; undefined if it is missing, has another size, or
   * there is not enough memory.
   */
  async open(
    key: string,
    store: Store,
    path: string,
    size: number,
    signal: AbortSignal,
  ): Promise<HeldSource | undefined> {
    if (this.#bytes + size > MAX_HELD) return undefined;
    const file = await openIfThere(store, path, signal);
    if (file === undefined) return undefined;
    const held = file.size === size ? await this.take(key, file, signal) : undefined;
    if (held === undefined) await file.close();
    return held;
  }

  /** Returns the SHA-256 of a file in memory, in hexadecimal. */
  async sha256(file: HeldSource): Promise<string> {
    const bytes = file.view(0, file.size);
    const digest = await this.#hasher.digests(bytes, Uint32Array.of(0, bytes.length));
    return Buffer.from(digest).toString('hex');
  }

  /** Frees the memory of a file. */
  drop(key: string): void {
    this.#bytes -= this.#held.get(key)?.size ?? 0;
    this.#held.delete(key);
  }
}

async function openIfThere(
  store: Store,
  path: string,
  signal: AbortSignal,
): Promise<ByteSource | undefined> {
  try {
    return await store.openFile(path, signal);
  } catch (error) {
    if (isEngineError(error, 'store.missing', 'source.notFile')) return undefined;
    throw error;
  }
}
