import type { Range } from '../base/range.ts';
import type { ByteSource } from '../source/byte-source.ts';
import type { Extent, VirtualDisk } from './virtual-disk.ts';
import { diskError } from './disk-errors.ts';

const SECTOR = 512;

/**
 * A raw image: the file is the disk. A last sector that is not whole is completed with zeros, so that
 * the disk has whole sectors. All of it counts as data: which parts of the file are holes is not portable.
 */
export class RawDisk implements VirtualDisk {
  readonly name: string;
  readonly size: number;
  readonly logicalSectorSize = SECTOR;
  readonly #source: ByteSource;

  constructor(source: ByteSource) {
    this.#source = source;
    this.name = source.name;
    this.size = Math.ceil(source.size / SECTOR) * SECTOR;
  }

  async *extents(within: Range): AsyncGenerator<Extent> {
    const end = Math.min(within.end, this.size);
    if (within.start >= end) return;
    const length = end - within.start;
    yield { start: within.start, length, kind: 'data', depth: 0, offset: within.start };
  }

  async read(offset: number, into: Uint8Array, signal: AbortSignal): Promise<void> {
    if (!Number.isSafeInteger(offset) || offset < 0 || offset + into.length > this.size) {
      throw diskError(
        'disk.range',
        `${into.length} bytes at ${offset} were wanted of ${this.name}, a disk of ${this.size}`,
        { data: { offset, length: into.length, size: this.size } },
      );
    }
    const inFile = Math.max(0, Math.min(into.length, this.#source.size - offset));
    if (inFile > 0) await this.#source.read(offset, into.subarray(0, inFile), signal);
    into.fill(0, inFile);
  }

  async close(): Promise<void> {
    await this.#source.close();
  }
}
