/** Pause between two ticks in milliseconds, and the most that one tick counts. */
const TICK = 10;
const MOST = 50;

/**
 * A clock that stands still while this process does not get the processor: each of its ticks counts what
 * has passed, at most {@link MOST} milliseconds. A program that waits for too long by its own timers is seen
 * on it however busy the machine is; one that blocks the thread is not, for which a limit by the wall is.
 */
export class OwnTime {
  #passed = 0;
  #last = performance.now();
  readonly #timer: NodeJS.Timeout;

  constructor() {
    this.#timer = setInterval(() => this.#tick(), TICK);
    this.#timer.unref();
  }

  /** Milliseconds since it was started. */
  get now(): number {
    this.#tick();
    return this.#passed;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    const now = performance.now();
    this.#passed += Math.min(MOST, now - this.#last);
    this.#last = now;
  }
}
