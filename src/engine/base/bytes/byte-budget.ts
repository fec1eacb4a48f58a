/** Limits the bytes that are in memory at once; waiters are served first come, first served. */
export class ByteBudget {
  readonly #most: number;
  #free: number;
  readonly #waiting: { readonly bytes: number; readonly grant: () => void }[] = [];

  constructor(most: number) {
    this.#most = most;
    this.#free = most;
  }

  /**
   * Takes `bytes`, or the whole budget if they are more, and returns what gives them back. Throws
   * the reason of the signal.
   */
  async take(bytes: number, signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    const share = Math.min(bytes, this.#most);
    if (this.#waiting.length === 0 && share <= this.#free) this.#free -= share;
    else await this.#wait(share, signal);
    let returned = false;
    return () => {
      if (returned) return;
      returned = true;
      this.#free += share;
      this.#serve();
    };
  }

  async #wait(bytes: number, signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const stop = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
        reject(signal.reason as Error);
        // Those behind it may need less.
        this.#serve();
      };
      const grant = (): void => {
        signal.removeEventListener('abort', stop);
        resolve();
      };
      const waiter = { bytes, grant };
      this.#waiting.push(waiter);
      signal.addEventListener('abort', stop, { once: true });
    });
  }

  #serve(): void {
    for (let [next] = this.#waiting; next !== undefined; [next] = this.#waiting) {
      if (next.bytes > this.#free) return;
      this.#free -= next.bytes;
      this.#waiting.shift();
      next.grant();
    }
  }
}
