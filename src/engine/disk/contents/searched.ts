import type { Range } from '../../base/range.ts';
import type { ByteSource } from '../../source/byte-source.ts';
import { chainPieces, leniently } from '../chain/chain-pieces.ts';
import { readSectors, type ReadableLayers } from './read-sectors.ts';
import type { SearchedBytes } from './search-bytes.ts';

/** Returns a file for a search, which skips the holes that the file system reports. */
export function searchedFile(file: ByteSource): SearchedBytes {
  return {
    size: file.size,
    parts: async function* (from) {
      const dataAfter = file.holes?.();
      if (dataAfter === undefined) return yield { start: from, end: file.size };
      for (let at = from; at < file.size;) {
        const part = dataAfter(at);
        if (part === undefined) return;
        yield { start: Math.max(at, part.start), end: part.end };
        at = part.end;
      }
    },
    read: (offset, into, signal) => file.read(offset, into, signal),
  };
}

/**
 * Returns a virtual disk for a search, which skips what no layer holds.
 * @param onLost receives the length of each part that cannot be read
 */
export function searchedDisk(
  disk: ReadableLayers,
  size: number,
  onLost: (bytes: number) => void,
): SearchedBytes {
  return {
    size,
    parts: async function* (from, signal): AsyncGenerator<Range> {
      const { layers, ends } = disk;
      const whole = { start: from, end: size };
      for await (const piece of chainPieces(layers, whole, { read: leniently, ends }, signal)) {
        if (piece.kind === 'lost') onLost(piece.end - piece.start);
        if (piece.kind === 'data') yield { start: piece.start, end: piece.end };
      }
    },
    read: async (offset, into, signal) => {
      await readSectors(disk, offset, into, signal);
    },
  };
}
