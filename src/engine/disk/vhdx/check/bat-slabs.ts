import type { ByteSource } from '../../../source/byte-source.ts';
import { MIB } from '../structures/layout.ts';

/** A part of the table; valid until the next one is requested. */
export interface BatSlab {
  /** BAT index of the first entry. */
  readonly index: number;
  readonly bytes: Buffer;
}

const IN_FLIGHT = 4;
const ENTRY = 8;

/**
 * Streams `entries` entries of a BAT in order, in pieces of 1 MiB, with several reads in flight.
 * Memory: 5 MiB.
 */
export async function* batSlabs(
  source: ByteSource,
  offset: number,
  entries: number,
  signal: AbortSignal,
): AsyncGenerator<BatSlab> {
  const total = entries * ENTRY;
  const buffers: Buffer[] = [];
  const begin = (at: number): Promise<BatSlab> => {
    const buffer = buffers.pop() ?? Buffer.allocUnsafeSlow(Math.min(MIB, total));
    const bytes = buffer.subarray(0, Math.min(MIB, total - at));
    const read = source
      .read(offset + at, bytes, signal)
      .then((): BatSlab => ({ index: at / ENTRY, bytes }));
    // The failure is thrown when its turn comes.
    read.catch(() => undefined);
    return read;
  };
  const reads: Promise<BatSlab>[] = [];
  try {
    for (let at = 0; at < total + IN_FLIGHT * MIB; at += MIB) {
      if (at < total) reads.push(begin(at));
      if (at < (IN_FLIGHT - 1) * MIB) continue;
      const read = reads.shift();
      if (read === undefined) break;
      const slab = await read;
      yield slab;
      buffers.push(slab.bytes);
    }
  } finally {
    await Promise.allSettled(reads);
  }
}
