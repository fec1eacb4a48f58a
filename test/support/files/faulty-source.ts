import type { ByteSource } from '../../../src/engine/source/byte-source.ts';
import { sourceError } from '../../../src/engine/source/source-errors.ts';

/** Which reads of a {@link FaultySource} go wrong, and how. */
export interface SourceFault {
  /** The n-th read, from 1; every later one too if `lasting`. */
  readonly at: number;
  readonly lasting: boolean;
  /** `error` fails; `flip` inverts the read's first byte: damage that only a checksum sees. */
  readonly kind: 'error' | 'flip';
}

/** Lets reads of another source fail on purpose: a loop over `at` tries every I/O of an operation. */
export class FaultySource implements ByteSource {
  readonly #inner: ByteSource;
  readonly #fault: SourceFault;
  reads = 0;

  constructor(inner: ByteSource, fault: SourceFault) {
    this.#inner = inner;
    this.#fault = fault;
  }

  get name(): string {
    return this.#inner.name;
  }

  get size(): number {
    return this.#inner.size;
  }

  async read(offset: number, into: Uint8Array, signal: AbortSignal): Promise<void> {
    const number = ++this.reads;
    const { at, lasting, kind } = this.#fault;
    const fails = number === at || (lasting && number > at);
    if (fails && kind === 'error') {
      throw sourceError('source.fault', `read ${number} of ${this.name} fails on purpose`, {
        data: { name: this.name, offset },
      });
    }
    await this.#inner.read(offset, into, signal);
    if (fails && into.length > 0) into[0] = ~(into[0] ?? 0) & 0xff;
  }

  async close(): Promise<void> {
    await this.#inner.close();
  }
}
