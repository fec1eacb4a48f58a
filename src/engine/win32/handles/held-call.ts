import type { NativeFunction } from '../../native/koffi.ts';
import { slowCall } from '../../native/slow-calls.ts';
import { lastError } from '../library/kernel32.ts';

/** Arguments of running calls: what they point to must not be collected meanwhile. */
const running = new Set<readonly unknown[]>();

/** Result of a call, and the thread's last error right after it. */
export interface HeldResult {
  readonly result: unknown;
  readonly error: number;
}

/**
 * Calls a function of Windows on another thread and keeps its arguments referenced until it ends,
 * whether or not anybody still waits for it. The signal cancels only the wait for a thread.
 */
export async function heldCall(
  native: NativeFunction,
  args: readonly unknown[],
  signal: AbortSignal,
): Promise<HeldResult> {
  running.add(args);
  try {
    return (await slowCall(withLastError(native), args, signal)) as HeldResult;
  } finally {
    running.delete(args);
  }
}

/**
 * Calls a function that ends soon, on another thread, without waiting for a place: two calls that
 * hang must not keep handles open.
 */
export function callBeside(native: NativeFunction, args: readonly unknown[]): Promise<HeldResult> {
  return new Promise((resolve, reject) => {
    withLastError(native).async(...args, (failure: Error | null, held: unknown) => {
      if (failure === null) resolve(held as HeldResult);
      else reject(failure);
    });
  });
}

type Callback = (error: Error | null, result: unknown) => void;

/** The last error belongs to the thread of the call, and is known in its callback only. */
function withLastError(native: NativeFunction): Pick<NativeFunction, 'async'> {
  return {
    async: (...args) => {
      const done = args.pop() as Callback;
      native.async(...args, (failure: Error | null, result: unknown) => {
        const held = failure === null ? { result, error: lastError() } : undefined;
        done(failure, held);
      });
    },
  };
}
