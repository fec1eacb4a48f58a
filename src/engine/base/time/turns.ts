/** Time after which long work lets the event loop turn, in milliseconds. */
const SLICE_MS = 5;

/**
 * Cuts long work into slices, between which timers, requests and signals are processed. Ask
 * {@link due} between small pieces of the work, and wait for {@link take} if it is.
 */
export class Turns {
  #since = performance.now();

  /** Whether the thread has worked for a whole slice. */
  get due(): boolean {
    return performance.now() - this.#since >= SLICE_MS;
  }

  /** Lets the event loop turn once. */
  async take(): Promise<void> {
    await new Promise<void>((resolve) => void setImmediate(resolve));
    this.#since = performance.now();
  }
}
