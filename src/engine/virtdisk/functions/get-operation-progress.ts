import type { WindowsHandle } from '../../win32/handles/windows-handle.ts';
import { StructBytes } from '../../win32/types/struct-bytes.ts';
import { mustSucceed } from '../library/disk-call.ts';
import { VIRTUAL_DISK_PROGRESS } from '../types/virtdisk-types.ts';

export interface OperationProgress {
  /** Error number of Windows: 997 while it runs, 0 when it is done. */
  readonly status: number;
  /** Part that is done, from 0 to 1. */
  readonly done: number;
}

/** GetVirtualDiskOperationProgress for the call that was started with this OVERLAPPED block. */
export async function getOperationProgress(
  handle: WindowsHandle,
  overlapped: Buffer,
  signal: AbortSignal,
): Promise<OperationProgress> {
  const answer = new StructBytes(VIRTUAL_DISK_PROGRESS);
  const args = [overlapped, answer.bytes];
  await mustSucceed(handle, 'GetVirtualDiskOperationProgress', args, signal);
  const all = Number(answer.uint64('CompletionValue'));
  const current = Number(answer.uint64('CurrentValue'));
  const done = all === 0 ? 0 : Math.min(current / all, 1);
  return { status: answer.uint32('OperationStatus'), done };
}
