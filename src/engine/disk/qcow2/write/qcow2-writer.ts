import { splitAt } from '../../../base/range.ts';
import type { PartWriter } from '../../../source/byte-source.ts';
import type { ImageWriter, NewDisk, WrittenImage } from '../../image/image-writer.ts';
import { WriterProgress, type WriterError } from '../../image/writer-progress.ts';
import { diskError } from '../../virtual/disk-errors.ts';
import { SECTOR, type Geometry } from '../structures/layout.ts';
import { qcow2Error } from '../structures/qcow2-errors.ts';
import { settleSubclusters } from './differencing.ts';
import { L2Tables, type EncodedTable } from './l2-tables.ts';
import { encodeHead, newBacking, type NewBacking } from './new-head.ts';
import { newGeometry } from './new-geometry.ts';
import { writeTailTables } from './tail-tables.ts';

/**
 * Writes a new qcow2 image of version 3 in one pass over a PartWriter: clusters as they are first
 * touched, L2 tables as soon as they are full, the rest at the end and the header last, so that an
 * incomplete file is not an image. A differencing image has extended L2 entries whose subclusters
 * are sectors.
 *
 * Memory: eight bytes per run of sectors and per touched cluster of a table that is not full.
 * `write` does not copy. After a failed write only `abandon` is allowed.
 */
export class Qcow2Writer implements ImageWriter {
  readonly geometry: Geometry;
  readonly #parts: PartWriter;
  readonly #backing: NewBacking;
  readonly #differencing: boolean;
  readonly #progress: WriterProgress;
  readonly #tables: L2Tables;
  /** File offsets of the L2 tables that were written, by index. */
  readonly #placed = new Map<number, number>();
  #end: number;

  /** Writes nothing yet. Throws `disk.write.argument` for an image that cannot exist. */
  constructor(parts: PartWriter, disk: NewDisk) {
    this.geometry = newGeometry(disk);
    this.#parts = parts;
    this.#backing = newBacking(disk.parent, this.geometry.clusterSize);
    this.#differencing = disk.parent !== undefined;
    this.#tables = new L2Tables(this.geometry);
    this.#end = this.geometry.clusterSize;
    const { size } = this.geometry;
    this.#progress = new WriterProgress({ sector: SECTOR, size }, writerError);
  }

  /** Throws `qcow2.write.twice` if a sector is written again. */
  async write(offset: number, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    await this.#progress.write(offset, bytes.length, async () => {
      for (const piece of this.#pieces(offset, bytes.length)) {
        const part = bytes.subarray(piece.start, piece.start + piece.length);
        await this.#parts.write(piece.fileOffset, part, signal);
      }
      await this.#writeFullTables(offset, bytes.length, signal);
    });
  }

  zero(start: number, length: number): void {
    if (this.#differencing) this.#progress.claim(this.#progress.zeroed, start, length);
    else this.#progress.check(start, length);
  }

  async complete(signal: AbortSignal): Promise<WrittenImage> {
    const fileSize = await this.#progress.complete(() => this.#complete(signal));
    return {
      fileSize,
      payloadBytes: this.#progress.payloadBytes,
      identity: undefined,
      blockSize: this.geometry.clusterSize,
    };
  }

  /** Writes all that is missing. Returns the size of the file. */
  async #complete(signal: AbortSignal): Promise<number> {
    if (this.#differencing) {
      settleSubclusters(this.#tables, this.geometry, this.#progress.written, this.#progress.zeroed);
    }
    for (const table of this.#tables.takeAll()) await this.#writeTable(table, signal);
    const { geometry: g } = this;
    const tail = await writeTailTables(this.#parts, g, this.#placed, this.#end, signal);
    await this.#parts.write(0, encodeHead(g, tail.places, this.#backing), signal);
    await this.#parts.complete(tail.fileSize, signal);
    return tail.fileSize;
  }

  async abandon(): Promise<void> {
    await this.#progress.abandon(this.#parts);
  }

  /** Returns the file locations of a range; clusters that are contiguous in the file are merged. */
  #pieces(offset: number, length: number): { fileOffset: number; start: number; length: number }[] {
    const { clusterSize } = this.geometry;
    const pieces: { fileOffset: number; start: number; length: number }[] = [];
    for (const { start, end } of splitAt({ start: offset, end: offset + length }, clusterSize)) {
      const cluster = Math.floor(start / clusterSize);
      const fileOffset = this.#place(cluster) + (start % clusterSize);
      const last = pieces.at(-1);
      if (last !== undefined && last.fileOffset + last.length === fileOffset) {
        last.length += end - start;
      } else {
        pieces.push({ fileOffset, start: start - offset, length: end - start });
      }
    }
    return pieces;
  }

  #place(cluster: number): number {
    const known = this.#tables.offset(cluster);
    if (known !== 0) return known;
    const offset = this.#end;
    this.#end += this.geometry.clusterSize;
    this.#tables.allocate(cluster, offset);
    return offset;
  }

  /**
   * Writes the L2 tables of a range whose part of the disk is written as a whole: they do not change
   * any more.
   */
  async #writeFullTables(offset: number, length: number, signal: AbortSignal): Promise<void> {
    const { tableSpan, clusterSize, size } = this.geometry;
    for (const { start } of splitAt({ start: offset, end: offset + length }, tableSpan)) {
      const from = start - (start % tableSpan);
      const to = from + tableSpan;
      if (to > size || !this.#progress.written.covers(from / SECTOR, to / SECTOR)) continue;
      const table = this.#tables.takeFull(from / clusterSize);
      if (table !== undefined) await this.#writeTable(table, signal);
    }
  }

  async #writeTable({ index, bytes }: EncodedTable, signal: AbortSignal): Promise<void> {
    const offset = this.#end;
    this.#end += this.geometry.clusterSize;
    this.#placed.set(index, offset);
    await this.#parts.write(offset, bytes, signal);
  }
}

const writerError: WriterError = (kind, message, details) =>
  kind === 'argument'
    ? diskError('disk.write.argument', message, details)
    : qcow2Error(`qcow2.write.${kind}`, message, details);
