import { smbError } from '../../contract/smb-errors.ts';

/** Credits that a server may grant in all; what it grants beyond is not counted. */
const MOST = 65_535;

/** The server took credits away while a request waited for more than are left. */
export class TooFewCredits extends Error {
  constructor(needed: number, left: number) {
    super(`A request needs ${needed} credits; the file server left ${left}`);
  }
}

/**
 * Credits of a connection (MS-SMB2 3.2.4.1.2, 3.2.4.1.5): each request takes some, and as many consecutive
 * message ids. Waiters are served first come, first served.
 */
export class Credits {
  #free = 1;
  #inUse = 0;
  #nextId = 0n;
  #ended: Error | undefined;
  readonly #waiting: { readonly charge: number; readonly wake: (error?: Error) => void }[] = [];

  /** Credits that the server granted and that no answered request used up: free or in use. */
  get total(): number {
    return this.#free + this.#inUse;
  }

  /** Whether a request can be sent now. */
  get hasFree(): boolean {
    return this.#free > 0 && this.#waiting.length === 0;
  }

  /** Takes credits and returns the message id of the request, which is to be sent at once. */
  async take(charge: number, signal: AbortSignal): Promise<bigint> {
    if (this.#ended !== undefined) throw this.#ended;
    signal.throwIfAborted();
    if (this.#waiting.length === 0 && charge <= this.#free) return this.takeNow(charge);
    await this.#wait(charge, signal);
    return this.#useIds(charge);
  }

  /** Takes credits that are known to be free. */
  takeNow(charge: number): bigint {
    this.#reserve(charge);
    return this.#useIds(charge);
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

  /**
   * Throws `smb.answer` if nothing can ever be sent again. A waiter that needs more than the server
   * leaves fails with {@link TooFewCredits}: it may send a smaller request.
   */
  check(): void {
    if (this.total === 0) {
      const text = 'The server granted no credits: no request can be sent any more';
      throw smbError('smb.answer', text);
    }
    for (let [next] = this.#waiting; next !== undefined; [next] = this.#waiting) {
      if (this.#inUse > 0 || next.charge <= this.#free) return;
      this.#waiting.shift();
      next.wake(new TooFewCredits(next.charge, this.#free));
      this.#serve();
    }
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
  }

  #reserve(charge: number): void {
    this.#free -= charge;
    this.#inUse += charge;
  }

  #useIds(charge: number): bigint {
    const id = this.#nextId;
    this.#nextId += BigInt(Math.max(charge, 1));
    return id;
  }

  #serve(): void {
    for (let [next] = this.#waiting; next !== undefined; [next] = this.#waiting) {
      if (next.charge > this.#free) return;
      this.#reserve(next.charge);
      this.#waiting.shift();
      next.wake();
    }
  }
}
