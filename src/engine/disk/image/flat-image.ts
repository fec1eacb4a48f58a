import type { Range } from '../../base/range.ts';
import { NO_FACTS, type ImageSurvey } from './image-survey.ts';
import type { DiskImage, LayerExtent } from './image.ts';

const SECTOR = 512;
/** Maximum number of extents in a batch. */
const MAX_BATCH = 4096;

/**
 * An image whose bytes are the disk: a raw file, an export. An incomplete last sector is padded with
 * zeros.
 */
export abstract class FlatImage implements DiskImage {
  readonly format: string = 'raw';
  readonly name: string;
  readonly size: number;
  readonly fileSize: number;
  readonly logicalSectorSize: number = SECTOR;
  readonly parent = undefined;
  readonly identity = undefined;
  abstract readonly knowsHoles: boolean;

  constructor({ name, size }: { readonly name: string; readonly size: number }) {
    this.name = name;
    this.fileSize = size;
    this.size = Math.ceil(size / SECTOR) * SECTOR;
  }

  /** Reports data without asking for holes: a short range is cheaper to read. */
  extentsOf(within: Range, signal: AbortSignal): Promise<readonly LayerExtent[]> {
    if (signal.aborted) return Promise.reject(signal.reason as Error);
    const end = Math.min(within.end, this.size);
    const { start } = within;
    return Promise.resolve(start < end ? [{ start, end, kind: 'data', offset: start }] : []);
  }

  async *extentsIn(
    ranges: readonly Range[],
    signal: AbortSignal,
  ): AsyncGenerator<readonly LayerExtent[]> {
    let batch: LayerExtent[] = [];
    for (const range of ranges) {
      for await (const extent of this.partsOf(range, signal)) {
        batch.push(extent);
        if (batch.length < MAX_BATCH) continue;
        yield batch;
        batch = [];
      }
    }
    if (batch.length > 0) yield batch;
  }

  surveyedIn(
    ranges: readonly Range[],
    signal: AbortSignal,
  ): AsyncGenerator<readonly LayerExtent[]> {
    return this.extentsIn(ranges, signal);
  }

  async readData(
    start: number,
    _offset: number,
    into: Uint8Array,
    signal: AbortSignal,
  ): Promise<void> {
    const stored = Math.max(0, Math.min(into.length, this.fileSize - start));
    if (stored > 0) await this.readBytes(start, into.subarray(0, stored), signal);
    into.fill(0, stored);
  }

  /** Returns the survey of an image that has no structure and so no damage. */
  surveyed(allocatedBytes: number | null): ImageSurvey {
    const { name, size, fileSize, logicalSectorSize } = this;
    const facts = { ...NO_FACTS, virtualSize: size, logicalSectorSize, allocatedBytes };
    return {
      name,
      size,
      fileSize,
      problems: [],
      image: this,
      spoiled: undefined,
      logIgnored: false,
      describe: () => Promise.resolve({ facts, wrong: false }),
      close: () => this.close(),
    };
  }

  abstract close(): Promise<void>;

  /** Yields the extents that cover a range of the disk, in order. */
  protected abstract partsOf(
    range: Range,
    signal: AbortSignal,
  ): Iterable<LayerExtent> | AsyncIterable<LayerExtent>;

  /** Fills `into` with bytes that are stored. */
  protected abstract readBytes(
    offset: number,
    into: Uint8Array,
    signal: AbortSignal,
  ): Promise<void>;
}
