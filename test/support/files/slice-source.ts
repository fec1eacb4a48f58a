import type { Range } from '../../../src/engine/base/range.ts';
import type { ByteSource } from '../../../src/engine/source/byte-source.ts';
import { checkRead } from '../../../src/engine/source/read-check.ts';

/** A part of another source, as a separate source. Closing it leaves the other open. */
export class SliceSource implements ByteSource {
  readonly name: string;
  readonly size: number;
  readonly #inner: ByteSource;
  readonly #start: number;

  constructor(inner: ByteSource, within: Range) {
    checkRead(inner, within.start, within.end - within.start);
    this.#inner = inner;
    this.#start = within.start;
    this.size = within.end - within.start;
    this.name = `${inner.name} [${within.start}, ${within.end})`;
  }

  async read(offset: number, into: Uint8Array, signal: AbortSignal): Promise<void> {
    checkRead(this, offset, into.length);
    await this.#inner.read(this.#start + offset, into, signal);
  }

  async close(): Promise<void> {
    // The opener of the inner source closes it.
  }
}
