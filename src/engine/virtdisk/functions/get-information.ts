import type { WindowsHandle } from '../../win32/handles/windows-handle.ts';
import { StructBytes } from '../../win32/types/struct-bytes.ts';
import { virtdiskError } from '../contract/virtdisk-errors.ts';
import { handleCall } from '../library/disk-call.ts';
import { GET_VIRTUAL_DISK_INFO } from '../types/virtdisk-types.ts';

const NAME = 'GetVirtualDiskInformation';
/** Large enough for all texts: a path has 64 KiB at most, an id of change tracking 512 bytes. */
const ROOM = 128 * 1024;

/** An answer, with the number of bytes that Windows filled, or Windows' error number. */
export type Information =
  { readonly answer: StructBytes; readonly used: number } | { readonly error: number };

/**
 * GetVirtualDiskInformation for one kind.
 *
 * @param version GET_VIRTUAL_DISK_INFO_*
 */
export async function getInformation(
  handle: WindowsHandle,
  version: number,
  signal: AbortSignal,
): Promise<Information> {
  const answer = new StructBytes(GET_VIRTUAL_DISK_INFO, ROOM).set('Version', version);
  const size = Buffer.alloc(4);
  size.writeUInt32LE(answer.bytes.length);
  const used = Buffer.alloc(4);
  const error = await handleCall(handle, NAME, [size, answer.bytes, used], signal);
  if (error !== 0) return { error };
  const filled = used.readUInt32LE(0);
  if (filled > answer.bytes.length) {
    throw virtdiskError(
      'virtdisk.answer',
      `${NAME} says that it filled ${filled} bytes; it had ${answer.bytes.length} bytes`,
      { data: { call: NAME, path: handle.name, version, filled } },
    );
  }
  return { answer, used: filled };
}
