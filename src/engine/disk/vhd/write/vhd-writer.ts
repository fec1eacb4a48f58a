import { forEachInFlight } from '../../../base/in-flight.ts';
import { splitAt } from '../../../base/range.ts';
import type { PartWriter } from '../../../source/byte-source.ts';
import type {
  BorrowedImage,
  ImageWriter,
  NewDisk,
  WrittenImage,
} from '../../image/image-writer.ts';
import { WriterProgress, type WriterError } from '../../image/writer-progress.ts';
import { diskError } from '../../virtual/disk-errors.ts';
import { encodeHeader } from '../structures/dynamic-header.ts';
import { encodeFooter } from '../structures/footer.ts';
import { batBytes, FOOTER_SIZE, SECTOR } from '../structures/layout.ts';
import { setBits } from '../structures/sector-bitmap.ts';
import { vhdError } from '../structures/vhd-errors.ts';
import { BlockSpace } from './block-space.ts';
import { newVhd, type NewVhd } from './new-vhd.ts';

/** Bytes of a BAT that are written at once. */
const BAT_PIECE = 2 ** 20;
/** Maximum number of bitmaps that are written concurrently. */
const BITMAPS_IN_FLIGHT = 16;

/**
 * Writes a new fixed, dynamic or differencing VHD in one pass over a PartWriter: data as it arrives,
 * tables and footer last.
 */
export class VhdWriter implements ImageWriter {
  readonly #parts: PartWriter;
  readonly #new: NewVhd;
  /** Undefined for a fixed disk. */
  readonly #space: BlockSpace | undefined;
  readonly #differencing: boolean;
  readonly #progress: WriterProgress;

  /** Plans the image; writes nothing yet. Throws `disk.write.argument`. */
  constructor(parts: PartWriter, disk: NewDisk) {
    this.#parts = parts;
    this.#new = newVhd(disk);
    const { header, headEnd } = this.#new;
    this.#space =
      header === undefined ? undefined : new BlockSpace(this.#size, header.blockSize, headEnd);
    this.#differencing = disk.subformat === 'differencing';
    this.#progress = new WriterProgress({ sector: SECTOR, size: this.#size }, writerError);
  }

  async write(offset: number, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    await this.#progress.write(offset, bytes.length, async () => {
      for (const { at, start, end } of this.#pieces(offset, bytes.length)) {
        await this.#parts.write(at, bytes.subarray(start, end), signal);
      }
    });
  }

  zero(start: number, length: number): void {
    if (this.#differencing) this.#progress.claim(this.#progress.zeroed, start, length);
    else this.#progress.check(start, length);
  }

  /** Lends the file of a fixed image. A dynamic one has a bitmap before each block. */
  borrow(): BorrowedImage | undefined {
    this.#progress.check(0, 0);
    const part = this.#space === undefined ? this.#parts.borrow?.() : undefined;
    if (part === undefined) return undefined;
    const giveBack = this.#progress.lend();
    return {
      fd: part.fd,
      name: part.name,
      blockSize: 0,
      end: 0,
      adopt: () => undefined,
      release: (end, storedBytes) => {
        giveBack(storedBytes);
        part.release(end);
      },
    };
  }

  async complete(signal: AbortSignal): Promise<WrittenImage> {
    const fileSize = await this.#progress.complete(() => this.#complete(signal));
    return {
      fileSize,
      payloadBytes: this.#progress.payloadBytes,
      identity: this.#new.footer.uniqueId,
      blockSize: this.#new.header?.blockSize,
    };
  }

  /** Writes all that is missing. Returns the size of the file. */
  async #complete(signal: AbortSignal): Promise<number> {
    const footerAt =
      this.#space === undefined ? this.#size : await this.#writeTables(this.#space, signal);
    await this.#parts.write(footerAt, encodeFooter(this.#new.footer), signal);
    const fileSize = footerAt + FOOTER_SIZE;
    await this.#parts.complete(fileSize, signal);
    return fileSize;
  }

  async abandon(): Promise<void> {
    await this.#progress.abandon(this.#parts);
  }

  get #size(): number {
    return this.#new.footer.currentSize;
  }

  /** Returns the places in the file of a range of the disk. `start` and `end` count from `offset`. */
  #pieces(
    offset: number,
    length: number,
  ): readonly { readonly at: number; readonly start: number; readonly end: number }[] {
    const space = this.#space;
    if (length === 0) return [];
    if (space === undefined) return [{ at: offset, start: 0, end: length }];
    return [...splitAt({ start: offset, end: offset + length }, space.blockSize)].map((part) => {
      const block = Math.floor(part.start / space.blockSize);
      const at = space.allocate(block) + space.bitmap + (part.start % space.blockSize);
      return { at, start: part.start - offset, end: part.end - offset };
    });
  }

  /** Writes all but the footer and returns its place. */
  async #writeTables(space: BlockSpace, signal: AbortSignal): Promise<number> {
    const { header, locators, footer } = this.#new;
    if (header === undefined) return space.end;
    for (const { start, end } of this.#progress.zeroed.runs(0, this.#size / SECTOR)) {
      // A differencing VHD has no zero blocks: their place in the file is a gap, which reads as zeros.
      this.#pieces(start * SECTOR, (end - start) * SECTOR);
    }
    const write = ({ block, at }: { block: number; at: number }): Promise<void> =>
      this.#parts.write(at, this.#bitmapOf(space, block), signal);
    await forEachInFlight(space.allocated(), BITMAPS_IN_FLIGHT, write, signal);
    const bytes = batBytes(space.entries.length);
    for (let at = 0; at < bytes; at += BAT_PIECE) {
      const part = space.batPart(at / 4, Math.min(BAT_PIECE, bytes - at));
      await this.#parts.write(header.batOffset + at, part, signal);
    }
    for (const { entry, text } of locators) await this.#parts.write(entry.offset, text, signal);
    await this.#parts.write(FOOTER_SIZE, encodeHeader(header), signal);
    await this.#parts.write(0, encodeFooter(footer), signal);
    return space.end;
  }

  /** Returns a block's bitmap: all sectors of a dynamic disk, as Windows and qemu write it. */
  #bitmapOf(space: BlockSpace, block: number): Uint8Array {
    const bits = new Uint8Array(space.bitmap);
    const sectors = space.blockSize / SECTOR;
    if (!this.#differencing) {
      setBits(bits, 0, sectors);
      return bits;
    }
    const first = block * sectors;
    for (const runs of [this.#progress.written, this.#progress.zeroed]) {
      for (const { start, end } of runs.runs(first, first + sectors)) {
        setBits(bits, start - first, end - first);
      }
    }
    return bits;
  }
}

const writerError: WriterError = (kind, message, details) =>
  kind === 'argument'
    ? diskError('disk.write.argument', message, details)
    : vhdError(`vhd.write.${kind}`, message, details);
