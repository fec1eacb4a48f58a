import { isEngineError, type EngineError } from '../../../base/errors.ts';
import type { Guid } from '../../../base/guid.ts';
import type { Range } from '../../../base/range.ts';
import type { BorrowedFile, ByteSource } from '../../../source/byte-source.ts';
import type { UserItem } from '../../image/image-writer.ts';
import type { OpenImageOptions } from '../../image/disk-format.ts';
import type { DiskImage, LayerExtent, LostExtent, ParentLink } from '../../image/image.ts';
import {
  type BatEntry,
  FULLY_PRESENT,
  NOT_PRESENT,
  PARTIALLY_PRESENT,
} from '../structures/bat-entry.ts';
import type { BatReader, BlockRun, LostRun } from './bat-reader.ts';
import { errorInFile } from '../structures/error-in-file.ts';
import type { FileIdentifier } from '../structures/file-identifier.ts';
import type { VhdxHeader } from '../structures/header.ts';
import { cutAt, partsOf, type RunParts } from './run-parts.ts';
import { headerChanged } from './header-changed.ts';
import { readUserItems } from './user-items.ts';
import { readParts, type ImageParts } from './image-parts.ts';
import {
  subformat,
  type VhdxMetadata,
  type VhdxSubformat,
} from '../structures/metadata/metadata-items.ts';
import { BitmapsAhead, SectorBitmaps } from './sector-bitmaps.ts';
import { bitRuns } from '../structures/sector-bitmap.ts';
import { vhdxParentLink } from './vhdx-parent-link.ts';

/** Maximum number of extents in a batch: bitmaps can split each block into thousands. */
const MAX_BATCH = 8192;

/**
 * One opened VHDX file (MS-VHDX), read-only: fixed, dynamic or differencing, without its parent. A
 * dirty log is replayed in memory; only the headers and the log are read before that.
 */
export class VhdxImage implements DiskImage {
  readonly format = 'vhdx';
  readonly identifier: FileIdentifier;
  readonly header: VhdxHeader;
  readonly metadata: VhdxMetadata;
  readonly log: 'clean' | 'dirty';
  readonly fileSize: number;
  readonly parent: ParentLink | undefined;
  readonly #source: ByteSource;
  readonly #bat: BatReader;
  readonly #bitmaps: SectorBitmaps;

  /** Takes parts that were read and checked; {@link VhdxImage.open} does both. */
  constructor(opened: ImageParts) {
    this.#source = opened.source;
    this.#bat = opened.bat;
    this.identifier = opened.identifier;
    this.header = opened.header;
    this.metadata = opened.metadata;
    this.log = opened.log;
    this.fileSize = opened.fileSize;
    const { parent } = this.metadata;
    this.parent = parent === undefined ? undefined : vhdxParentLink(this.name, parent);
    this.#bitmaps = new SectorBitmaps(opened);
  }

  /**
   * Opens and validates an image. `source` is closed with the image, and on failure. Throws
   * `vhdx.*`.
   */
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

  get size(): number {
    return this.metadata.virtualSize;
  }

  get logicalSectorSize(): 512 | 4096 {
    return this.metadata.logicalSectorSize;
  }

  get physicalSectorSize(): 512 | 4096 {
    return this.metadata.physicalSectorSize;
  }

  get blockSize(): number {
    return this.metadata.blockSize;
  }

  get diskId(): Guid {
    return this.metadata.diskId;
  }

  /** The DataWriteGuid. */
  get identity(): Guid {
    return this.header.dataWriteGuid;
  }

  get subformat(): VhdxSubformat {
    return subformat(this.metadata);
  }

  /** Yields runs of blocks by state, for counts and pictures. */
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

  /**
   * Yields ordered, gapless extents of this layer in batches; adjacent equal ones are merged within
   * a batch.
   */
  async *layerExtents(within: Range, signal: AbortSignal): AsyncGenerator<LayerExtent[]> {
    const end = Math.min(within.end, this.size);
    if (within.start < end) yield* this.extentsIn([{ start: within.start, end }], signal);
  }

  /**
   * Yields the extents of several ranges inside the disk, which must be ordered and disjoint. Reads
   * the BAT once. Throws at an invalid entry only if its block lies in one of the ranges: a child
   * may hide it.
   * @param own leaves out blocks that are not present.
   */
  async *extentsIn(
    ranges: readonly Range[],
    signal: AbortSignal,
    own = false,
  ): AsyncGenerator<LayerExtent[]> {
    const runs = this.surveyedRuns(...this.#blocksOf(ranges), signal);
    const wanted = own ? isPresent : undefined;
    for await (const parts of partsOf(runs, ranges, this.metadata.blockSize, wanted)) {
      yield* this.#extentsOfParts(parts, signal);
    }
  }

  /**
   * Works as {@link extentsIn}, but yields unreadable parts as lost instead of throwing. Blocks are
   * lost as a whole.
   */
  async *surveyedIn(
    ranges: readonly Range[],
    signal: AbortSignal,
    own = false,
  ): AsyncGenerator<(LayerExtent | LostExtent)[]> {
    const runs = this.surveyedRuns(...this.#blocksOf(ranges), signal);
    const wanted = own ? isPresent : undefined;
    for await (const found of partsOf(runs, ranges, this.metadata.blockSize, wanted)) {
      let batch: (LayerExtent | LostExtent)[] = [];
      const ahead = new BitmapsAhead(found.runs, (block) => this.#bitmaps.begin(block, signal));
      for (let i = 0; i < found.parts.length; i++) {
        const run = found.runs[i] as BlockRun | LostRun;
        const part = found.parts[i] as Range;
        ahead.reach(i);
        // Most runs have nothing to wait for, and there are millions.
        const bits = this.#bitsNow(run);
        if (!('error' in run) && run.entry.state !== PARTIALLY_PRESENT) {
          this.#plainExtents(run, part, batch);
        } else if (!('error' in run) && bits !== undefined) {
          this.#bitmapExtents(run, part, bits, batch);
        } else {
          const error = await this.#triedRun(run, part, batch, signal);
          if (error !== undefined) batch.push({ ...part, kind: 'lost', error });
        }
        if (batch.length < MAX_BATCH) continue;
        yield batch;
        batch = [];
      }
      if (batch.length > 0) yield batch;
    }
  }

  /** Yields runs of blocks by state; blocks with an invalid or missing BAT entry are lost runs. */
  surveyedRuns(
    first: number,
    end: number,
    signal: AbortSignal,
  ): AsyncGenerator<readonly (BlockRun | LostRun)[]> {
    return this.#bat.survey(first, end, signal);
  }

  /** Returns the extents of a short range (a few blocks), through the cache. */
  async extentsOf(within: Range, signal: AbortSignal): Promise<LayerExtent[]> {
    const { blockSize } = this.metadata;
    const out: LayerExtent[] = [];
    const end = Math.ceil(Math.min(within.end, this.size) / blockSize);
    for (let block = Math.floor(within.start / blockSize); block < end; block++) {
      const entry = await this.#entryOf(block, signal);
      await this.#blockExtents({ first: block, end: block + 1, entry }, within, out, signal);
    }
    return out;
  }

  /** Reads from the file at a file offset from an extent. */
  readFile(offset: number, into: Uint8Array, signal: AbortSignal): Promise<void> {
    return this.#source.read(offset, into, signal);
  }

  readData(_start: number, offset: number, into: Uint8Array, signal: AbortSignal): Promise<void> {
    return this.#source.read(offset, into, signal);
  }

  hasChanged(signal: AbortSignal): Promise<boolean> {
    return headerChanged(this.#source, this.header, signal);
  }

  userItems(signal: AbortSignal): Promise<readonly UserItem[]> {
    return readUserItems(this.#source, signal);
  }

  /** Lends the open file; undefined if a replayed log lies over it. */
  borrow(): BorrowedFile | undefined {
    return this.#source.borrow?.();
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

  #blocksOf(ranges: readonly Range[]): [first: number, end: number] {
    const { blockSize } = this.metadata;
    const [from, to] = [ranges[0]?.start ?? 0, ranges.at(-1)?.end ?? 0];
    return [Math.floor(from / blockSize), Math.ceil(to / blockSize)];
  }

  async *#extentsOfParts(
    { runs, parts }: RunParts<BlockRun | LostRun>,
    signal: AbortSignal,
  ): AsyncGenerator<LayerExtent[]> {
    let batch: LayerExtent[] = [];
    for (const run of runs) if ('error' in run) throw run.error;
    const ahead = new BitmapsAhead(runs, (block) => this.#bitmaps.begin(block, signal));
    for (let i = 0; i < parts.length; i++) {
      const run = runs[i] as BlockRun;
      const part = parts[i] as Range;
      ahead.reach(i);
      const bits = this.#bitsNow(run);
      if (bits !== undefined) this.#bitmapExtents(run, part, bits, batch);
      else if (run.entry.state === PARTIALLY_PRESENT) {
        await this.#partialExtents(run, part, batch, signal);
      } else {
        this.#plainExtents(run, part, batch);
      }
      if (batch.length < MAX_BATCH) continue;
      yield batch;
      batch = [];
    }
    if (batch.length > 0) yield batch;
  }

  /** Does the same as {@link #tried} for a run that may be lost; the start of a cut block is not. */
  async #triedRun(
    run: BlockRun | LostRun,
    part: Range,
    out: (LayerExtent | LostExtent)[],
    signal: AbortSignal,
  ): Promise<EngineError | undefined> {
    if (!('error' in run)) return this.#tried(run, part, out, signal);
    const { first, end, error, cut } = run;
    if (cut === undefined) return error;
    const whole: (LayerExtent | LostExtent)[] = [];
    const failed = await this.#tried({ first, end, entry: cut }, part, whole, signal);
    if (failed !== undefined) return failed;
    out.push(...whole.flatMap((extent) => cutAt(extent, this.#source.size, error, this)));
    return undefined;
  }

  /** Appends the extents of a part of a run; returns the error that makes it unreadable. */
  async #tried(
    run: BlockRun,
    part: Range,
    out: (LayerExtent | LostExtent)[],
    signal: AbortSignal,
  ): Promise<EngineError | undefined> {
    const known = out.length;
    const last = out.at(-1);
    try {
      if (run.entry.state === PARTIALLY_PRESENT) await this.#partialExtents(run, part, out, signal);
      else this.#plainExtents(run, part, out);
      return undefined;
    } catch (error) {
      signal.throwIfAborted();
      if (!isEngineError(error)) throw error;
      out.length = known;
      if (last !== undefined) out[known - 1] = last;
      return error;
    }
  }

  /** Appends the extents of one block within `within`. */
  async #blockExtents(
    run: BlockRun,
    within: Range,
    out: LayerExtent[],
    signal: AbortSignal,
  ): Promise<void> {
    const { blockSize } = this.metadata;
    const start = Math.max(run.first * blockSize, within.start);
    const end = Math.min(run.end * blockSize, within.end, this.size);
    if (start >= end) return;
    if (run.entry.state === PARTIALLY_PRESENT) {
      await this.#partialExtents(run, { start, end }, out, signal);
    } else {
      this.#plainExtents(run, { start, end }, out);
    }
  }

  /** Appends a part of blocks that have equal state and are not partial. */
  #plainExtents({ first, entry }: BlockRun, part: Range, out: (LayerExtent | LostExtent)[]): void {
    const { state, offset } = entry;
    const { start, end } = part;
    if (state === FULLY_PRESENT) {
      append(out, start, end, 'data', offset + start - first * this.metadata.blockSize);
    } else if (state === NOT_PRESENT) {
      appendTransparent(out, part);
    } else {
      append(out, start, end, 'zero', -1);
    }
  }

  async #partialExtents(
    run: BlockRun,
    part: Range,
    out: (LayerExtent | LostExtent)[],
    signal: AbortSignal,
  ): Promise<void> {
    const bits = this.#bitmaps.now(run.first) ?? (await this.#bitmaps.of(run.first, signal));
    this.#bitmapExtents(run, part, bits, out);
  }

  /** The sector bitmap of a partial block, if it can be had without waiting. */
  #bitsNow(run: BlockRun | LostRun): Uint8Array | undefined {
    return 'error' in run || run.entry.state !== PARTIALLY_PRESENT
      ? undefined
      : this.#bitmaps.now(run.first);
  }

  /** Appends the extents of a part of a block; `bits` are its sectors. */
  #bitmapExtents(
    run: BlockRun,
    part: Range,
    bits: Uint8Array,
    out: (LayerExtent | LostExtent)[],
  ): void {
    const { blockSize, logicalSectorSize: sector } = this.metadata;
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
}

/** Whether a layer decides about the blocks of a run, or does not know them. */
const isPresent = (run: BlockRun | LostRun): boolean =>
  'error' in run || run.entry.state !== NOT_PRESENT;

/** Adds a part that this layer leaves open; reuses the child's object if it is equal. */
function appendTransparent(out: (LayerExtent | LostExtent)[], part: Range | LayerExtent): void {
  const last = out.at(-1);
  const follows = last?.kind === 'transparent' && last.end === part.start;
  if (!follows && 'kind' in part && part.kind === 'transparent') out.push(part);
  else append(out, part.start, part.end, 'transparent', -1);
}

/** Adds an extent, or extends the last one if they are contiguous. */
function append(
  out: (LayerExtent | LostExtent)[],
  start: number,
  end: number,
  kind: LayerExtent['kind'],
  offset: number,
): void {
  const last = out.at(-1);
  const follows = last?.kind === kind && last.end === start;
  if (follows && (kind !== 'data' || last.offset + last.end - last.start === offset)) {
    out[out.length - 1] = { start: last.start, end, kind, offset: last.offset };
  } else {
    out.push({ start, end, kind, offset });
  }
}
