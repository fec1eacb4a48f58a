import { SERVER_STATUS as STATUS } from '../contract/server-status.ts';
import { StatusError } from '../contract/status-error.ts';

/** Maximum locks of one file, so that a client cannot fill the memory. */
const MAX_LOCKS = 4096;
const END = 1n << 64n;

export interface ByteLock {
  /** The open that holds it. */
  readonly holder: object;
  readonly offset: bigint;
  readonly length: bigint;
  readonly exclusive: boolean;
}

/** Locks of parts of one file (MS-FSA 2.1.4.10, 2.1.5.8). Reads and writes of others respect them. */
export class ByteLocks {
  readonly #locks: ByteLock[] = [];
  readonly #waiting = new Set<() => void>();

  /** Whether a lock would overlap one of somebody else, or an exclusive one of its own holder. */
  conflicts(lock: ByteLock): boolean {
    return this.#locks.some(
      (each) =>
        overlap(each, lock) &&
        (each.exclusive || lock.exclusive) &&
        (each.holder !== lock.holder || lock.exclusive || each.exclusive),
    );
  }

  /** Whether a read (or a write) is kept out by the lock of another open. */
  blocks(holder: object, offset: bigint, length: bigint, writing: boolean): boolean {
    const part = { offset, length };
    return this.#locks.some(
      (each) =>
        overlap(each, part) &&
        // A shared lock keeps its own holder from writing too.
        (each.exclusive ? each.holder !== holder : writing),
    );
  }

  /** Adds a lock. Throws LOCK_NOT_GRANTED, or INSUFFICIENT_RESOURCES above the limit. */
  add(lock: ByteLock): void {
    if (lock.offset + lock.length > END) throw new StatusError(STATUS.invalidLockRange);
    if (this.conflicts(lock)) throw new StatusError(STATUS.lockNotGranted);
    if (this.#locks.length >= MAX_LOCKS) throw new StatusError(STATUS.insufficientResources);
    this.#locks.push(lock);
  }

  /** Removes exactly one lock. Throws RANGE_NOT_LOCKED. */
  remove(holder: object, offset: bigint, length: bigint): void {
    const at = this.#locks.findIndex(
      (each) => each.holder === holder && each.offset === offset && each.length === length,
    );
    if (at < 0) throw new StatusError(STATUS.rangeNotLocked);
    this.#locks.splice(at, 1);
    this.#wake();
  }

  removeAll(holder: object): void {
    const others = this.#locks.filter((each) => each.holder !== holder);
    if (others.length === this.#locks.length) return;
    this.#locks.splice(0, Infinity, ...others);
    this.#wake();
  }

  /** Adds a lock as soon as no other one conflicts with it. Throws the reason of the signal. */
  async addLater(lock: ByteLock, signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      if (!this.conflicts(lock)) return this.add(lock);
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          this.#waiting.delete(wake);
          signal.removeEventListener('abort', wake);
          resolve();
        };
        this.#waiting.add(wake);
        signal.addEventListener('abort', wake, { once: true });
      });
    }
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
  }
}

type Part = Pick<ByteLock, 'offset' | 'length'>;

/** An empty part overlaps what begins before it and ends behind it. */
function overlap(a: Part, b: Part): boolean {
  return a.offset < b.offset + b.length && b.offset < a.offset + a.length;
}
