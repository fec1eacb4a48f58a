import { forEachInFlight } from '../../base/in-flight.ts';
import type { Range } from '../../base/range.ts';
import type { DiskImage, LayerExtent } from '../image/image.ts';
import type { BorrowedFile } from '../../source/byte-source.ts';
import { chainWindows, strictly, type ChainPiece } from './chain-pieces.ts';
import { diskError } from '../virtual/disk-errors.ts';
import { ExtentMerger } from '../virtual/extent-merger.ts';
import type { Extent, LocatedRange, VirtualDisk } from '../virtual/virtual-disk.ts';

/** Deeper chains are rejected, as Microsoft's own reader does. */
export const MAX_CHAIN_DEPTH = 256;

/** Memory for the tables of all layers together, in bytes. */
export const CHAIN_CACHE_BYTES = 16 * 2 ** 20;

/** Maximum number of concurrent reads of one call. */
const READS_IN_FLIGHT = 8;
/** The same for a range that was located: its reader knows of the requests and bounds them. */
const LOCATED_READS_IN_FLIGHT = 64;

/** A piece of a read that one layer serves. */
interface Piece extends Range {
  /** Layer that holds the data; -1 for zeros. */
  readonly depth: number;
  /** Offset in that layer's file, or -1: as in LayerExtent. */
  readonly offset: number;
}

/** Data of a chain: its place in the file of a layer, whose number is its depth. */
export interface DataPlace {
  readonly start: number;
  readonly length: number;
  readonly file: number;
  /** -1 if it is compressed there. */
  readonly offset: number;
}

/**
 * A chain of images, the child first, as the one disk that a guest sees; a raw image is a chain of
 * one. Every child must accept its parent's identity: a parent that was written to since is
 * rejected, since its changed sectors would show through. Sizes may differ; beyond a parent's end
 * there are zeros.
 */
export class ChainDisk implements VirtualDisk {
  readonly layers: readonly DiskImage[];

  /**
   * The last layer's parent is missing: extents report its ranges as holes, and reads of them
   * throw.
   */
  readonly parentMissing: boolean;

  /**
   * Checks identities; the layers are closed with the disk. Throws `disk.parent.mismatch`,
   * `disk.chain.*`.
   * @param parentMissing accepts the upper part of a chain, to inspect its layers.
   */
  constructor(layers: readonly DiskImage[], parentMissing = false) {
    checkChain(layers, parentMissing);
    this.layers = layers;
    this.parentMissing = parentMissing;
  }

  get name(): string {
    return this.#top.name;
  }

  get size(): number {
    return this.#top.size;
  }

  get logicalSectorSize(): number {
    return this.#top.logicalSectorSize;
  }

  get #top(): DiskImage {
    return this.layers[0] as DiskImage;
  }

  async *extents(within: Range, signal: AbortSignal): AsyncGenerator<Extent> {
    const merger = new ExtentMerger();
    for await (const extents of this.extentBatches(within, signal)) {
      for (const extent of extents) {
        const done = merger.add(extent);
        if (done !== undefined) yield done;
      }
    }
    const last = merger.end();
    if (last !== undefined) yield last;
  }

  /** Yields the same extents in batches, not merged. */
  async *extentBatches(within: Range, signal: AbortSignal): AsyncGenerator<readonly Extent[]> {
    const clipped = { start: within.start, end: Math.min(within.end, this.size) };
    for await (const pieces of chainWindows(this.layers, clipped, { read: strictly }, signal)) {
      yield pieces.map(toExtent);
    }
  }

  async read(offset: number, into: Uint8Array, signal: AbortSignal): Promise<void> {
    const pieces = await this.#locate(offset, into.length, signal);
    await this.#fill(pieces, offset, into, READS_IN_FLIGHT, signal);
  }

  /** Returns the places of the data of a short range; everything between them is zeros. */
  async places({ start, end }: Range, signal: AbortSignal): Promise<readonly DataPlace[]> {
    const places: DataPlace[] = [];
    for (const piece of await this.#locate(start, end - start, signal)) {
      const { depth, offset } = piece;
      if (depth < 0) continue;
      places.push({ start: piece.start, length: piece.end - piece.start, file: depth, offset });
    }
    return places;
  }

  async locate(offset: number, length: number, signal: AbortSignal): Promise<LocatedRange> {
    const pieces = await this.#locate(offset, length, signal);
    const data = pieces.reduce((count, { depth }) => count + (depth < 0 ? 0 : 1), 0);
    const requests = Math.min(data, LOCATED_READS_IN_FLIGHT);
    return {
      requests,
      read: (into, readSignal) =>
        this.#fill(pieces, offset, into, Math.max(requests, 1), readSignal),
    };
  }

  borrowFiles(): readonly BorrowedFile[] | undefined {
    // Reads of what a missing parent holds must fail.
    if (this.parentMissing) return undefined;
    const files: BorrowedFile[] = [];
    for (const layer of this.layers) {
      const file = layer.borrow?.();
      if (file === undefined) {
        for (const each of files) each.release();
        return undefined;
      }
      files.push(file);
    }
    return files;
  }

  async close(): Promise<void> {
    for (const layer of this.layers) await layer.close();
  }

  async #locate(offset: number, length: number, signal: AbortSignal): Promise<Piece[]> {
    if (!Number.isSafeInteger(offset) || offset < 0 || offset + length > this.size) {
      throw diskError(
        'disk.range',
        `Cannot read ${length} bytes at ${offset} of ${this.name}: the disk has ${this.size} bytes`,
        { data: { offset, length, size: this.size } },
      );
    }
    const pieces: Piece[] = [];
    await this.#resolve(0, { start: offset, end: offset + length }, pieces, signal);
    return pieces;
  }

  /** Fills `into`, which begins at `offset` of the disk, with at most `limit` reads in flight. */
  async #fill(
    pieces: readonly Piece[],
    offset: number,
    into: Uint8Array,
    limit: number,
    signal: AbortSignal,
  ): Promise<void> {
    const fill = async (piece: Piece): Promise<void> => {
      const part = into.subarray(piece.start - offset, piece.end - offset);
      if (piece.depth < 0) part.fill(0);
      else {
        const layer = this.layers[piece.depth] as DiskImage;
        await layer.readData(piece.start, piece.offset, part, signal);
      }
    };
    const [only] = pieces;
    if (pieces.length === 1 && only !== undefined) await fill(only);
    else await forEachInFlight(pieces, limit, fill, signal);
  }

  #isLost(depth: number): boolean {
    return this.parentMissing && depth === this.layers.length;
  }

  /** Determines the layer that serves each byte of `range`. */
  async #resolve(depth: number, range: Range, out: Piece[], signal: AbortSignal): Promise<void> {
    const layer = this.layers[depth];
    const end = layer === undefined ? range.start : Math.min(range.end, layer.size);
    if (layer !== undefined && range.start < end) {
      for (const extent of await layer.extentsOf({ start: range.start, end }, signal)) {
        if (extent.kind === 'transparent' && this.#isLost(depth + 1)) {
          throw diskError(
            'disk.parent.missing',
            `${extent.end - extent.start} bytes at ${extent.start} of ${this.name} are in a missing parent`,
            { data: { child: layer.name, offset: extent.start } },
          );
        } else if (extent.kind === 'transparent')
          await this.#resolve(depth + 1, extent, out, signal);
        else out.push(toPiece(extent, depth));
      }
    }
    const rest = Math.max(range.start, end);
    if (rest < range.end) out.push({ start: rest, end: range.end, depth: -1, offset: -1 });
  }
}

function toExtent(piece: ChainPiece): Extent {
  if (piece.kind === 'lost') throw piece.error;
  const { start, end, kind, depth } = piece;
  const length = end - start;
  return kind === 'data' && piece.offset >= 0
    ? { start, length, kind, depth, offset: piece.offset }
    : { start, length, kind, depth };
}

function toPiece(extent: LayerExtent, depth: number): Piece {
  const { start, end, kind, offset } = extent;
  return { start, end, depth: kind === 'data' ? depth : -1, offset };
}

function checkChain(layers: readonly DiskImage[], parentMissing: boolean): void {
  if (layers.length === 0 || layers.length > MAX_CHAIN_DEPTH) {
    throw diskError(
      'disk.chain.depth',
      `the chain has ${layers.length} images; expected 1 to ${MAX_CHAIN_DEPTH}`,
      { data: { found: layers.length, expected: MAX_CHAIN_DEPTH } },
    );
  }
  for (const [i, child] of layers.entries()) {
    if (parentMissing && i === layers.length - 1) continue;
    checkLink(child, layers[i + 1]);
  }
}

function checkLink(child: DiskImage, parent: DiskImage | undefined): void {
  const link = child.parent;
  if (link === undefined && parent === undefined) return;
  if (link === undefined || parent === undefined) {
    throw diskError(
      'disk.parent.missing',
      link === undefined
        ? `${child.name} has no parent, but ${parent?.name} was given as its parent`
        : `${child.name} is a differencing image; its parent was not given`,
      { data: { child: child.name } },
    );
  }
  const problem = link.mismatch(parent);
  if (problem !== undefined) throw problem;
  checkSectors(child, parent);
}

/** Throws `disk.chain.sectors` unless both have the same logical sector size. */
export function checkSectors(child: DiskImage, parent: DiskImage): void {
  const [a, b] = [child.logicalSectorSize, parent.logicalSectorSize];
  if (a === b) return;
  throw diskError(
    'disk.chain.sectors',
    `${child.name} has sectors of ${a} bytes, but its parent ${parent.name} has sectors of ${b} bytes`,
    { data: { child: a, parent: b } },
  );
}
