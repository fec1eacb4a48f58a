import { Semaphore } from '../base/semaphore.ts';
import type { NativeFunction } from './koffi.ts';

/**
 * Calls that may wait for a network run on threads of libuv's pool, which has four by default and
 * serves files and names, too. Two are left for those.
 */
const AT_ONCE = 2;

const calls = new Semaphore(AT_ONCE);

/**
 * Calls a native function on another thread, at most two at a time over the whole process, and
 * waits for its end, since a running call cannot be interrupted. The signal cancels only the wait
 * for a place; {@link unlessAborted} is for callers that must not wait for the rest.
 *
 * @param args must stay valid until the call ends: native memory, numbers, arrays for output.
 */
export async function slowCall(
  native: Pick<NativeFunction, 'async'>,
  args: readonly unknown[],
  signal: AbortSignal,
): Promise<unknown> {
  const release = await calls.acquire(signal);
  try {
    return await new Promise((resolve, reject) => {
      native.async(...args, (error: Error | null, result: unknown) => {
        if (error === null) resolve(result);
        else reject(error);
      });
    });
  } finally {
    release();
  }
}

/** Returns the result of the work, or rejects with the signal's reason while the work continues. */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let stop: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason as Error);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    if (stop !== undefined) signal.removeEventListener('abort', stop);
  }
}
