import { Buffer } from 'node:buffer';
import type { Guid } from '../../../../base/guid.ts';
import { DISK_FORMAT, DISK_INFO, DISK_TYPE } from '../../codec/disk/disk-info.ts';
import { INITIAL_INFO } from '../../codec/disk/initial-info.ts';
import { SAFE_SIZE } from '../../codec/disk/safe-size.ts';
import { VALIDATE_DISK, VALIDATE_REQUEST_BYTES } from '../../codec/disk/validate-disk.ts';
import { smbError } from '../../../smb/contract/smb-errors.ts';
import type { RsvdHandle } from '../handle/rsvd-handle.ts';

/** Facts of a shared disk. Sizes are bytes. */
export interface DiskFacts {
  readonly serverVersion: number;
  readonly isSet: boolean;
  readonly isFixed: boolean;
  readonly virtualSize: number;
  readonly sectorSize: number;
  readonly physicalSectorSize: number;
  readonly blockSize: number;
  readonly fileSize: number;
  readonly diskId: Guid;
  readonly isMounted: boolean;
}

const SECTORS: readonly number[] = [512, 4096];
const NOTHING = Buffer.alloc(0);

/** Reads size and identity of a disk. Throws `smb.answer` for values that no disk has. */
export async function readFacts(handle: RsvdHandle, signal: AbortSignal): Promise<DiskFacts> {
  const { path } = handle;
  const zeros = Buffer.alloc(DISK_INFO.size);
  const [size, disk] = await Promise.all([
    handle.tunnel('initialInfo', NOTHING, 'Reading the size of', signal),
    handle.tunnel('diskInfo', zeros, 'Reading the facts of', signal),
  ]);
  const first = INITIAL_INFO.decode(size, 'smb.answer');
  const second = DISK_INFO.decode(disk, 'smb.answer');
  const { virtualSize, sectorSize, physicalSectorSize, serverVersion } = first;
  const isPossible =
    SECTORS.includes(sectorSize) && virtualSize > 0 && virtualSize % sectorSize === 0;
  if (!isPossible) {
    throw smbError(
      'smb.answer',
      `${path} has ${virtualSize} bytes in sectors of ${sectorSize}; no disk has`,
      { data: { path, virtualSize, sectorSize } },
    );
  }
  return {
    serverVersion,
    isSet: second.diskFormat === DISK_FORMAT.vhdSet,
    isFixed: second.diskType === DISK_TYPE.fixed,
    virtualSize,
    sectorSize,
    physicalSectorSize,
    blockSize: second.blockSize,
    fileSize: second.fileSize,
    diskId: second.diskId,
    isMounted: second.isMounted !== 0,
  };
}

/** Whether the server finds the structures of the disk valid. */
export async function validateDisk(handle: RsvdHandle, signal: AbortSignal): Promise<boolean> {
  const zeros = Buffer.alloc(VALIDATE_REQUEST_BYTES);
  const answer = await handle.tunnel('validateDisk', zeros, 'Validating', signal);
  return VALIDATE_DISK.decode(answer, 'smb.answer').isValid !== 0;
}

/** Whether the server still has the disk. */
export async function checkConnection(handle: RsvdHandle, signal: AbortSignal): Promise<void> {
  await handle.tunnel('checkConnection', NOTHING, 'Checking the connection to', signal);
}

/** Returns the smallest size of the disk that loses no data, in bytes. */
export async function safeSize(handle: RsvdHandle, signal: AbortSignal): Promise<number> {
  const answer = await handle.tunnel('safeSize', NOTHING, 'Reading the safe size of', signal);
  return SAFE_SIZE.decode(answer, 'smb.answer').safeSize;
}
