import { never } from '../../base/abort.ts';
import { Semaphore } from '../../base/semaphore.ts';
import { unlessAborted } from '../../native/slow-calls.ts';
import { mayStayOnThread } from '../../source/files/quick-calls.ts';
import { PageBuffers } from '../../source/page-buffers.ts';
import { kernel32, lastError } from '../library/kernel32.ts';
import { completion } from './completions.ts';
import { heldCall } from './held-call.ts';
import { OverlappedSlot } from './overlapped-slot.ts';
import type { WindowsHandle } from './windows-handle.ts';

/** Largest part that is read at once, in bytes. */
export const READ_PART = 2 ** 20;
/** Reads in flight for each handle. */
const AT_ONCE = 8;
const ERROR_IO_PENDING = 997;
/** Time limit for reads that are cancelled because their source is closed, in milliseconds. */
const END_WAIT_MS = 1500;
/** A call that takes longer than this has read, instead of starting a read. */
const SLOW_MS = 4;
/** Number of calls that go to another thread after a slow one. */
const COLD_CALLS = 32;

/** Outcome of one read: number of bytes, or Windows' error. */
export type ReadOutcome = { readonly bytes: number } | { readonly error: number };

/**
 * Overlapped reads through one handle, several in flight. Each has an OVERLAPPED block, an event and
 * a buffer of its own, which stay referenced until Windows has finished with them. Windows never
 * writes into a caller's buffer, so a cancelled read does not touch it later.
 *
 * Reads are started on this thread, since that takes microseconds. If a file system reads at once
 * instead and is slow, the next ones are started on another thread.
 */
export class OverlappedReads {
  readonly #handle: WindowsHandle;
  readonly #places = new Semaphore(AT_ONCE);
  readonly #buffers = new PageBuffers(READ_PART, AT_ONCE);
  readonly #idle: OverlappedSlot[] = [];
  readonly #running = new Set<Promise<unknown>>();
  #cold = 0;

  constructor(handle: WindowsHandle) {
    this.#handle = handle;
  }

  /**
   * Reads a part, and gives its bytes to `take`, which must copy them before it returns.
   *
   * @param length at most {@link READ_PART}
   */
  async read(
    offset: number,
    length: number,
    take: (bytes: Buffer) => void,
    signal: AbortSignal,
  ): Promise<ReadOutcome> {
    const release = await this.#places.acquire(signal);
    if (!mayStayOnThread()) await nextTurn();
    if (signal.aborted) release();
    signal.throwIfAborted();
    const slot = this.#idle.pop() ?? new OverlappedSlot(this.#buffers.take());
    const running = this.#handle.use((handle) => this.#run(handle, slot, offset, length));
    this.#running.add(running);
    // Fails with ERROR_NOT_FOUND if the read ended meanwhile.
    const cancel = (): void => this.#handle.cancel(slot.block);
    signal.addEventListener('abort', cancel, { once: true });
    try {
      const outcome = await unlessAborted(running, signal);
      if ('bytes' in outcome) take(slot.buffer.subarray(0, Math.min(outcome.bytes, length)));
      return outcome;
    } finally {
      signal.removeEventListener('abort', cancel);
      const giveBack = (): void => {
        this.#running.delete(running);
        this.#idle.push(slot);
        release();
      };
      running.then(giveBack, giveBack);
    }
  }

  /**
   * Cancels the reads in flight, waits for their end and closes the events. A read that does not end
   * in time keeps its event and its buffer.
   */
  async end(): Promise<void> {
    if (this.#running.size > 0) this.#handle.cancel(null);
    const limit = AbortSignal.timeout(END_WAIT_MS);
    while (this.#running.size > 0 && !limit.aborted) {
      await unlessAborted(Promise.allSettled(this.#running), limit).catch(() => undefined);
      await nextTurn();
    }
    for (const slot of this.#idle.splice(0)) slot.close();
  }

  async #run(
    handle: bigint,
    slot: OverlappedSlot,
    offset: number,
    length: number,
  ): Promise<ReadOutcome> {
    slot.begin(offset);
    const { result, error } = await this.#start([handle, slot.buffer, length, null, slot.block]);
    if (result === 0 && error !== ERROR_IO_PENDING) return { error };
    if (slot.pending) await completion(slot.event, () => !slot.pending);
    const moved = Buffer.alloc(4);
    const ended = kernel32('GetOverlappedResult')(handle, slot.block, moved, 0);
    return ended === 0 ? { error: lastError() } : { bytes: moved.readUInt32LE(0) };
  }

  async #start(args: readonly unknown[]): Promise<{ result: unknown; error: number }> {
    const readFile = kernel32('ReadFile');
    if (this.#cold > 0) {
      this.#cold--;
      return heldCall(readFile, args, never);
    }
    const start = performance.now();
    const result = readFile(...args);
    const error = result === 0 ? lastError() : 0;
    if (performance.now() - start > SLOW_MS) this.#cold = COLD_CALLS;
    return { result, error };
  }
}

const nextTurn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
