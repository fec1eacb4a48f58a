import { newGuid } from '../../base/guid.ts';
import { WindowsHandle } from '../../win32/handles/windows-handle.ts';
import { StructBytes, wideText } from '../../win32/types/struct-bytes.ts';
import type { OpenFor, OpenImage } from '../contract/virtual-disk.ts';
import { diskCallFailed } from '../library/call-error.ts';
import { diskCall } from '../library/disk-call.ts';
import { checkImagePath } from '../library/image-path.ts';
import { virtdisk } from '../library/virtdisk-library.ts';
import { formatOf, storageType } from '../types/storage-type.ts';
import { OPEN_VIRTUAL_DISK_PARAMETERS } from '../types/virtdisk-types.ts';

const NAME = 'OpenVirtualDisk';
/** Version 2 takes the rights from the parameters; any other mask is refused. */
const VIRTUAL_DISK_ACCESS_NONE = 0;
const OPEN_VIRTUAL_DISK_FLAG_NO_PARENTS = 1;

const RIGHTS: Readonly<Record<OpenFor, { readonly info: boolean; readonly readOnly: boolean }>> = {
  information: { info: true, readOnly: true },
  read: { info: false, readOnly: true },
  write: { info: false, readOnly: false },
};

/**
 * OpenVirtualDisk, version 2. Each handle gets a random ResiliencyGuid: with a shared one, the driver
 * may treat two handles as one client. Without the library, that is the error, whatever the path.
 */
export async function openHandle(image: OpenImage, signal: AbortSignal): Promise<WindowsHandle> {
  const { path, access, withoutParents = false } = image;
  virtdisk(NAME);
  checkImagePath(path);
  const { info, readOnly } = RIGHTS[access];
  const parameters = new StructBytes(OPEN_VIRTUAL_DISK_PARAMETERS)
    .set('Version', 2)
    .set('Version2.GetInfoOnly', info)
    .set('Version2.ReadOnly', readOnly)
    .setGuid('Version2.ResiliencyGuid', newGuid());
  const flags = withoutParents ? OPEN_VIRTUAL_DISK_FLAG_NO_PARENTS : 0;
  const type = storageType(formatOf(path)).bytes;
  const handle: (number | bigint)[] = [0n];
  const args = [
    type,
    wideText(path),
    VIRTUAL_DISK_ACCESS_NONE,
    flags,
    parameters.bytes,
    handle,
  ] as const;
  const owned = (): WindowsHandle => new WindowsHandle(BigInt(handle[0] ?? 0), path);
  const late = async (result: number): Promise<void> => {
    if (result === 0) await owned().close();
  };
  const number = await diskCall({ name: NAME, path }, args, late, signal);
  if (number !== 0) throw diskCallFailed(NAME, number, path, { access });
  return owned();
}
