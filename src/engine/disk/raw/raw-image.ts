import { alignDown, alignUp, type Range } from '../../base/range.ts';
import type { FileHoles } from '../../native/file-holes.ts';
import type { BorrowedFile, ByteSource } from '../../source/byte-source.ts';
import type { DiskImage, LayerExtent } from '../image/image.ts';

const SECTOR = 512;
/** Data ranges are extended to whole pages, whatever the file system reports. */
const PAGE = 4096;
/** Maximum number of extents in a batch. */
const MAX_BATCH = 4096;

/**
 * A raw image: the file is the disk. An incomplete last sector is padded with zeros. If the file's
 * holes are not known, all of it counts as data.
 */
export class RawImage implements DiskImage {
  readonly format = 'raw';
  readonly name: string;
  readonly size: number;
  readonly fileSize: number;
  readonly logicalSectorSize = SECTOR;
  readonly parent = undefined;
  readonly identity = undefined;
  readonly #source: ByteSource;
  readonly #holes: FileHoles | undefined;

  /** @param holes lookup for the same file; both are closed with the image. */
  constructor(source: ByteSource, holes?: FileHoles) {
    this.#source = source;
    this.#holes = holes;
    this.name = source.name;
    this.fileSize = source.size;
    this.size = Math.ceil(source.size / SECTOR) * SECTOR;
  }

  get knowsHoles(): boolean {
    return this.#holes !== undefined;
  }

  /** Reports data without a look at the file system: a short range is cheaper to read. */
  extentsOf(within: Range, signal: AbortSignal): Promise<readonly LayerExtent[]> {
    if (signal.aborted) return Promise.reject(signal.reason as Error);
    const end = Math.min(within.end, this.size);
    const { start } = within;
    return Promise.resolve(start < end ? [{ start, end, kind: 'data', offset: start }] : []);
  }

  async *extentsIn(
    ranges: readonly Range[],
    signal: AbortSignal,
  ): AsyncGenerator<readonly LayerExtent[]> {
    let batch: LayerExtent[] = [];
    for (const { start, end } of ranges) {
      for (let at = start; at < end;) {
        signal.throwIfAborted();
        const data = this.#next(at, end);
        if (data.start > at) batch.push({ start: at, end: data.start, kind: 'zero', offset: -1 });
        if (data.end > data.start) batch.push({ ...data, kind: 'data', offset: data.start });
        at = data.end;
        if (batch.length < MAX_BATCH) continue;
        yield batch;
        batch = [];
      }
    }
    if (batch.length > 0) yield batch;
  }

  surveyedIn(
    ranges: readonly Range[],
    signal: AbortSignal,
  ): AsyncGenerator<readonly LayerExtent[]> {
    return this.extentsIn(ranges, signal);
  }

  async readData(
    start: number,
    _offset: number,
    into: Uint8Array,
    signal: AbortSignal,
  ): Promise<void> {
    const inFile = Math.max(0, Math.min(into.length, this.fileSize - start));
    if (inFile > 0) await this.#source.read(start, into.subarray(0, inFile), signal);
    into.fill(0, inFile);
  }

  borrow(): BorrowedFile | undefined {
    // The padding of an incomplete last sector is not in the file.
    return this.size === this.fileSize ? this.#source.borrow?.() : undefined;
  }

  async close(): Promise<void> {
    this.#holes?.close();
    await this.#source.close();
  }

  /**
   * Returns the next data in `[at, end)`, in whole pages; empty at `end` if there are only holes.
   */
  #next(at: number, end: number): Range {
    if (this.#holes === undefined) return { start: at, end };
    const found = this.#holes.dataAfter(at);
    if (found === undefined) return { start: end, end };
    // The file was truncated meanwhile: reading it will report that.
    if (found.end <= at) return { start: at, end };
    const start = Math.min(Math.max(alignDown(found.start, PAGE), at), end);
    return { start, end: Math.min(alignUp(found.end, PAGE), end) };
  }
}
