import { STATUS } from '../../../net/smb/status/nt-status.ts';

/** NTSTATUS values that only a server needs to know (MS-ERREF 2.3.1), besides those that clients know. */
export const SERVER_STATUS = {
  ...STATUS,
  notifyCleanup: 0x0000_010b,
  objectPathSyntaxBad: 0xc000_003b,
  invalidOplockProtocol: 0xc000_00e3,
  internalError: 0xc000_00e5,
  fsDriverRequired: 0xc000_019c,
  notAReparsePoint: 0xc000_0275,
  badImpersonationLevel: 0xc000_00a5,
  invalidLockRange: 0xc000_01a1,
  offloadReadNotSupported: 0xc000_a2a3,
  offloadWriteNotSupported: 0xc000_a2a4,
  noPreauthHashOverlap: 0xc05d_0000,
} as const;
