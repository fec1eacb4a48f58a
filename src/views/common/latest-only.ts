/** Runs one task at a time, after a delay; a newer task cancels the older one. */
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
      // The failure of a hint is ignored: the view reports the same problem soon.
      work(abort.signal).catch(() => undefined);
    }, this.#restMs);
  }

  drop(): void {
    clearTimeout(this.#timer);
    this.#abort?.abort();
    this.#abort = undefined;
  }
}
