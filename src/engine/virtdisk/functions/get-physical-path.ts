import type { WindowsHandle } from '../../win32/handles/windows-handle.ts';
import { readWideText } from '../../win32/types/struct-bytes.ts';
import { virtdiskError } from '../contract/virtdisk-errors.ts';
import { mustSucceed } from '../library/disk-call.ts';

const NAME = 'GetVirtualDiskPhysicalPath';
/** In bytes, as the function counts. */
const ROOM = 1024;

/** GetVirtualDiskPhysicalPath: such as `\\.\PhysicalDrive3`. Only while the disk is attached. */
export async function getPhysicalPath(handle: WindowsHandle, signal: AbortSignal): Promise<string> {
  const size = Buffer.alloc(4);
  size.writeUInt32LE(ROOM);
  const text = Buffer.alloc(ROOM);
  await mustSucceed(handle, NAME, [size, text], signal);
  const path = readWideText(text);
  if (path !== undefined && /^\\\\[.?]\\\w+$/.test(path)) return path;
  throw virtdiskError('virtdisk.answer', `${NAME} answered no path of a disk for ${handle.name}`, {
    data: { call: NAME, path: handle.name, found: path?.slice(0, 60) ?? null },
  });
}
