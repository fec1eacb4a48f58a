import type { WindowsHandle } from '../../win32/handles/windows-handle.ts';
import { StructBytes } from '../../win32/types/struct-bytes.ts';
import { mustSucceed } from '../library/disk-call.ts';
import { ATTACH_VIRTUAL_DISK_PARAMETERS } from '../types/virtdisk-types.ts';

/** ATTACH_VIRTUAL_DISK_FLAG_* */
const READ_ONLY = 0x1;
const NO_DRIVE_LETTER = 0x2;
const NO_LOCAL_HOST = 0x8;

/** `handle`: only for reads through the handle. `disk`: Windows shows a disk. */
export type AttachAs = 'handle' | 'disk' | 'diskWithLetters';

const FLAGS: Readonly<Record<AttachAs, number>> = {
  handle: READ_ONLY | NO_LOCAL_HOST,
  disk: READ_ONLY | NO_DRIVE_LETTER,
  diskWithLetters: READ_ONLY,
};

/**
 * AttachVirtualDisk, read-only. The disk is detached when its handle is closed at the latest, and
 * when the process ends.
 */
export async function attachDisk(
  handle: WindowsHandle,
  as: AttachAs,
  signal: AbortSignal,
): Promise<void> {
  const parameters = new StructBytes(ATTACH_VIRTUAL_DISK_PARAMETERS).set('Version', 1);
  const args = [null, FLAGS[as], 0, parameters.bytes, null];
  await mustSucceed(handle, 'AttachVirtualDisk', args, signal);
}
