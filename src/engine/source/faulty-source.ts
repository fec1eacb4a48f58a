import type { ByteSource } from './byte-source.ts';
import { sourceError } from './source-errors.ts';

/** Which reads of a {@link FaultySource} fail, and how. */
export interface SourceFault {
  /** The n-th read, from 1, and every later one if `lasting`. */
  readonly at: number;
  readonly lasting: boolean;
  /**
   * `error` throws; `flip` inverts the first byte of the read, which only a checksum can detect.
   */
  readonly kind: 'error' | 'flip';
}

/**
 * Makes reads of another source fail on purpose: a loop over `at` covers every I/O of an operation.
 */
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
    const strikes = number === at || (lasting && number > at);
    if (strikes && kind === 'error') {
      throw sourceError('source.fault', `read ${number} of ${this.name} fails on purpose`, {
        data: { name: this.name, offset },
      });
    }
    await this.#inner.read(offset, into, signal);
    if (strikes && into.length > 0) into[0] = ~(into[0] ?? 0) & 0xff;
  }

  async close(): Promise<void> {
    await this.#inner.close();
  }
}
