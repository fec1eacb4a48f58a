import { createHash } from 'node:crypto';
import fs from 'node:fs/promises';

const MIB = 2 ** 20;
const SIZE = 512 * MIB;
/**
 * Ranges of the disk that hold data, in MiB: a few dense parts with much empty space, like a small
 * system disk.
 */
const FILLED: readonly (readonly [number, number])[] = [
  [1, 40],
  [96, 24],
  [200, 16],
  [320, 12],
  [480, 8],
];

/**
 * Writes a raw disk of 512 MiB with a partition table and about 100 MiB of data that neither
 * repeats nor compresses.
 */
export async function makeDemoDisk(file: string, signal: AbortSignal): Promise<void> {
  const handle = await fs.open(file, 'wx');
  try {
    await handle.truncate(SIZE);
    await handle.write(partitionTable(), 0, 512, 0);
    for (const [start, count] of FILLED) {
      for (let i = 0; i < count; i++) {
        signal.throwIfAborted();
        await handle.write(megabyte(start + i), 0, MIB, (start + i) * MIB);
      }
    }
  } finally {
    await handle.close();
  }
}

/** Builds a master boot record with one Linux partition from 1 MiB to the end. */
function partitionTable(): Buffer {
  const sector = Buffer.alloc(512);
  sector[446 + 4] = 0x83;
  sector.writeUInt32LE(MIB / 512, 446 + 8);
  sector.writeUInt32LE((SIZE - MIB) / 512, 446 + 12);
  sector.writeUInt16LE(0xaa55, 510);
  return sector;
}

function megabyte(index: number): Buffer {
  const out = Buffer.alloc(MIB);
  const seed = createHash('sha512').update(`refpoint demo ${index}`).digest();
  for (let at = 0; at < MIB; at += 64) {
    seed.copy(out, at);
    out.writeUInt32LE(Math.imul(index + 1, at + 0x9e3779b1) >>> 0, at);
  }
  return out;
}
