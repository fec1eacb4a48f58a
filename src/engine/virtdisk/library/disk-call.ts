import { heldCall } from '../../win32/handles/held-call.ts';
import type { WindowsHandle } from '../../win32/handles/windows-handle.ts';
import { diskCallFailed } from './call-error.ts';
import { limitedCall } from './limited-call.ts';
import { virtdisk, type VirtdiskFunction } from './virtdisk-library.ts';

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
  const begin = async (either: AbortSignal): Promise<number> =>
    Number((await heldCall(virtdisk(name), args, either)).result);
  return limitedCall({ name, path }, begin, late, signal);
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
  const native = virtdisk(name);
  const begin = (either: AbortSignal): Promise<number> =>
    handle.use(async (value) => {
      const { result } = await heldCall(native, [value, ...args], either);
      return Number(result);
    });
  return limitedCall({ name, path: handle.name }, begin, async () => undefined, signal);
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
