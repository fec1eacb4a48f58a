import type { ByteSource } from '../../../src/engine/source/byte-source.ts';

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 2));
/** Turns of 2 ms without a new request after which the reader is taken to wait. */
const QUIET_TURNS = 3;

/**
 * A source at the other end of a slow line: answers come when the reader asks for nothing more, to
 * everything that it asked for. `rounds` counts them, as round trips.
 */
export class RoundSource implements ByteSource {
  readonly #inner: ByteSource;
  #waiting: (() => void)[] = [];
  #waitingBytes = 0;
  #begun = false;
  rounds = 0;
  requests = 0;
  readBytes = 0;
  /** Largest number of requests and bytes that were in flight. */
  mostRequests = 0;
  mostBytes = 0;

  constructor(inner: ByteSource) {
    this.#inner = inner;
  }

  get name(): string {
    return this.#inner.name;
  }

  get size(): number {
    return this.#inner.size;
  }

  async read(offset: number, into: Uint8Array, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.requests++;
    this.readBytes += into.length;
    this.#waitingBytes += into.length;
    const answered = new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.mostRequests = Math.max(this.mostRequests, this.#waiting.length);
    this.mostBytes = Math.max(this.mostBytes, this.#waitingBytes);
    if (!this.#begun) {
      this.#begun = true;
      void this.#round();
    }
    await answered;
    await this.#inner.read(offset, into, signal);
  }

  async close(): Promise<void> {
    await this.#inner.close();
  }

  /** Starts to count again. */
  reset(): void {
    this.rounds = 0;
    this.requests = 0;
    this.readBytes = 0;
    this.mostRequests = 0;
    this.mostBytes = 0;
  }

  async #round(): Promise<void> {
    let known = -1;
    for (let quiet = 0; quiet < QUIET_TURNS; quiet++) {
      if (this.#waiting.length !== known) quiet = 0;
      known = this.#waiting.length;
      await turn();
    }
    this.rounds++;
    this.#begun = false;
    this.#waitingBytes = 0;
    for (const answer of this.#waiting.splice(0)) answer();
  }
}
