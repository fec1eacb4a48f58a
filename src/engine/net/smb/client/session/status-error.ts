import { smbError } from '../../contract/smb-errors.ts';
import { describeStatus, STATUS } from '../../status/nt-status.ts';

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

/**
 * Returns the error of a request that the server answered with a status.
 * @param what the failed work, for example `Opening`
 * @param path UNC path
 */
export function statusError(what: string, path: string, status: number): Error {
  const text = `${what} ${path} failed: ${describeStatus(status)}`;
  return smbError(codeOf(status), text, { data: { path, status } });
}

function codeOf(status: number): Parameters<typeof smbError>[0] {
  if (NOT_FOUND.includes(status)) return 'smb.notFound';
  if (REDIRECT.includes(status)) return 'smb.redirect';
  if (LOST.includes(status)) return 'smb.lost';
  if (BUSY.includes(status)) return 'smb.busy';
  if (status === STATUS.accessDenied) return 'smb.denied';
  if (status === STATUS.badNetworkName) return 'smb.share';
  return 'smb.failed';
}
