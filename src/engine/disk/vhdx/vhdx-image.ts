import { isEngineError, type EngineError } from '../../base/errors.ts';
import type { Range } from '../../base/range.ts';
import type { ByteSource } from '../../source/byte-source.ts';
import { SharedLoads } from '../../source/shared-loads.ts';
import { type BatEntry, FULLY_PRESENT, NOT_PRESENT, PARTIALLY_PRESENT } from './bat-entry.ts';
import type { BatReader, BlockRun, LostRun } from './bat-reader.ts';
import { errorInFile } from './error-in-file.ts';
import type { FileIdentifier } from './file-identifier.ts';
import type { VhdxHeader } from './header.ts';
import { readParts, type ImageParts, type OpenImageOptions } from './image-parts.ts';
import { bitmapBytesPerBlock, chunkRatio } from './layout.ts';
import { subformat, type VhdxMetadata, type VhdxSubformat } from './metadata-items.ts';
import { bitRuns } from './sector-bitmap.ts';

/** What one layer alone says about a part of the disk; `transparent` is the parent's, or nothing's. */
export interface LayerExtent {
  readonly start: number;
  readonly end: number;
  readonly kind: 'data' | 'zero' | 'transparent';
  /** Where the data lies in this layer's file; -1 for the other kinds. */
  readonly offset: number;
}

/** A part of the disk of which this layer cannot say what it holds. */
export interface LostExtent {
  readonly start: number;
  readonly end: number;
  readonly kind: 'lost';
  readonly error: EngineError;
}

/** Sector bitmaps kept: each describes one block (512 bytes for 2 MiB blocks, 64 KiB for 256 MiB). */
const MAX_BITMAP_BYTES = 2 * 2 ** 20;
/** Extents given out at once: bitmaps can split each block into thousands. */
const MAX_BATCH = 8192;

/**
 * One opened VHDX file (MS-VHDX), read-only: fixed, dynamic or differencing, without its parent. A dirty log is
 * replayed in memory. Nothing but the headers and the log is read before that.
 */
export class VhdxImage {
  readonly identifier: FileIdentifier;
  readonly header: VhdxHeader;
  readonly metadata: VhdxMetadata;
  readonly log: 'clean' | 'dirty';
  readonly fileSize: number;
  readonly #source: ByteSource;
  readonly #bat: BatReader;
  readonly #bitmaps: SharedLoads;

  /** Takes parts that were read and checked; {@link VhdxImage.open} does both. */
  constructor(opened: ImageParts) {
    this.#source = opened.source;
    this.#bat = opened.bat;
    this.identifier = opened.identifier;
    this.header = opened.header;
    this.metadata = opened.metadata;
    this.log = opened.log;
    this.fileSize = opened.fileSize;
    this.#bitmaps = new SharedLoads(MAX_BITMAP_BYTES / bitmapBytesPerBlock(this.metadata));
  }

  /** Opens and validates; `source` is closed with the image, and when opening fails. Throws `vhdx.*`. */
  static async open(
    source: ByteSource,
    signal: AbortSignal,
    options: OpenImageOptions = {},
  ): Promise<VhdxImage> {
    try {
      return new VhdxImage(await readParts(source, options, signal));
    } catch (error) {
      await source.close();
      throw errorInFile(error, source.name);
    }
  }

  get name(): string {
    return this.#source.name;
  }

  /** Virtual size in bytes. */
  get size(): number {
    return this.metadata.virtualSize;
  }

  get subformat(): VhdxSubformat {
    return subformat(this.metadata);
  }

  /** Runs of blocks by state, for counts and pictures. */
  async *blockRuns(
    first: number,
    end: number,
    signal: AbortSignal,
  ): AsyncGenerator<readonly BlockRun[]> {
    try {
      yield* this.#bat.runs(first, end, signal);
    } catch (error) {
      throw errorInFile(error, this.name);
    }
  }

  /** Ordered, gapless extents of this layer in batches; adjacent equal ones are merged within a batch. */
  async *layerExtents(within: Range, signal: AbortSignal): AsyncGenerator<LayerExtent[]> {
    const { blockSize } = this.metadata;
    const first = Math.floor(within.start / blockSize);
    const end = Math.ceil(Math.min(within.end, this.size) / blockSize);
    for await (const runs of this.blockRuns(first, end, signal)) {
      let batch: LayerExtent[] = [];
      for (const run of runs) {
        await this.#runExtents(run, within, batch, signal);
        if (batch.length < MAX_BATCH) continue;
        yield batch;
        batch = [];
      }
      if (batch.length > 0) yield batch;
    }
  }

  /** As {@link layerExtents}, with what cannot be read as lost parts instead of an error. Blocks are lost as a whole. */
  async *surveyedExtents(
    within: Range,
    signal: AbortSignal,
  ): AsyncGenerator<(LayerExtent | LostExtent)[]> {
    const { blockSize } = this.metadata;
    const first = Math.floor(within.start / blockSize);
    const end = Math.ceil(Math.min(within.end, this.size) / blockSize);
    for await (const runs of this.surveyedRuns(first, end, signal)) {
      const batch: (LayerExtent | LostExtent)[] = [];
      for (const run of runs) {
        const extents: LayerExtent[] = [];
        const error = 'error' in run ? run.error : await this.#tried(run, within, extents, signal);
        if (error === undefined) batch.push(...extents);
        else {
          const start = Math.max(run.first * blockSize, within.start);
          const stop = Math.min(run.end * blockSize, within.end, this.size);
          batch.push({ start, end: stop, kind: 'lost', error });
        }
      }
      yield batch;
    }
  }

  /** Runs of blocks by state, with those whose BAT entry is wrong or missing as lost runs. */
  surveyedRuns(
    first: number,
    end: number,
    signal: AbortSignal,
  ): AsyncGenerator<readonly (BlockRun | LostRun)[]> {
    return this.#bat.survey(first, end, signal);
  }

  /** The extents of a short range (a few blocks), through the cache. */
  async extentsOf(within: Range, signal: AbortSignal): Promise<LayerExtent[]> {
    const { blockSize } = this.metadata;
    const out: LayerExtent[] = [];
    const end = Math.ceil(Math.min(within.end, this.size) / blockSize);
    for (let block = Math.floor(within.start / blockSize); block < end; block++) {
      const entry = await this.#entryOf(block, signal);
      await this.#runExtents({ first: block, end: block + 1, entry }, within, out, signal);
    }
    return out;
  }

  /** Reads from the file at a file offset that an extent gave. */
  readFile(offset: number, into: Uint8Array, signal: AbortSignal): Promise<void> {
    return this.#source.read(offset, into, signal);
  }

  async close(): Promise<void> {
    await this.#source.close();
  }

  async #entryOf(block: number, signal: AbortSignal): Promise<BatEntry> {
    try {
      return await this.#bat.payload(block, signal);
    } catch (error) {
      throw errorInFile(error, this.name);
    }
  }

  /** Appends the extents of a run; returns the error that makes it unreadable. */
  async #tried(
    run: BlockRun,
    within: Range,
    out: LayerExtent[],
    signal: AbortSignal,
  ): Promise<EngineError | undefined> {
    try {
      await this.#runExtents(run, within, out, signal);
      return undefined;
    } catch (error) {
      signal.throwIfAborted();
      if (!isEngineError(error)) throw error;
      return error;
    }
  }

  /** Appends what the run's blocks say of `within`. */
  async #runExtents(
    run: BlockRun,
    within: Range,
    out: LayerExtent[],
    signal: AbortSignal,
  ): Promise<void> {
    const { blockSize } = this.metadata;
    const blockStart = run.first * blockSize;
    const start = Math.max(blockStart, within.start);
    const end = Math.min(run.end * blockSize, within.end, this.size);
    if (start >= end) return;
    const { state, offset } = run.entry;
    if (state === PARTIALLY_PRESENT) {
      await this.#partialExtents(run, { start, end }, out, signal);
    } else if (state === FULLY_PRESENT) {
      append(out, start, end, 'data', offset + start - blockStart);
    } else {
      append(out, start, end, state === NOT_PRESENT ? 'transparent' : 'zero', -1);
    }
  }

  async #partialExtents(
    run: BlockRun,
    part: Range,
    out: LayerExtent[],
    signal: AbortSignal,
  ): Promise<void> {
    const { blockSize, logicalSectorSize: sector } = this.metadata;
    const bits = await this.#bitmapOf(run.first, signal);
    const blockStart = run.first * blockSize;
    const firstBit = Math.floor((part.start - blockStart) / sector);
    const endBit = Math.ceil((part.end - blockStart) / sector);
    for (const { start, end, present } of bitRuns(bits, firstBit, endBit)) {
      const from = Math.max(blockStart + start * sector, part.start);
      const to = Math.min(blockStart + end * sector, part.end);
      const at = present ? run.entry.offset + from - blockStart : -1;
      append(out, from, to, present ? 'data' : 'transparent', at);
    }
  }

  /** The part of the chunk's sector bitmap that describes `block`. */
  #bitmapOf(block: number, signal: AbortSignal): Promise<Uint8Array> {
    const load = (): Promise<Uint8Array> => this.#loadBitmap(block, signal);
    return this.#bitmaps.get(block, load, signal);
  }

  async #loadBitmap(block: number, signal: AbortSignal): Promise<Uint8Array> {
    const bytesEach = bitmapBytesPerBlock(this.metadata);
    const ratio = chunkRatio(this.metadata);
    try {
      const at = await this.#bat.bitmap(Math.floor(block / ratio), signal);
      const bytes = new Uint8Array(bytesEach);
      await this.#source.read(at + (block % ratio) * bytesEach, bytes, signal);
      return bytes;
    } catch (error) {
      throw errorInFile(error, this.name);
    }
  }
}

/** Adds an extent, or lengthens the last one where it goes on. */
function append(
  out: LayerExtent[],
  start: number,
  end: number,
  kind: LayerExtent['kind'],
  offset: number,
): void {
  const last = out.at(-1);
  const follows = last !== undefined && last.kind === kind && last.end === start;
  if (follows && (kind !== 'data' || last.offset + last.end - last.start === offset)) {
    out[out.length - 1] = { start: last.start, end, kind, offset: last.offset };
  } else {
    out.push({ start, end, kind, offset });
  }
}
