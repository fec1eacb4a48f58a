import { isEngineError } from '../../../base/errors.ts';
import type { Range } from '../../../base/range.ts';
import type { ByteSource } from '../../../source/byte-source.ts';
import type { LoadBudget } from '../../../source/load-budget.ts';
import { SharedLoads } from '../../../source/shared-loads.ts';
import type { LayerExtent, LostExtent } from '../../image/image.ts';
import { bitmapBytes, SECTOR } from '../structures/layout.ts';
import { bitRuns } from '../structures/sector-bitmap.ts';
import type { BatPages } from './bat-pages.ts';
import { walkBlocks, type BlockPart } from './block-walk.ts';
import { append, type Layer } from './layer.ts';

/** Maximum number of extents in a batch: bitmaps can split each block into thousands. */
const MAX_BATCH = 8192;

/**
 * Blocks of a dynamic or differencing VHD. Windows and qemu ignore the sector bitmaps of dynamic
 * disks, whose unwritten sectors are zero in the file; so does this.
 */
export class BlockExtents implements Layer {
  readonly #source: ByteSource;
  readonly #bat: BatPages;
  readonly #blockSize: number;
  readonly #bitmap: number;
  /** Sector bitmaps by block; undefined for a dynamic disk. */
  readonly #bitmaps: SharedLoads | undefined;

  constructor(
    source: ByteSource,
    bat: BatPages,
    blockSize: number,
    differencing: boolean,
    budget: LoadBudget,
  ) {
    this.#source = source;
    this.#bat = bat;
    this.#blockSize = blockSize;
    this.#bitmap = bitmapBytes(blockSize);
    this.#bitmaps = differencing ? new SharedLoads(budget, this.#bitmap) : undefined;
  }

  async *extents(
    ranges: readonly Range[],
    signal: AbortSignal,
  ): AsyncGenerator<readonly (LayerExtent | LostExtent)[]> {
    let batch: (LayerExtent | LostExtent)[] = [];
    for await (const parts of walkBlocks(this.#bat, this.#blockSize, ranges, signal)) {
      // All bitmaps of these parts are requested at once; a failure shows where it is used.
      if (this.#bitmaps !== undefined) {
        for (const part of parts) this.#bitmapOf(part, signal)?.catch(() => undefined);
      }
      for (const part of parts) {
        await this.#append(part, batch, signal);
        if (batch.length < MAX_BATCH) continue;
        yield batch;
        batch = [];
      }
    }
    if (batch.length > 0) yield batch;
  }

  async #append(
    part: BlockPart,
    out: (LayerExtent | LostExtent)[],
    signal: AbortSignal,
  ): Promise<void> {
    const { start, end, block, at, error } = part;
    if (error !== undefined) {
      out.push({ start, end, kind: 'lost', error });
      return;
    }
    if (at === undefined) {
      append(out, { start, end, kind: 'transparent', offset: -1 });
      return;
    }
    const blockStart = block * this.#blockSize;
    const data = at + this.#bitmap - blockStart;
    const bits = await this.#tried(part, out, signal);
    if (bits === 'lost') return;
    if (bits === undefined) {
      append(out, { start, end, kind: 'data', offset: data + start });
      return;
    }
    const first = Math.floor((start - blockStart) / SECTOR);
    const last = Math.ceil((end - blockStart) / SECTOR);
    for (const run of bitRuns(bits, first, last)) {
      const from = Math.max(start, blockStart + run.start * SECTOR);
      const to = Math.min(end, blockStart + run.end * SECTOR);
      append(
        out,
        run.present
          ? { start: from, end: to, kind: 'data', offset: data + from }
          : { start: from, end: to, kind: 'transparent', offset: -1 },
      );
    }
  }

  /** Returns a block's bitmap, undefined in a dynamic disk, 'lost' if it cannot be read. */
  async #tried(
    part: BlockPart,
    out: (LayerExtent | LostExtent)[],
    signal: AbortSignal,
  ): Promise<Uint8Array | undefined | 'lost'> {
    try {
      return await this.#bitmapOf(part, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!isEngineError(error)) throw error;
      out.push({ start: part.start, end: part.end, kind: 'lost', error });
      return 'lost';
    }
  }

  #bitmapOf({ block, at }: BlockPart, signal: AbortSignal): Promise<Uint8Array> | undefined {
    if (at === undefined) return undefined;
    return this.#bitmaps?.get(block, () => this.#loadBitmap(at, signal), signal);
  }

  async #loadBitmap(at: number, signal: AbortSignal): Promise<Uint8Array> {
    const bytes = new Uint8Array(this.#bitmap);
    await this.#source.read(at, bytes, signal);
    return bytes;
  }
}
