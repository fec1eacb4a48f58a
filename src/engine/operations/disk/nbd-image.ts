import type { Range } from '../../base/range.ts';
import type { DiskImage, LayerExtent } from '../../disk/image/image.ts';
import type { NbdClient } from '../../net/nbd/client/nbd-client.ts';
import type { BlockExtent } from '../../net/nbd/contract/block-export.ts';

const SECTOR = 512;
/** Maximum number of extents in a batch. */
const MAX_BATCH = 4096;

/**
 * An NBD export as a disk image: like a raw image, its bytes are the disk. An incomplete last
 * sector is padded with zeros.
 */
export class NbdImage implements DiskImage {
  readonly format = 'raw';
  readonly name: string;
  readonly size: number;
  readonly fileSize: number;
  readonly logicalSectorSize = SECTOR;
  readonly parent = undefined;
  readonly identity = undefined;
  readonly knowsHoles: boolean;
  readonly #client: NbdClient;

  /** @param client is closed with the image. */
  constructor(client: NbdClient) {
    this.#client = client;
    this.name = client.name;
    this.fileSize = client.size;
    this.size = Math.ceil(client.size / SECTOR) * SECTOR;
    this.knowsHoles = client.knowsHoles;
  }

  /** Reports data without a question to the server: a short range is cheaper to read. */
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
    for (const { start, end } of ranges) {
      const inside = { start, end: Math.min(end, this.fileSize) };
      if (inside.start < inside.end) {
        for await (const extent of this.#client.extents(inside, signal)) {
          batch.push(toLayerExtent(extent));
          if (batch.length < MAX_BATCH) continue;
          yield batch;
          batch = [];
        }
      }
      const padding = { start: Math.max(start, this.fileSize), end };
      if (padding.start < end) batch.push({ ...padding, kind: 'zero', offset: -1 });
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
    const there = Math.max(0, Math.min(into.length, this.fileSize - start));
    if (there > 0) await this.#client.read(start, into.subarray(0, there), signal);
    into.fill(0, there);
  }

  async close(): Promise<void> {
    await this.#client.close();
  }
}

function toLayerExtent({ start, length, kind }: BlockExtent): LayerExtent {
  const end = start + length;
  if (kind === 'data') return { start, end, kind, offset: start };
  return { start, end, kind: kind === 'zero' ? 'zero' : 'transparent', offset: -1 };
}
