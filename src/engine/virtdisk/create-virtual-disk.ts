import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WindowsHandle } from '../win32/handles/windows-handle.ts';
import { StructBytes } from '../win32/types/struct-bytes.ts';
import { OVERLAPPED } from '../win32/types/win32-types.ts';
import type { NewVirtualDisk, OnProgress } from './contract/virtual-disk.ts';
import { virtdiskError } from './contract/virtdisk-errors.ts';
import { beginCreation, ERROR_IO_PENDING } from './functions/create.ts';
import { getOperationProgress } from './functions/get-operation-progress.ts';
import { diskCallFailed } from './library/call-error.ts';
import { checkImagePath } from './library/image-path.ts';
import { virtdisk } from './library/virtdisk-library.ts';

const POLL_MS = 500;
/** Time limit for the end of a creation that was cancelled, in milliseconds. */
const CANCEL_MS = 5000;

/**
 * Creates an image and closes it. A creation that fails or is cancelled leaves no file, unless
 * Windows does not end it.
 */
export async function createVirtualDisk(
  disk: NewVirtualDisk,
  onProgress: OnProgress | undefined,
  signal: AbortSignal,
): Promise<void> {
  checkNewDisk(disk);
  const overlapped = disk.fixed === true ? new StructBytes(OVERLAPPED).bytes : null;
  const undo = async (handle: WindowsHandle): Promise<void> => {
    await handle.close();
    await rm(disk.path, { force: true });
  };
  const { handle, pending } = await beginCreation(disk, overlapped, undo, signal);
  try {
    if (pending && overlapped !== null) await untilEnd(handle, overlapped, onProgress, signal);
  } catch (error) {
    if (overlapped !== null) await stop(handle, overlapped);
    await undo(handle);
    throw error;
  }
  await handle.close();
}

function checkNewDisk({ path, virtualSize, parentPath }: NewVirtualDisk): void {
  virtdisk('CreateVirtualDisk');
  checkImagePath(path);
  if (parentPath !== undefined) checkImagePath(parentPath);
  const possible = Number.isSafeInteger(virtualSize) && virtualSize >= 0 && virtualSize % 512 === 0;
  if (possible && (virtualSize === 0) === (parentPath !== undefined)) return;
  throw virtdiskError(
    'virtdisk.argument',
    `Invalid size of ${path}: expected a multiple of 512 bytes, or 0 with a parent, found ${virtualSize}`,
    { data: { call: 'CreateVirtualDisk', path, virtualSize } },
  );
}

async function untilEnd(
  handle: WindowsHandle,
  overlapped: Buffer,
  onProgress: OnProgress | undefined,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    const { status, done } = await getOperationProgress(handle, overlapped, signal);
    onProgress?.(status === 0 ? 1 : done);
    if (status === 0) return;
    if (status !== ERROR_IO_PENDING) throw diskCallFailed('CreateVirtualDisk', status, handle.name);
    await sleep(POLL_MS, undefined, { signal });
  }
}

/** Cancels the creation and waits for its end: Windows writes into the block until then. */
async function stop(handle: WindowsHandle, overlapped: Buffer): Promise<void> {
  handle.cancel(overlapped);
  const limit = AbortSignal.timeout(CANCEL_MS);
  try {
    await untilEnd(handle, overlapped, undefined, limit);
  } catch {
    // It has ended with an error, or the disk is closed without waiting for it any longer.
  }
}
