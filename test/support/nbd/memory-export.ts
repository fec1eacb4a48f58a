import type { Range } from '../../../src/engine/base/range.ts';
import type {
  BlockExport,
  BlockExtent,
} from '../../../src/engine/net/nbd/contract/block-export.ts';

/** An export whose bytes are in memory; whole blocks of zeros are holes. */
export class MemoryExport implements BlockExport {
  readonly bytes: Uint8Array;
  readonly #block: number;
  /** Called before each read; what it throws is the read's error. */
  beforeRead: (offset: number, signal: AbortSignal) => Promise<void> = () => Promise.resolve();

  constructor(bytes: Uint8Array, block = 65_536) {
    this.bytes = bytes;
    this.#block = block;
  }

  get size(): number {
    return this.bytes.length;
  }

  async *extents({ start, end }: Range): AsyncGenerator<BlockExtent> {
    for (let at = start; at < end;) {
      const stop = Math.min(at - (at % this.#block) + this.#block, end);
      const zero = this.bytes.subarray(at, stop).every((byte) => byte === 0);
      yield { start: at, length: stop - at, kind: zero ? 'hole' : 'data' };
      at = stop;
    }
  }

  async read(offset: number, into: Uint8Array, signal: AbortSignal): Promise<void> {
    await this.beforeRead(offset, signal);
    into.set(this.bytes.subarray(offset, offset + into.length));
  }
}

/** Bytes in which every part can be told from every other; the blocks named are zero. */
export function patterned(size: number, block: number, zeroBlocks: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(size);
  for (let i = 0; i < size; i++) bytes[i] = ((i * 31 + (i >> 9)) & 0xff) | 1;
  for (const n of zeroBlocks) bytes.fill(0, n * block, (n + 1) * block);
  return bytes;
}
