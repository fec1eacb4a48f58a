/**
 * Decides which short calls on local files run on this thread. Handing a call to another thread and
 * back costs 10 to 50 µs, as much as a small read or write itself or more, and there are hundreds
 * of thousands of them.
 *
 * The thread must stay responsive: after slow calls the next ones go to other threads, several at a
 * time. Every few milliseconds one call goes to another thread anyway, so that timers, signals and
 * requests are processed while its caller waits.
 */
export class QuickCalls {
  readonly #clock: CallClock;
  readonly #maxLength: number;
  /** Number of calls that must still go to other threads after a slow one. */
  #cold = 0;
  /**
   * Number of calls that will go to other threads after the next slow one. A single slow call says
   * little, since the thread may have been interrupted; a disk that has to seek answers all of them
   * slowly.
   */
  #pause = 1;

  /**
   * @param maxLength bytes of the longest call that is short
   * @param clock time of the calls, which tests replace.
   */
  constructor(maxLength: number, clock: CallClock = THREAD_CLOCK) {
    this.#maxLength = maxLength;
    this.#clock = clock;
  }

  /**
   * Makes a call that moves `length` bytes, or returns undefined without making it: the caller must
   * use another thread.
   */
  tryCall(length: number, call: () => number): number | undefined {
    if (length > this.#maxLength) return undefined;
    if (this.#cold > 0) {
      this.#cold--;
      return undefined;
    }
    if (!this.#clock.mayStay()) return undefined;
    const start = this.#clock.now();
    const count = call();
    if (this.#clock.now() - start > SLOW_MS) {
      this.#cold = this.#pause;
      this.#pause = Math.min(2 * this.#pause, COLD_CALLS);
    } else if (this.#pause > 1) this.#pause /= 2;
    return count;
  }
}

/** Time as a thread sees it that makes short calls. */
export interface CallClock {
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
  /** Whether a short call may run on the thread now. */
  readonly mayStay: () => boolean;
}

/** A call served from the system's cache takes a twentieth to a quarter of this. */
const SLOW_MS = 0.2;
const COLD_CALLS = 32;
/** Time after which one call goes to another thread. */
const MAX_BUSY_MS = 8;
/** Time after which all calls do. Those begun with the one that waits are not worth a thread each. */
const MAX_BURST_MS = 16;

/** Last known turn of the event loop. */
let lastTurn = -Infinity;
let awaited = false;

/**
 * Whether a short call may run on this thread: its event loop was blocked for a few milliseconds at
 * most.
 */
export function mayStayOnThread(): boolean {
  const busy = performance.now() - lastTurn;
  if (busy <= MAX_BUSY_MS) return true;
  if (awaited) return busy <= MAX_BURST_MS;
  awaited = true;
  setImmediate(() => {
    awaited = false;
    lastTurn = performance.now();
  });
  return false;
}

const THREAD_CLOCK: CallClock = { now: () => performance.now(), mayStay: mayStayOnThread };
