import { smbError } from '../../contract/smb-errors.ts';

/** Credits that a server may grant in all; what it grants beyond is not counted. */
const MOST = 65_535;

/**
 * Credits of a connection (MS-SMB2 3.2.4.1.2, 3.2.4.1.5): each request takes some, and as many consecutive
 * message ids. Waiters are served first come, first served.
 */
export class Credits {
  #free = 1;
  #inUse = 0;
  /** Credits of waiters that were woken and have not gone on yet. */
  #reserved = 0;
  #nextId = 0n;
  #ended: Error | undefined;
  readonly #waiting: { readonly charge: number; readonly wake: (error?: Error) => void }[] = [];

  /** Number of credits that the server granted, free or in use. */
  get total(): number {
    return this.#free + this.#inUse + this.#reserved;
  }

  /** Whether a request can be sent now. */
  get hasFree(): boolean {
    return this.#free > 0 && this.#waiting.length === 0;
  }

  /** Takes credits and returns the message id of the request, which is to be sent at once. */
  async take(charge: number, signal: AbortSignal): Promise<bigint> {
    if (this.#ended !== undefined) throw this.#ended;
    signal.throwIfAborted();
    if (this.#waiting.length > 0 || charge > this.#free) await this.#wait(charge, signal);
    return this.takeNow(charge);
  }

  /** Takes credits that are known to be free. */
  takeNow(charge: number): bigint {
    this.#free -= charge;
    this.#inUse += charge;
    const id = this.#nextId;
    this.#nextId += BigInt(Math.max(charge, 1));
    return id;
  }

  /** Adds what a response grants. */
  grant(count: number): void {
    this.#free = Math.min(this.#free + count, MOST);
    this.#serve();
  }

  /** A request is answered: its credits are used up. */
  spend(charge: number): void {
    this.#inUse -= charge;
  }

  /** Throws `smb.answer` if nothing can ever be sent again. */
  check(): void {
    if (this.total > 0) return;
    throw smbError('smb.answer', 'The server granted no credits: no request can be sent any more');
  }

  end(reason: Error): void {
    this.#ended = reason;
    for (const { wake } of this.#waiting.splice(0)) wake(reason);
  }

  async #wait(charge: number, signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const stop = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
        reject(signal.reason as Error);
        this.#serve();
      };
      const waiter = {
        charge,
        wake: (error?: Error): void => {
          signal.removeEventListener('abort', stop);
          if (error === undefined) resolve();
          else reject(error);
        },
      };
      signal.addEventListener('abort', stop, { once: true });
      this.#waiting.push(waiter);
    });
    // The credits were reserved for this waiter; `takeNow` takes them.
    this.#reserved -= charge;
    this.#free += charge;
  }

  #serve(): void {
    for (let [next] = this.#waiting; next !== undefined; [next] = this.#waiting) {
      if (next.charge > this.#free) return;
      this.#free -= next.charge;
      this.#reserved += next.charge;
      this.#waiting.shift();
      next.wake();
    }
  }
}
