import { structure } from '../layout/structure.ts';

/** Bytes of the request of VALIDATE_DISK, all zero (2.2.4.9). */
export const VALIDATE_REQUEST_BYTES = 56;

/** Answer to VALIDATE_DISK. */
export const VALIDATE_DISK = structure('SVHDX_TUNNEL_VALIDATE_DISK_RESPONSE', '2.2.4.10', 1, {
  isValid: [0, 'u8', 'IsValidDisk'],
});
