import type { ByteSource } from '../../../src/engine/source/byte-source.ts';
import { sourceError } from '../../../src/engine/source/source-errors.ts';

/** Lets every read that touches one of the sectors of 512 bytes fail, as a failing disk does. */
export function withBadSectors(inner: ByteSource, offsets: readonly number[]): ByteSource {
  return {
    name: inner.name,
    size: inner.size,
    close: () => inner.close(),
    read: async (offset, into, signal) => {
      const end = offset + into.length;
      const hit = offsets.find((at) => at < end && at + 512 > offset);
      if (hit !== undefined) {
        throw sourceError('source.io', `Cannot read ${inner.name} at ${hit}: EIO`, {
          data: { offset: hit },
        });
      }
      await inner.read(offset, into, signal);
    },
  };
}
