import { chainPieces, leniently } from '../chain/chain-pieces.ts';
import type { VirtualDisk } from '../virtual/virtual-disk.ts';
import { readSectors, type ReadableLayers } from './read-sectors.ts';

/** A virtual disk, however damaged: parts that cannot be read are zeros. */
export type ReadableDisk = Pick<VirtualDisk, 'size' | 'extents' | 'read'>;

/** Returns the disk of layers that were surveyed. */
export function readableDisk(disk: ReadableLayers, size: number): ReadableDisk {
  const { layers, ends } = disk;
  return {
    size,
    async *extents(within, signal) {
      for await (const piece of chainPieces(layers, within, { read: leniently, ends }, signal)) {
        const { start, end, kind } = piece;
        const depth = kind === 'lost' ? layers.length : piece.depth;
        yield { start, length: end - start, kind: kind === 'lost' ? 'hole' : kind, depth };
      }
    },
    read: async (offset, into, signal) => {
      await readSectors(disk, offset, into, signal);
    },
  };
}
