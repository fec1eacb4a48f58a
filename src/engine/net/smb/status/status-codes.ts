import type { ErrorCode } from '../../../api/codes.ts';
import { STATUS } from './nt-status.ts';

type SmbCode = Extract<ErrorCode, `smb.${string}`>;
type AuthCode = Extract<ErrorCode, `http.auth.${string}`>;

/** Codes of logins, which are the same over every protocol. */
const LOGIN_CODES: ReadonlyMap<number, AuthCode> = new Map([
  [STATUS.logonFailure, 'http.auth.failed'],
  [STATUS.wrongPassword, 'http.auth.failed'],
  [STATUS.passwordRestriction, 'http.auth.failed'],
  [STATUS.accountRestriction, 'http.auth.failed'],
  [STATUS.invalidLogonHours, 'http.auth.failed'],
  [STATUS.invalidWorkstation, 'http.auth.failed'],
  [STATUS.logonTypeNotGranted, 'http.auth.failed'],
  [STATUS.accountLocked, 'http.auth.locked'],
  [STATUS.accountDisabled, 'http.auth.locked'],
  [STATUS.accountExpired, 'http.auth.expired'],
  [STATUS.passwordExpired, 'http.auth.expired'],
  [STATUS.passwordMustChange, 'http.auth.expired'],
  [STATUS.timeDifference, 'http.auth.clock'],
  [STATUS.ntlmBlocked, 'http.auth.mechanism'],
  [STATUS.notSupported, 'http.auth.mechanism'],
]);

const NOT_FOUND: readonly number[] = [
  STATUS.objectNameNotFound,
  STATUS.objectPathNotFound,
  STATUS.objectNameInvalid,
  STATUS.noSuchFile,
  STATUS.notADirectory,
  STATUS.fileIsADirectory,
];
const REDIRECT: readonly number[] = [STATUS.stoppedOnSymlink, STATUS.pathNotCovered];
const LOST: readonly number[] = [
  STATUS.networkNameDeleted,
  STATUS.userSessionDeleted,
  STATUS.networkSessionExpired,
  STATUS.fileClosed,
  STATUS.fileForcedClosed,
  STATUS.serverUnavailable,
  STATUS.fileNotAvailable,
  STATUS.shareUnavailable,
];
const BUSY: readonly number[] = [
  STATUS.sharingViolation,
  STATUS.fileLockConflict,
  STATUS.lockNotGranted,
  STATUS.deletePending,
];

/** Returns the code of a login that a server rejects with a status; undefined if it is not about the login. */
export const loginCode = (status: number): AuthCode | undefined => LOGIN_CODES.get(status);

/** Returns the code of a request that a server rejects with a status. */
export function requestCode(status: number): SmbCode {
  if (NOT_FOUND.includes(status)) return 'smb.notFound';
  if (REDIRECT.includes(status)) return 'smb.redirect';
  if (LOST.includes(status)) return 'smb.lost';
  if (BUSY.includes(status)) return 'smb.busy';
  if (status === STATUS.accessDenied) return 'smb.denied';
  if (status === STATUS.badNetworkName) return 'smb.share';
  return 'smb.failed';
}
