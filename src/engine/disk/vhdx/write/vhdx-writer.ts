import { newGuid, type Guid } from '../../../base/guid.ts';
import type { PartWriter } from '../../../source/byte-source.ts';
import type {
  BorrowedChild,
  BorrowedImage,
  ImageWriter,
  PlacedBlock,
  WrittenImage,
} from '../../image/image-writer.ts';
import { zeroRuns } from '../../virtual/zero-scan.ts';
import { chooseBlockSize } from '../structures/block-size.ts';
import {
  DEFAULT_CREATOR,
  encodeImageHead,
  newMetadata,
  newRegions,
  type NewImage,
} from '../structures/image/image-head.ts';
import { chunkRatio, MIB, PAGE } from '../structures/layout.ts';
import {
  encodeMetadataRegion,
  metadataItems,
  metadataRegionLength,
  type MetadataItem,
  type VhdxMetadata,
} from '../structures/metadata/metadata-items.ts';
import type { RegionTable } from '../structures/regions/region-table.ts';
import { setBits } from '../structures/sector-bitmap.ts';
import { vhdxError } from '../structures/vhdx-errors.ts';
import { WriterProgress } from '../../image/writer-progress.ts';
import { SECTORS_PER_CHUNK } from '../../virtual/sector-runs.ts';
import { BlockPlaces } from './block-places.ts';

export interface WrittenVhdx extends WrittenImage {
  /** The GUID that a child of this image must link to; equal to `identity`. */
  readonly dataWriteGuid: Guid;
  readonly blockSize: number;
}

/**
 * Writes a new VHDX in one pass over a PartWriter: payload as it arrives, tables last, so that an
 * incomplete file is not a VHDX, and no log is needed. In a dynamic or differencing image blocks
 * are allocated at first touch. In a fixed image every block has its place; what is not written
 * is a gap of the file.
 *
 * Memory: eight bytes per run of sectors and per touched block, whatever the disk's size. `write`
 * does not copy. After a failed write only `abandon` is allowed.
 */
export class VhdxWriter implements ImageWriter {
  readonly dataWriteGuid: Guid;
  readonly metadata: VhdxMetadata;
  readonly #parts: PartWriter;
  readonly #creator: string;
  readonly #marksZeros: boolean;
  readonly #items: readonly MetadataItem[];
  readonly #regions: RegionTable;
  readonly #places: BlockPlaces;
  readonly #progress: WriterProgress;
  /** The file was lent, so that blocks may have been adopted. */
  #lent = false;

  /** Writes nothing yet. Throws `vhdx.write.argument` for an image that cannot exist. */
  constructor(parts: PartWriter, image: NewImage) {
    const sector = image.logicalSectorSize ?? 512;
    this.metadata = newMetadata(image, image.blockSize ?? chooseBlockSize(image.size, sector));
    this.dataWriteGuid = image.dataWriteGuid ?? newGuid();
    this.#parts = parts;
    this.#creator = image.creator ?? DEFAULT_CREATOR;
    const { marksZeros = false, parent, fixed = false } = image;
    this.#marksZeros = parent !== undefined || (marksZeros && !fixed);
    this.#items = [...metadataItems(this.metadata), ...(image.userItems ?? [])];
    this.#regions = newRegions(this.metadata, metadataRegionLength(this.#items));
    const { bat } = this.#regions;
    this.#places = new BlockPlaces(this.metadata, bat.offset + bat.length);
    const disk = { sector, size: this.metadata.virtualSize };
    this.#progress = new WriterProgress(disk, (kind, message, details) =>
      vhdxError(`vhdx.write.${kind}`, message, details),
    );
  }

  /**
   * Stores `bytes` at `offset` of the virtual disk, both multiples of the logical sector size, in
   * any order. Calls may overlap in time. Throws `vhdx.write.twice` if a sector is written again.
   */
  async write(offset: number, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    await this.#progress.write(offset, bytes.length, async () => {
      for (const { fileOffset, start, length } of this.#pieces(offset, bytes.length)) {
        await this.#parts.write(fileOffset, bytes.subarray(start, start + length), signal);
      }
    });
  }

  /**
   * Makes a range of the disk read as zeros. In a differencing image this hides the parent: whole
   * blocks become ZERO, parts are stored. Without a parent absent sectors are zero already; whole
   * blocks become ZERO on request.
   */
  zero(start: number, length: number): void {
    this.#progress.check(start, length);
    if (!this.#marksZeros || length === 0) return;
    if (!this.#lent) this.#progress.claim(this.#progress.zeroed, start, length);
    else this.#zeroGaps(start, length);
  }

  /** Marks as zeros what lies outside of adopted blocks, which read as zeros where they lack data. */
  #zeroGaps(start: number, length: number): void {
    const sector = this.metadata.logicalSectorSize;
    for (const gap of this.#progress.written.gaps(start / sector, (start + length) / sector)) {
      this.#progress.claim(
        this.#progress.zeroed,
        gap.start * sector,
        (gap.end - gap.start) * sector,
      );
    }
  }

  /** Lends the file. Not for a child, which records each written or zeroed sector. */
  borrow(): BorrowedImage | undefined {
    if (this.metadata.parent !== undefined) return undefined;
    const lent = this.#lend((blocks) => blocks.forEach((each) => this.#adopt(each)));
    if (lent !== undefined) this.#lent = true;
    return lent;
  }

  /**
   * Lends the file of a differencing image; undefined for others, or if that is not possible. It may
   * be lent again after it is released, and written by `write` and `zero` in between.
   */
  borrowChild(): BorrowedChild | undefined {
    if (this.metadata.parent === undefined) return undefined;
    const lent = this.#lend((blocks) => {
      for (const { block, offset } of blocks) this.#places.adopt(block, offset);
    });
    if (lent === undefined) return undefined;
    const { written, zeroed } = this.#progress;
    return {
      ...lent,
      record: (start, length, kind) =>
        this.#progress.claim(kind === 'data' ? written : zeroed, start, length),
    };
  }

  #lend(adopt: BorrowedImage['adopt']): BorrowedImage | undefined {
    this.#progress.check(0, 0);
    const fixed = this.metadata.leaveBlocksAllocated;
    const part = this.#parts.borrow?.();
    if (part === undefined) return undefined;
    const giveBack = this.#progress.lend();
    return {
      fd: part.fd,
      name: part.name,
      blockSize: fixed ? 0 : this.metadata.blockSize,
      end: fixed ? this.#places.place(0) : this.#places.end,
      adopt,
      release: (end, storedBytes) => {
        this.#places.extendTo(end);
        giveBack(storedBytes);
        part.release(end);
      },
    };
  }

  #adopt({ block, offset }: PlacedBlock): void {
    const { blockSize, virtualSize } = this.metadata;
    const start = block * blockSize;
    this.#progress.claim(this.#progress.written, start, Math.min(blockSize, virtualSize - start));
    this.#places.adopt(block, offset);
  }

  /** Writes the rest and every table, makes the file durable and gives it its name. */
  async complete(signal: AbortSignal): Promise<WrittenVhdx> {
    const { dataWriteGuid } = this;
    const fileSize = await this.#progress.complete(async () => {
      if (this.metadata.parent !== undefined) await this.#finishDifferencing(signal);
      await this.#writeTables(signal);
      const { end } = this.#places;
      await this.#parts.complete(end, signal);
      return end;
    });
    return {
      fileSize,
      payloadBytes: this.#progress.payloadBytes,
      identity: dataWriteGuid,
      dataWriteGuid,
      blockSize: this.metadata.blockSize,
    };
  }

  /** Leaves nothing behind. May be called at any time, also after a failure. */
  async abandon(): Promise<void> {
    await this.#progress.abandon(this.#parts);
  }

  /**
   * Returns the file locations of a range of the disk; blocks that are contiguous in the file are
   * merged.
   */
  #pieces(offset: number, length: number): { fileOffset: number; start: number; length: number }[] {
    const { blockSize } = this.metadata;
    const pieces: { fileOffset: number; start: number; length: number }[] = [];
    for (let at = 0; at < length;) {
      const within = (offset + at) % blockSize;
      const part = Math.min(blockSize - within, length - at);
      const fileOffset = this.#places.place(Math.floor((offset + at) / blockSize)) + within;
      const last = pieces.at(-1);
      if (last !== undefined && last.fileOffset + last.length === fileOffset) last.length += part;
      else pieces.push({ fileOffset, start: at, length: part });
      at += part;
    }
    return pieces;
  }

  async #finishDifferencing(signal: AbortSignal): Promise<void> {
    this.#storeZeroParts();
    const perBlock = this.metadata.blockSize / this.metadata.logicalSectorSize;
    const partial = new Set<number>();
    for (const block of this.#places.placed()) {
      if (this.#progress.written.covers(block * perBlock, this.#endOfBlock(block))) continue;
      this.#places.setPartial(block);
      partial.add(Math.floor(block / chunkRatio(this.metadata)));
    }
    for (const chunk of partial) await this.#writeBitmap(chunk, signal);
  }

  /** Returns the sector behind the block's last sector on the disk. */
  #endOfBlock(block: number): number {
    const { blockSize, virtualSize, logicalSectorSize } = this.metadata;
    return Math.min((block + 1) * blockSize, virtualSize) / logicalSectorSize;
  }

  /** Converts zero parts of blocks that are not all zero to present sectors: gaps of the file. */
  #storeZeroParts(): void {
    const perBlock = this.metadata.blockSize / this.metadata.logicalSectorSize;
    for (const chunk of this.#progress.zeroed.chunks) {
      const base = chunk * SECTORS_PER_CHUNK;
      for (const run of this.#progress.zeroed.runs(base, base + SECTORS_PER_CHUNK)) {
        for (let at = run.start; at < run.end;) {
          const block = Math.floor(at / perBlock);
          const end = Math.min(run.end, this.#endOfBlock(block));
          if (at !== block * perBlock || end !== this.#endOfBlock(block)) {
            this.#places.place(block);
            this.#progress.written.add(at, end);
          }
          at = end;
        }
      }
    }
  }

  async #writeBitmap(chunk: number, signal: AbortSignal): Promise<void> {
    const bitmap = new Uint8Array(MIB);
    const base = chunk * SECTORS_PER_CHUNK;
    for (const run of this.#progress.written.runs(base, base + SECTORS_PER_CHUNK)) {
      setBits(bitmap, run.start - base, run.end - base);
    }
    await this.#writeTable(this.#places.placeBitmap(chunk), bitmap, signal);
  }

  async #writeTables(signal: AbortSignal): Promise<void> {
    const { bat, metadata } = this.#regions;
    for (let at = 0; at < bat.length; at += MIB) {
      const piece = new Uint8Array(MIB);
      this.#places.fill(at, piece, this.#progress.zeroed);
      await this.#writeTable(bat.offset + at, piece, signal);
    }
    const region = new Uint8Array(metadata.length);
    region.set(encodeMetadataRegion(this.#items, metadata.length));
    await this.#writeTable(metadata.offset, region, signal);
    const head = encodeImageHead(this.#creator, this.dataWriteGuid, this.#regions);
    await this.#parts.write(0, head, signal);
  }

  /**
   * Writes the pages of a table that are not zero. All others, the log, and the unwritten parts of
   * blocks are gaps, which read as zeros: otherwise the tables of a large disk with few changes
   * would cost more than the changes.
   */
  async #writeTable(offset: number, table: Uint8Array, signal: AbortSignal): Promise<void> {
    for (const { start, end, zero } of zeroRuns(table, PAGE)) {
      if (!zero) await this.#parts.write(offset + start, table.subarray(start, end), signal);
    }
  }
}
