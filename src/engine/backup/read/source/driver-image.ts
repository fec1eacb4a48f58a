import type { Range, StartLength } from '../../../base/range.ts';
import { FlatImage } from '../../../disk/image/flat-image.ts';
import type { LayerExtent } from '../../../disk/image/image.ts';
import type { ByteSource } from '../../../source/byte-source.ts';
import type { LocalDiskFacts } from '../../host/disk-facts.ts';

/** Parts of a disk that hold data, and parts that are zeros. */
export interface PartsOfDisk {
  extents(
    within: Range,
    signal: AbortSignal,
  ): AsyncIterable<StartLength & { readonly kind: string }>;
}

/**
 * A whole disk as a driver or a file server shows it, parents included. Our own reader or the server gives the
 * parts that hold data; without it, the whole disk counts as data.
 */
export class DriverImage extends FlatImage {
  override readonly format: string;
  override readonly logicalSectorSize: number;
  readonly physicalSectorSize: number | undefined;
  readonly diskId: string | undefined;
  readonly close: () => Promise<void>;
  readonly #bytes: ByteSource;
  readonly #own: PartsOfDisk | undefined;

  /**
   * @param own parts of the same disk; undefined: they are not known
   * @param close closes what the image reads from
   */
  constructor(
    bytes: ByteSource,
    facts: LocalDiskFacts,
    own: PartsOfDisk | undefined,
    close: () => Promise<void>,
  ) {
    super({ name: bytes.name, size: facts.virtualSize });
    this.format = facts.format;
    this.logicalSectorSize = facts.logicalSectorSize;
    this.physicalSectorSize = facts.physicalSectorSize ?? undefined;
    this.diskId = facts.virtualDiskId ?? undefined;
    this.#bytes = bytes;
    this.#own = own;
    this.close = close;
  }

  get knowsHoles(): boolean {
    return this.#own !== undefined;
  }

  protected async *partsOf(
    { start, end }: Range,
    signal: AbortSignal,
  ): AsyncGenerator<LayerExtent> {
    if (this.#own === undefined) {
      yield { start, end, kind: 'data', offset: start };
      return;
    }
    for await (const extent of this.#own.extents({ start, end }, signal)) {
      const part = { start: extent.start, end: extent.start + extent.length };
      if (extent.kind === 'data') yield { ...part, kind: 'data', offset: part.start };
      else yield { ...part, kind: 'zero', offset: -1 };
    }
  }

  protected readBytes(offset: number, into: Uint8Array, signal: AbortSignal): Promise<void> {
    return this.#bytes.read(offset, into, signal);
  }
}
