import { alignDown, alignUp, type Range } from '../../base/range.ts';
import type { FileHoles } from '../../native/file-holes.ts';
import type { BorrowedFile, ByteSource } from '../../source/byte-source.ts';
import type { LayerExtent } from '../image/image.ts';
import { FlatImage } from '../image/flat-image.ts';

/** Data ranges are extended to whole pages, whatever the file system reports. */
const PAGE = 4096;

/** A raw image: the file is the disk. If the file's holes are not known, all of it counts as data. */
export class RawImage extends FlatImage {
  readonly #source: ByteSource;
  readonly #holes: FileHoles | undefined;

  /** @param holes lookup for the same file; both are closed with the image. */
  constructor(source: ByteSource, holes?: FileHoles) {
    super(source);
    this.#source = source;
    this.#holes = holes;
  }

  get knowsHoles(): boolean {
    return this.#holes !== undefined;
  }

  borrow(): BorrowedFile | undefined {
    // The padding of an incomplete last sector is not in the file.
    return this.size === this.fileSize ? this.#source.borrow?.() : undefined;
  }

  async close(): Promise<void> {
    this.#holes?.close();
    await this.#source.close();
  }

  protected *partsOf({ start, end }: Range, signal: AbortSignal): Generator<LayerExtent> {
    for (let at = start; at < end;) {
      signal.throwIfAborted();
      const data = this.#next(at, end);
      if (data.start > at) yield { start: at, end: data.start, kind: 'zero', offset: -1 };
      if (data.end > data.start) yield { ...data, kind: 'data', offset: data.start };
      at = data.end;
    }
  }

  protected readBytes(offset: number, into: Uint8Array, signal: AbortSignal): Promise<void> {
    return this.#source.read(offset, into, signal);
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
