import type { WindowsHandle } from '../../win32/handles/windows-handle.ts';
import { mustSucceed } from '../library/disk-call.ts';

/** DetachVirtualDisk. */
export function detachDisk(handle: WindowsHandle, signal: AbortSignal): Promise<void> {
  return mustSucceed(handle, 'DetachVirtualDisk', [0, 0], signal);
}
