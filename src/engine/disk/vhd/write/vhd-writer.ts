import { forEachInFlight } from '../../../base/in-flight.ts';
import { splitAt } from '../../../base/range.ts';
import type { PartWriter } from '../../../source/byte-source.ts';
import type {
  BorrowedImage,
  ImageWriter,
  NewDisk,
  WrittenImage,
} from '../../image/image-writer.ts';
import { requireInside } from '../../image/write-range.ts';
import { SectorRuns } from '../../virtual/sector-runs.ts';
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
  readonly #written = new SectorRuns();
  readonly #zeroed = new SectorRuns();
  #state: 'open' | 'failed' | 'done' = 'open';
  #running = 0;
  #payloadBytes = 0;

  /** Plans the image; writes nothing yet. Throws `disk.write.argument`. */
  constructor(parts: PartWriter, disk: NewDisk) {
    this.#parts = parts;
    this.#new = newVhd(disk);
    const { header, headEnd } = this.#new;
    this.#space =
      header === undefined ? undefined : new BlockSpace(this.#size, header.blockSize, headEnd);
    this.#differencing = disk.subformat === 'differencing';
  }

  async write(offset: number, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    this.#claim(this.#written, this.#zeroed, offset, bytes.length);
    this.#payloadBytes += bytes.length;
    this.#running++;
    try {
      for (const { at, start, end } of this.#pieces(offset, bytes.length)) {
        await this.#parts.write(at, bytes.subarray(start, end), signal);
      }
    } catch (error) {
      this.#state = 'failed';
      throw error;
    } finally {
      this.#running--;
    }
  }

  zero(start: number, length: number): void {
    if (this.#differencing) this.#claim(this.#zeroed, this.#written, start, length);
    else this.#check(start, length);
  }

  /** Lends the file of a fixed image. A dynamic one has a bitmap before each block. */
  borrow(): BorrowedImage | undefined {
    this.#check(0, 0);
    const part = this.#space === undefined ? this.#parts.borrow?.() : undefined;
    if (part === undefined) return undefined;
    this.#running++;
    return {
      fd: part.fd,
      name: part.name,
      blockSize: 0,
      end: 0,
      adopt: () => undefined,
      release: (end, storedBytes) => {
        this.#payloadBytes += storedBytes;
        this.#running--;
        part.release(end);
      },
    };
  }

  async complete(signal: AbortSignal): Promise<WrittenImage> {
    this.#check(0, 0);
    if (this.#running > 0) {
      throw vhdError(
        'vhd.write.state',
        `cannot complete the image: ${this.#running} writes are still running`,
      );
    }
    this.#state = 'failed';
    const footerAt =
      this.#space === undefined ? this.#size : await this.#writeTables(this.#space, signal);
    await this.#parts.write(footerAt, encodeFooter(this.#new.footer), signal);
    const fileSize = footerAt + FOOTER_SIZE;
    await this.#parts.complete(fileSize, signal);
    this.#state = 'done';
    return {
      fileSize,
      payloadBytes: this.#payloadBytes,
      identity: this.#new.footer.uniqueId,
      blockSize: this.#new.header?.blockSize,
    };
  }

  async abandon(): Promise<void> {
    if (this.#state === 'done') return;
    this.#state = 'failed';
    await this.#parts.abandon();
  }

  get #size(): number {
    return this.#new.footer.currentSize;
  }

  #check(offset: number, length: number): void {
    if (this.#state !== 'open') {
      throw vhdError('vhd.write.state', `the image was already ${this.#state}`, {
        data: { state: this.#state },
      });
    }
    requireInside(offset, length, { sector: SECTOR, size: this.#size });
  }

  #claim(runs: SectorRuns, other: SectorRuns, offset: number, length: number): void {
    this.#check(offset, length);
    if (length === 0) return;
    const [start, end] = [offset / SECTOR, (offset + length) / SECTOR];
    if (other.runs(start, end).next().done === true && runs.add(start, end)) return;
    this.#state = 'failed';
    throw vhdError(
      'vhd.write.twice',
      `some of the ${length} bytes at ${offset} were already written`,
      {
        data: { offset, length },
      },
    );
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
    for (const { start, end } of this.#zeroed.runs(0, this.#size / SECTOR)) {
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
    for (const runs of [this.#written, this.#zeroed]) {
      for (const { start, end } of runs.runs(first, first + sectors)) {
        setBits(bits, start - first, end - first);
      }
    }
    return bits;
  }
}
