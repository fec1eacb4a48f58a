import type { Range } from '../../base/range.ts';
import type { LayerExtent } from '../../disk/image/image.ts';
import { FlatImage } from '../../disk/image/flat-image.ts';
import type { NbdClient } from '../../net/nbd/client/nbd-client.ts';
import type { BlockExtent } from '../../net/nbd/contract/block-export.ts';

/** An NBD export as a disk image: like a raw image, its bytes are the disk. */
export class NbdImage extends FlatImage {
  readonly knowsHoles: boolean;
  readonly #client: NbdClient;

  /** @param client is closed with the image. */
  constructor(client: NbdClient) {
    super(client);
    this.#client = client;
    this.knowsHoles = client.knowsHoles;
  }

  async close(): Promise<void> {
    await this.#client.close();
  }

  protected async *partsOf(
    { start, end }: Range,
    signal: AbortSignal,
  ): AsyncGenerator<LayerExtent> {
    const stored = { start, end: Math.min(end, this.fileSize) };
    if (stored.start < stored.end) {
      for await (const extent of this.#client.extents(stored, signal)) yield toLayerExtent(extent);
    }
    const padding = { start: Math.max(start, this.fileSize), end };
    if (padding.start < end) yield { ...padding, kind: 'zero', offset: -1 };
  }

  protected readBytes(offset: number, into: Uint8Array, signal: AbortSignal): Promise<void> {
    return this.#client.read(offset, into, signal);
  }
}

function toLayerExtent({ start, length, kind }: BlockExtent): LayerExtent {
  const end = start + length;
  if (kind === 'data') return { start, end, kind, offset: start };
  return { start, end, kind: kind === 'zero' ? 'zero' : 'transparent', offset: -1 };
}
