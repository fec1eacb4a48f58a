import { newGuid } from '../../base/guid.ts';
import { WindowsHandle } from '../../win32/handles/windows-handle.ts';
import { StructBytes, wideText } from '../../win32/types/struct-bytes.ts';
import type { NewVirtualDisk } from '../contract/virtual-disk.ts';
import { diskCallFailed } from '../library/call-error.ts';
import { diskCall } from '../library/disk-call.ts';
import { formatOf, storageType, writeStorageType } from '../types/storage-type.ts';
import { CREATE_VIRTUAL_DISK_PARAMETERS } from '../types/virtdisk-types.ts';

const NAME = 'CreateVirtualDisk';
const CREATE_VIRTUAL_DISK_FLAG_FULL_PHYSICAL_ALLOCATION = 1;
export const ERROR_IO_PENDING = 997;

/** A creation that Windows has begun. */
export interface Creation {
  readonly handle: WindowsHandle;
  /** Windows fills the file meanwhile; {@link getOperationProgress} tells how far it is. */
  readonly pending: boolean;
}

/**
 * CreateVirtualDisk, version 2. A fixed disk is filled in the background.
 *
 * @param overlapped the OVERLAPPED block of a fixed disk; null for others
 * @param late receives the handle if the signal aborted before the call ended
 */
export async function beginCreation(
  disk: NewVirtualDisk,
  overlapped: Buffer | null,
  late: (handle: WindowsHandle) => Promise<void>,
  signal: AbortSignal,
): Promise<Creation> {
  const { path } = disk;
  const flags = disk.fixed === true ? CREATE_VIRTUAL_DISK_FLAG_FULL_PHYSICAL_ALLOCATION : 0;
  const parameters = parametersOf(disk);
  const type = storageType(disk.format).bytes;
  const handle: (number | bigint)[] = [0n];
  const args = [
    type,
    wideText(path),
    0,
    null,
    flags,
    0,
    parameters.bytes,
    overlapped,
    handle,
  ] as const;
  const begun = (number: number): boolean => number === 0 || number === ERROR_IO_PENDING;
  const owned = (): WindowsHandle => new WindowsHandle(BigInt(handle[0] ?? 0), path);
  const ifLate = async (number: number): Promise<void> => {
    if (begun(number)) await late(owned());
  };
  const number = await diskCall({ name: NAME, path }, args, ifLate, signal);
  if (!begun(number)) throw diskCallFailed(NAME, number, path);
  return { handle: owned(), pending: number === ERROR_IO_PENDING };
}

function parametersOf(disk: NewVirtualDisk): StructBytes {
  const parameters = new StructBytes(CREATE_VIRTUAL_DISK_PARAMETERS)
    .set('Version', 2)
    .set('Version2.MaximumSize', disk.virtualSize)
    .set('Version2.BlockSizeInBytes', disk.blockSize ?? 0)
    .set('Version2.SectorSizeInBytes', disk.sectorSize ?? 0)
    .set('Version2.PhysicalSectorSizeInBytes', disk.physicalSectorSize ?? 0)
    .setGuid('Version2.ResiliencyGuid', newGuid());
  const { parentPath } = disk;
  if (parentPath !== undefined) {
    parameters.setText('Version2.ParentPath', parentPath);
    writeStorageType(parameters, 'Version2.ParentVirtualStorageType.', formatOf(parentPath));
  }
  return parameters;
}
