import { isEngineError } from '../../../base/errors.ts';

/** Win32 errors that the functions of virtdisk.dll return. */
export const WIN32 = {
  fileNotFound: 2,
  pathNotFound: 3,
  accessDenied: 5,
  notReady: 21,
  generalFailure: 31,
  sharingViolation: 32,
  notSupported: 50,
  fileExists: 80,
  invalidParameter: 87,
  diskFull: 112,
  fileCorrupt: 1392,
  footerMissing: 0xc03a0001,
  parentNotFound: 0xc03a000d,
  parentIdMismatch: 0xc03a000e,
  invalidBlockSize: 0xc03a000b,
  invalidSize: 0xc03a0012,
  providerNotFound: 0xc03a0014,
  notVirtualDisk: 0xc03a0015,
  chainCycle: 0xc03a0018,
  invalidType: 0xc03a001b,
  unsupportedSectorSize: 0xc03a001d,
  alreadyOwned: 0xc03a001e,
  noMinimumSize: 0xc03a0026,
  changedOffline: 0xc03a0022,
  invalidTrackingId: 0xc03a0029,
  trackingDisabled: 0xc03a002a,
} as const;

/** A call that fails with a Win32 error. */
export class CallFailure extends Error {
  readonly win32: number;

  constructor(win32: number) {
    super(`Win32 error ${win32}`);
    this.win32 = win32;
  }
}

/** Codes of our errors; which one Windows gives for a damaged file is UNCONFIRMED. */
const CODES: Readonly<Record<string, number>> = {
  'source.notFound': WIN32.fileNotFound,
  'source.notFile': WIN32.accessDenied,
  'source.denied': WIN32.accessDenied,
  'source.exists': WIN32.fileExists,
  'source.full': WIN32.diskFull,
  'source.busy': WIN32.sharingViolation,
  'disk.format': WIN32.notVirtualDisk,
  'vhdx.signature': WIN32.notVirtualDisk,
  'vhd.footer.none': WIN32.footerMissing,
  'disk.parent.missing': WIN32.parentNotFound,
  'disk.parent.mismatch': WIN32.parentIdMismatch,
  'disk.chain.cycle': WIN32.chainCycle,
  'disk.write.argument': WIN32.invalidParameter,
  'vhdx.write.argument': WIN32.invalidParameter,
};

/** Returns the Win32 error of a failure. */
export function win32Of(error: unknown): number {
  if (error instanceof CallFailure) return error.win32;
  if (!isEngineError(error)) return WIN32.generalFailure;
  return CODES[error.code] ?? (error.damage ? WIN32.fileCorrupt : WIN32.generalFailure);
}
