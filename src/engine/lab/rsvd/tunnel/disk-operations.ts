import { Buffer } from 'node:buffer';
import { NIL_GUID } from '../../../base/guid.ts';
import { DISK_FORMAT, DISK_INFO, DISK_TYPE } from '../../../net/rsvd/codec/disk/disk-info.ts';
import { INITIAL_INFO } from '../../../net/rsvd/codec/disk/initial-info.ts';
import { SAFE_SIZE } from '../../../net/rsvd/codec/disk/safe-size.ts';
import { VALIDATE_DISK } from '../../../net/rsvd/codec/disk/validate-disk.ts';
import { safeSize } from '../disk/safe-size.ts';
import type { TunnelHandler } from './contract.ts';

const initialInfo: TunnelHandler = async ({ open }) => {
  const { sectorSize, physicalSectorSize } = await open.entry.disk.facts();
  const serverVersion = open.switches.version();
  const virtualSize = await open.size();
  return INITIAL_INFO.encode({ serverVersion, sectorSize, physicalSectorSize, virtualSize });
};

const diskInfo: TunnelHandler = async ({ open }) => {
  const { disk } = open.entry;
  const { fixed, blockSize, physicalSectorSize, fileSize, diskId } = await disk.facts();
  const isSet = disk.set !== undefined && open.switches.version() === 2;
  return DISK_INFO.encode({
    diskType: fixed ? DISK_TYPE.fixed : DISK_TYPE.dynamic,
    diskFormat: isSet ? DISK_FORMAT.vhdSet : DISK_FORMAT.vhdx,
    blockSize: fixed ? 0 : blockSize,
    linkageId: NIL_GUID,
    isMounted: 1,
    is4kAligned: physicalSectorSize >= 4096 ? 1 : 0,
    fileSize,
    diskId,
  });
};

/** The disk is open, so its structures were found valid. */
const validateDisk: TunnelHandler = async ({ open }) => {
  await open.entry.disk.facts();
  return VALIDATE_DISK.encode({ isValid: 1 });
};

export const DISK_HANDLERS = {
  initialInfo,
  diskInfo,
  validateDisk,
  checkConnection: async () => Buffer.alloc(0),
  safeSize: async ({ open }) => SAFE_SIZE.encode({ safeSize: await safeSize(open.entry.disk) }),
} satisfies Record<string, TunnelHandler>;
