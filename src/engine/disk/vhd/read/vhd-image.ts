import type { Guid } from '../../../base/guid.ts';
import type { Range } from '../../../base/range.ts';
import type { BorrowedFile, ByteSource } from '../../../source/byte-source.ts';
import { LoadBudget } from '../../../source/load-budget.ts';
import type { DiskImage, LayerExtent, LostExtent, ParentLink } from '../../image/image.ts';
import { throwFirst } from '../../inspect/defect.ts';
import type { VhdSubformat } from '../structures/footer.ts';
import { SECTOR } from '../structures/layout.ts';
import { vhdError } from '../structures/vhd-errors.ts';
import { BatPages } from './bat-pages.ts';
import { BlockExtents } from './block-extents.ts';
import { errorInVhd } from './error-in-vhd.ts';
import { FixedExtents } from './fixed-extents.ts';
import type { Layer } from './layer.ts';
import { parentLink } from './parent-link.ts';
import { batPlaceOf, readParts, type VhdParts } from './vhd-parts.ts';

/** Memory for the tables of an image that is not part of a chain. */
const OWN_BUDGET = 32 * 2 ** 20;

/** One opened VHD file, read-only: fixed, dynamic or differencing, without its parent. */
export class VhdImage implements DiskImage {
  readonly format = 'vhd';
  readonly logicalSectorSize = SECTOR;
  readonly size: number;
  readonly subformat: VhdSubformat;
  readonly parent: ParentLink | undefined;
  readonly identity: Guid;
  readonly blockSize: number | undefined;
  /** Undefined for a fixed disk. */
  readonly bat: BatPages | undefined;
  readonly #source: ByteSource;
  readonly #layer: Layer;

  private constructor(parts: CompleteParts, budget: LoadBudget) {
    const { source, footer, subformat, size, header, headerBytes, dataEnd, locators } = parts;
    this.#source = source;
    this.size = size.size;
    this.subformat = subformat;
    this.identity = footer.uniqueId;
    if (header === undefined || headerBytes === undefined) {
      this.#layer = new FixedExtents(source, this.size, dataEnd);
      return;
    }
    const { blockSize } = header;
    const place = batPlaceOf(header, headerBytes.offset, this.size, dataEnd);
    this.blockSize = blockSize;
    this.bat = new BatPages(source, place, budget);
    const differencing = subformat === 'differencing';
    this.#layer = new BlockExtents(source, this.bat, blockSize, differencing, budget);
    if (differencing) this.parent = parentLink(source.name, header, locators);
  }

  /** Returns the image of parts that were read; undefined if its blocks cannot be looked up. */
  static of(
    parts: VhdParts,
    budget: LoadBudget = new LoadBudget(OWN_BUDGET),
  ): VhdImage | undefined {
    return isComplete(parts) ? new VhdImage(parts, budget) : undefined;
  }

  /**
   * Opens and validates an image. `source` is closed with the image, and on failure. Throws `vhd.*`.
   */
  static async open(
    source: ByteSource,
    options: { readonly budget?: LoadBudget },
    signal: AbortSignal,
  ): Promise<VhdImage> {
    try {
      const parts = await readParts(source, signal);
      throwFirst(vhdError, parts.defects);
      const image = VhdImage.of(parts, options.budget);
      if (image !== undefined) return image;
      throw vhdError('vhd.footer.none', 'the file has no valid footer', { data: { offset: 0 } });
    } catch (error) {
      await source.close();
      throw errorInVhd(error, source.name);
    }
  }

  get name(): string {
    return this.#source.name;
  }

  get fileSize(): number {
    return this.#source.size;
  }

  get diskId(): Guid {
    return this.identity;
  }

  async extentsOf(within: Range, signal: AbortSignal): Promise<readonly LayerExtent[]> {
    const extents: LayerExtent[] = [];
    const range = { start: within.start, end: Math.min(within.end, this.size) };
    if (range.start >= range.end) return extents;
    for await (const batch of this.extentsIn([range], signal)) extents.push(...batch);
    return extents;
  }

  async *extentsIn(
    ranges: readonly Range[],
    signal: AbortSignal,
  ): AsyncGenerator<readonly LayerExtent[]> {
    for await (const batch of this.surveyedIn(ranges, signal)) {
      const readable: LayerExtent[] = [];
      for (const extent of batch) {
        if (extent.kind === 'lost') throw extent.error;
        readable.push(extent);
      }
      yield readable;
    }
  }

  async *surveyedIn(
    ranges: readonly Range[],
    signal: AbortSignal,
  ): AsyncGenerator<readonly (LayerExtent | LostExtent)[]> {
    for await (const batch of this.#layer.extents(ranges, signal)) {
      yield batch.map((extent) =>
        extent.kind === 'lost' ? { ...extent, error: errorInVhd(extent.error, this.name) } : extent,
      );
    }
  }

  readData(_start: number, offset: number, into: Uint8Array, signal: AbortSignal): Promise<void> {
    return this.#source.read(offset, into, signal);
  }

  borrow(): BorrowedFile | undefined {
    return this.#source.borrow?.();
  }

  async close(): Promise<void> {
    await this.#source.close();
  }
}

type CompleteParts = VhdParts & {
  readonly [K in 'footer' | 'subformat' | 'size']-?: NonNullable<VhdParts[K]>;
};

function isComplete(parts: VhdParts): parts is CompleteParts {
  const { footers, subformat, size, header } = parts;
  const known = footers.used !== undefined && subformat !== undefined && size !== undefined;
  return known && (subformat === 'fixed' || header !== undefined);
}
