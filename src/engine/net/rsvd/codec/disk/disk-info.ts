import { structure } from '../layout/structure.ts';

/** Request (zeros) and answer of GET_DISK_INFO. */
export const DISK_INFO = structure('SVHDX_TUNNEL_DISK_INFO_RESPONSE', '2.2.4.6', 56, {
  diskType: [0, 'u32', 'DiskType: 2 fixed, 3 dynamic'],
  diskFormat: [4, 'u32', 'DiskFormat: 3 VHDX, 4 VHD Set'],
  blockSize: [8, 'u32', 'BlockSize in bytes; 0 for fixed disks'],
  linkageId: [12, 'guid', 'LinkageID'],
  isMounted: [28, 'u8', 'IsMounted'],
  is4kAligned: [29, 'u8', 'Is4kAligned'],
  fileSize: [32, 'size', 'FileSize of the backing file in bytes'],
  diskId: [40, 'guid', 'VirtualDiskId'],
});

export const DISK_TYPE = { fixed: 2, dynamic: 3 } as const;
export const DISK_FORMAT = { vhdx: 3, vhdSet: 4 } as const;
