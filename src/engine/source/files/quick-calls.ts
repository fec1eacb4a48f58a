/**
 * Decides which short calls on local files run on this thread. Handing a call to another thread and
 * back costs 10 to 50 µs, as much as a small read or write itself or more, and there are hundreds
 * of thousands of them.
 *
 * The thread must stay responsive: after a slow call the next ones go to other threads, several at
 * a time. Every few milliseconds one call goes to another thread anyway, so that timers, signals
 * and requests are processed.
 */
export class QuickCalls {
  readonly #now: () => number;
  /** Number of calls that must still go to other threads after a slow one. */
  #cold = 0;

  /** @param now milliseconds of a monotonic clock */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /**
   * Makes a call that moves `length` bytes, or returns undefined without making it: the caller must
   * use another thread.
   */
  tryCall(length: number, call: () => number): number | undefined {
    if (length > MAX_LENGTH) return undefined;
    if (this.#cold > 0) {
      this.#cold--;
      return undefined;
    }
    if (!mayStayOnThread()) return undefined;
    const start = this.#now();
    const count = call();
    if (this.#now() - start > SLOW_MS) this.#cold = COLD_CALLS;
    return count;
  }
}

const MAX_LENGTH = 64 * 1024;
/** A call served from the system's cache takes a twentieth to a quarter of this. */
const SLOW_MS = 0.2;
const COLD_CALLS = 32;
const MAX_BUSY_MS = 8;

/** Last known turn of the event loop. */
let lastTurn = -Infinity;
let awaited = false;

/**
 * Whether a short call may run on this thread: its event loop was blocked for a few milliseconds at
 * most.
 */
export function mayStayOnThread(): boolean {
  if (performance.now() - lastTurn <= MAX_BUSY_MS) return true;
  if (!awaited) {
    awaited = true;
    setImmediate(() => {
      awaited = false;
      lastTurn = performance.now();
    });
  }
  return false;
}
