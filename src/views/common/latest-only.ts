/** One question at a time, after a rest; a newer one drops the older. */
export class LatestOnly {
  readonly #restMs: number;
  #abort: AbortController | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(restMs: number) {
    this.#restMs = restMs;
  }

  ask(work: (signal: AbortSignal) => Promise<void>): void {
    this.drop();
    const abort = new AbortController();
    this.#abort = abort;
    this.#timer = setTimeout(() => {
      // Whatever a hint fails with, the view itself says so soon enough.
      work(abort.signal).catch(() => undefined);
    }, this.#restMs);
  }

  drop(): void {
    clearTimeout(this.#timer);
    this.#abort?.abort();
    this.#abort = undefined;
  }
}
