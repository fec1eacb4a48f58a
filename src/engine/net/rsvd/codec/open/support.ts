import { structure } from '../layout/structure.ts';

/** Answer to FSCTL_QUERY_SHARED_VIRTUAL_DISK_SUPPORT. */
export const SUPPORT = structure('SVHDX_SHARED_VIRTUAL_DISK_SUPPORT_RESPONSE', '2.2.4.16', 8, {
  support: [
    0,
    'u32',
    'SharedVirtualDiskSupport, bits: 1 shared disks, 2 VHD Sets, 4 CDP snapshots',
  ],
  handleState: [4, 'u32', 'SharedVirtualDiskHandleState'],
});

/** State of a handle's file as a shared disk: not open, open by another handle, open by this one. */
export const HANDLE_STATE = { none: 0, other: 1, own: 3 } as const;
