import { unlessAborted } from '../../native/slow-calls.ts';
import { heldCall } from '../../win32/handles/held-call.ts';
import type { WindowsHandle } from '../../win32/handles/windows-handle.ts';
import { virtdiskError } from '../contract/virtdisk-errors.ts';
import { diskCallFailed } from './call-error.ts';
import { virtdisk, type VirtdiskFunction } from './virtdisk-library.ts';

/** Time limit for one call, in milliseconds: a driver that takes longer counts as hung. */
const CALL_LIMIT_MS = 120_000;

/**
 * Calls a function of virtdisk.dll on another thread and returns its error number, 0 for success. A
 * running call cannot be interrupted: if the signal aborts, or the time is up, it continues alone,
 * and `late` gets its result. Throws `virtdisk.missing`, `virtdisk.tooOld` or `virtdisk.timedOut`.
 *
 * @param path for messages
 */
export async function diskCall(
  { name, path }: { readonly name: VirtdiskFunction; readonly path: string },
  args: readonly unknown[],
  late: (result: number) => Promise<void>,
  signal: AbortSignal,
): Promise<number> {
  const limit = AbortSignal.timeout(CALL_LIMIT_MS);
  const either = AbortSignal.any([signal, limit]);
  const call = heldCall(virtdisk(name), args, either).then(({ result }) => Number(result));
  return waitFor(name, path, call, late, signal, limit);
}

/**
 * The same for a call with a handle, which stays open until the call ends. Throws `win32.closed`,
 * too.
 */
export async function handleCall(
  handle: WindowsHandle,
  name: VirtdiskFunction,
  args: readonly unknown[],
  signal: AbortSignal,
): Promise<number> {
  const limit = AbortSignal.timeout(CALL_LIMIT_MS);
  const either = AbortSignal.any([signal, limit]);
  const native = virtdisk(name);
  const call = handle.use(async (value) => {
    const { result } = await heldCall(native, [value, ...args], either);
    return Number(result);
  });
  return waitFor(name, handle.name, call, async () => undefined, signal, limit);
}

/** The same, and throws the error that the function returns. */
export async function mustSucceed(
  handle: WindowsHandle,
  name: VirtdiskFunction,
  args: readonly unknown[],
  signal: AbortSignal,
): Promise<void> {
  const number = await handleCall(handle, name, args, signal);
  if (number !== 0) throw diskCallFailed(name, number, handle.name);
}

async function waitFor(
  name: VirtdiskFunction,
  path: string,
  call: Promise<number>,
  late: (result: number) => Promise<void>,
  signal: AbortSignal,
  limit: AbortSignal,
): Promise<number> {
  try {
    return await unlessAborted(call, AbortSignal.any([signal, limit]));
  } catch (error) {
    call.then(late).catch(() => undefined);
    if (signal.aborted || !limit.aborted) throw error;
    const seconds = CALL_LIMIT_MS / 1000;
    throw virtdiskError(
      'virtdisk.timedOut',
      `${name} did not answer within ${seconds} s for ${path}`,
      { data: { call: name, path } },
    );
  }
}
