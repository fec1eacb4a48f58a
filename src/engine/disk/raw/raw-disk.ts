import { alignDown, alignUp, type Range } from '../../base/range.ts';
import type { FileHoles } from '../../native/file-holes.ts';
import type { ByteSource } from '../../source/byte-source.ts';
import type { Extent, VirtualDisk } from '../virtual/virtual-disk.ts';
import { diskError } from '../virtual/disk-errors.ts';

const SECTOR = 512;
/** Data ranges are extended to whole pages, whatever the file system reports. */
const PAGE = 4096;

/**
 * A raw image: the file is the disk. An incomplete last sector is padded with zeros. If the file's
 * holes are not known, all of it counts as data.
 */
export class RawDisk implements VirtualDisk {
  readonly name: string;
  readonly size: number;
  readonly logicalSectorSize = SECTOR;
  readonly #source: ByteSource;
  readonly #holes: FileHoles | undefined;

  /** @param holes lookup for the same file; closed with the disk. */
  constructor(source: ByteSource, holes?: FileHoles) {
    this.#source = source;
    this.#holes = holes;
    this.name = source.name;
    this.size = Math.ceil(source.size / SECTOR) * SECTOR;
  }

  /** Whether the file system reports the file's holes; if not, they are read as data. */
  get knowsHoles(): boolean {
    return this.#holes !== undefined;
  }

  async *extents(within: Range, signal: AbortSignal): AsyncGenerator<Extent> {
    const end = Math.min(within.end, this.size);
    if (within.start >= end) return;
    for (let at = within.start; at < end;) {
      signal.throwIfAborted();
      const data = this.#dataAfter(at, end);
      if (data.start > at) yield { start: at, length: data.start - at, kind: 'zero', depth: 0 };
      if (data.end > data.start) {
        const { start } = data;
        yield { start, length: data.end - start, kind: 'data', depth: 0, offset: start };
      }
      at = data.end;
    }
  }

  /**
   * Returns the next data in `[at, end)`, in whole pages; empty at `end` if there are only holes.
   */
  #dataAfter(at: number, end: number): Range {
    if (this.#holes === undefined) return { start: at, end };
    const found = this.#holes.dataAfter(at);
    if (found === undefined) return { start: end, end };
    // The file was truncated meanwhile: reading it will report that.
    if (found.end <= at) return { start: at, end };
    const start = Math.min(Math.max(alignDown(found.start, PAGE), at), end);
    return { start, end: Math.min(alignUp(found.end, PAGE), end) };
  }

  async read(offset: number, into: Uint8Array, signal: AbortSignal): Promise<void> {
    if (!Number.isSafeInteger(offset) || offset < 0 || offset + into.length > this.size) {
      throw diskError(
        'disk.range',
        `Cannot read ${into.length} bytes at ${offset} of ${this.name}: the disk has ${this.size} bytes`,
        { data: { offset, length: into.length, size: this.size } },
      );
    }
    const inFile = Math.max(0, Math.min(into.length, this.#source.size - offset));
    if (inFile > 0) await this.#source.read(offset, into.subarray(0, inFile), signal);
    into.fill(0, inFile);
  }

  async close(): Promise<void> {
    this.#holes?.close();
    await this.#source.close();
  }
}
