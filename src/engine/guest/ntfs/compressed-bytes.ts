import type { DataAfter } from '../../source/byte-source.ts';
import { checkRead } from '../../source/read-check.ts';
import type { GuestBytes } from '../bytes/guest-bytes.ts';
import { ExtentBytes, ExtentList } from '../contract/extent-bytes.ts';
import { unpackLznt1 } from './lznt1.ts';
import type { Run } from './runs.ts';

/**
 * Contents that NTFS compressed (linux-ntfs, "Compression"): in units of clusters. A unit with all
 * its clusters is plain, one without any is zeros, one that ends in sparse clusters is compressed.
 */
export class CompressedBytes implements GuestBytes {
  readonly name: string;
  readonly size: number;
  readonly #initialised: number;
  /** Bytes of the stored clusters, at the offsets of the unpacked file. */
  readonly #stored: ExtentBytes;
  readonly #unit: number;
  /** The unit that was read last. */
  #last: { readonly index: number; readonly bytes: Uint8Array } | undefined;

  constructor(
    volume: GuestBytes,
    runs: readonly Run[],
    { clusterSize, clusters }: { readonly clusterSize: number; readonly clusters: number },
    { size, initialised }: { readonly size: number; readonly initialised: number },
    name: string,
  ) {
    this.name = name;
    this.size = size;
    this.#initialised = initialised;
    this.#unit = clusterSize * clusters;
    const list = new ExtentList(volume, name);
    for (const { first, length, cluster } of runs) {
      if (cluster !== null)
        list.add(first * clusterSize, length * clusterSize, cluster * clusterSize);
    }
    const whole = Math.ceil(size / this.#unit) * this.#unit;
    this.#stored = new ExtentBytes(volume, list.list, whole, name);
  }

  async read(offset: number, into: Uint8Array, signal: AbortSignal): Promise<void> {
    checkRead(this, offset, into.length);
    for (let done = 0; done < into.length;) {
      const at = offset + done;
      const index = Math.floor(at / this.#unit);
      const within = at - index * this.#unit;
      const count = Math.min(this.#unit - within, into.length - done);
      const unit = await this.#unitAt(index, signal);
      const part = into.subarray(done, done + count);
      part.set(unit.subarray(within, within + count));
      if (at + count > this.#initialised) part.fill(0, Math.max(0, this.#initialised - at));
      done += count;
    }
  }

  /** Returns the lookup of data: units without clusters are holes. */
  holes(): DataAfter {
    const stored = this.#stored.holes();
    return (from) => {
      const found = stored(Math.floor(from / this.#unit) * this.#unit);
      if (found === undefined) return undefined;
      const index = Math.floor(found.start / this.#unit);
      const start = Math.max(from, index * this.#unit);
      const end = Math.min(this.size, (index + 1) * this.#unit);
      return start >= end ? undefined : { start, end };
    };
  }

  async #unitAt(index: number, signal: AbortSignal): Promise<Uint8Array> {
    if (this.#last?.index === index) return this.#last.bytes;
    const start = index * this.#unit;
    const stored = this.#storedBytes(start);
    const packed = new Uint8Array(stored);
    await this.#stored.read(start, packed, signal);
    const bytes =
      stored === this.#unit || stored === 0
        ? packed
        : unpackLznt1(packed, this.#unit, `${this.name}, unit ${index}`);
    const unit = stored === 0 ? new Uint8Array(this.#unit) : bytes;
    this.#last = { index, bytes: unit };
    return unit;
  }

  /** Returns the number of bytes of a unit that lie in clusters: they come first. */
  #storedBytes(start: number): number {
    const next = this.#stored.holes();
    const end = start + this.#unit;
    let at = start;
    while (at < end) {
      const data = next(at);
      if (data === undefined || data.start > at) break;
      at = Math.min(end, data.end);
    }
    return at - start;
  }
}
