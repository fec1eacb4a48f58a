/**
 * Decides which short calls on local files are made on this thread. To hand a call to another thread and back costs 10 to 50 µs,
 * as much as a small read or write itself or more, and there are hundreds of thousands of them.
 *
 * The thread must stay free for everything else: as soon as a call was slow the next ones go to other threads, several at a time;
 * and every few milliseconds one does anyway, so that timers, signals and requests have their turn.
 */
export class QuickCalls {
  readonly #now: () => number;
  /** Calls that still go to other threads because one was slow. */
  #cold = 0;

  /** @param now milliseconds of any clock that never goes back */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Makes a call that moves `length` bytes, or returns undefined without making it: it has to go to another thread. */
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
/** A call that needs only the system's cache takes a twentieth to a quarter of it. */
const SLOW_MS = 0.2;
const COLD_CALLS = 32;
const MAX_BUSY_MS = 8;

/** When the event loop last came round, as far as it is known here. */
let lastTurn = -Infinity;
let awaited = false;

/** Whether a short call may be made on this thread: it has been kept from its event loop for a few milliseconds at most. */
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
