/**
 * NTSTATUS values that servers of files answer with (MS-ERREF 2.3.1), with their names and what they
 * mean in words.
 */

const TABLE = {
  success: [0x0000_0000, 'SUCCESS', 'done'],
  pending: [0x0000_0103, 'PENDING', 'the answer comes later'],
  notifyEnumDir: [0x0000_010c, 'NOTIFY_ENUM_DIR', 'too many changes to list'],
  bufferOverflow: [0x8000_0005, 'BUFFER_OVERFLOW', 'the answer is longer than the space for it'],
  noMoreFiles: [0x8000_0006, 'NO_MORE_FILES', 'the list of files has ended'],
  stoppedOnSymlink: [0x8000_002d, 'STOPPED_ON_SYMLINK', 'the path leads through a symbolic link'],
  unsuccessful: [0xc000_0001, 'UNSUCCESSFUL', 'the request failed'],
  notImplemented: [0xc000_0002, 'NOT_IMPLEMENTED', 'the server does not have this function'],
  invalidInfoClass: [
    0xc000_0003,
    'INVALID_INFO_CLASS',
    'the server does not have this information',
  ],
  infoLengthMismatch: [0xc000_0004, 'INFO_LENGTH_MISMATCH', 'a structure has a wrong length'],
  invalidHandle: [0xc000_0008, 'INVALID_HANDLE', 'the file is not open'],
  invalidParameter: [0xc000_000d, 'INVALID_PARAMETER', 'the server rejects a part of the request'],
  noSuchFile: [0xc000_000f, 'NO_SUCH_FILE', 'no file has this name'],
  invalidDeviceRequest: [
    0xc000_0010,
    'INVALID_DEVICE_REQUEST',
    'the server does not have this function',
  ],
  endOfFile: [0xc000_0011, 'END_OF_FILE', 'the file ends before'],
  moreProcessingRequired: [0xc000_0016, 'MORE_PROCESSING_REQUIRED', 'the login goes on'],
  accessDenied: [0xc000_0022, 'ACCESS_DENIED', 'the account has no right to this'],
  bufferTooSmall: [0xc000_0023, 'BUFFER_TOO_SMALL', 'the space for the answer is too small'],
  objectNameInvalid: [0xc000_0033, 'OBJECT_NAME_INVALID', 'this is not a valid name'],
  objectNameNotFound: [0xc000_0034, 'OBJECT_NAME_NOT_FOUND', 'no file has this name'],
  objectNameCollision: [0xc000_0035, 'OBJECT_NAME_COLLISION', 'a file with this name exists'],
  objectPathNotFound: [0xc000_003a, 'OBJECT_PATH_NOT_FOUND', 'a folder of the path does not exist'],
  sharingViolation: [
    0xc000_0043,
    'SHARING_VIOLATION',
    'another program has the file open and does not share it',
  ],
  easNotSupported: [0xc000_004f, 'EAS_NOT_SUPPORTED', 'extended attributes are not supported'],
  fileLockConflict: [
    0xc000_0054,
    'FILE_LOCK_CONFLICT',
    'another program locked this part of the file',
  ],
  lockNotGranted: [0xc000_0055, 'LOCK_NOT_GRANTED', 'another program locked this part of the file'],
  deletePending: [0xc000_0056, 'DELETE_PENDING', 'the file is being deleted'],
  wrongPassword: [0xc000_006a, 'WRONG_PASSWORD', 'the password is wrong'],
  passwordRestriction: [
    0xc000_006c,
    'PASSWORD_RESTRICTION',
    'a rule for passwords forbids this login',
  ],
  logonFailure: [0xc000_006d, 'LOGON_FAILURE', 'the user or the password is wrong'],
  accountRestriction: [0xc000_006e, 'ACCOUNT_RESTRICTION', 'the account may not log in like this'],
  invalidLogonHours: [
    0xc000_006f,
    'INVALID_LOGON_HOURS',
    'the account may not log in at this time',
  ],
  invalidWorkstation: [
    0xc000_0070,
    'INVALID_WORKSTATION',
    'the account may not log in from this computer',
  ],
  passwordExpired: [0xc000_0071, 'PASSWORD_EXPIRED', 'the password has expired'],
  accountDisabled: [0xc000_0072, 'ACCOUNT_DISABLED', 'the account is disabled'],
  rangeNotLocked: [0xc000_007e, 'RANGE_NOT_LOCKED', 'this part of the file is not locked'],
  diskFull: [0xc000_007f, 'DISK_FULL', 'the disk of the server is full'],
  insufficientResources: [0xc000_009a, 'INSUFFICIENT_RESOURCES', 'the server lacks memory'],
  mediaWriteProtected: [0xc000_00a2, 'MEDIA_WRITE_PROTECTED', 'the share is read-only'],
  ioTimeout: [0xc000_00b5, 'IO_TIMEOUT', 'a disk of the server did not answer in time'],
  fileForcedClosed: [0xc000_00b6, 'FILE_FORCED_CLOSED', 'the server closed the file'],
  fileIsADirectory: [0xc000_00ba, 'FILE_IS_A_DIRECTORY', 'this is a folder'],
  notSupported: [0xc000_00bb, 'NOT_SUPPORTED', 'the server does not support this'],
  networkNameDeleted: [0xc000_00c9, 'NETWORK_NAME_DELETED', 'the share was removed or moved'],
  badNetworkName: [0xc000_00cc, 'BAD_NETWORK_NAME', 'no share has this name'],
  requestNotAccepted: [0xc000_00d0, 'REQUEST_NOT_ACCEPTED', 'the server accepts no more sessions'],
  invalidParameter1: [0xc000_00ef, 'INVALID_PARAMETER_1', 'the server rejects the first parameter'],
  invalidParameter2: [
    0xc000_00f0,
    'INVALID_PARAMETER_2',
    'the server rejects the second parameter',
  ],
  invalidParameter3: [0xc000_00f1, 'INVALID_PARAMETER_3', 'the server rejects the third parameter'],
  invalidParameter4: [
    0xc000_00f2,
    'INVALID_PARAMETER_4',
    'the server rejects the fourth parameter',
  ],
  invalidParameter5: [0xc000_00f3, 'INVALID_PARAMETER_5', 'the server rejects the fifth parameter'],
  invalidParameter6: [0xc000_00f4, 'INVALID_PARAMETER_6', 'the server rejects the sixth parameter'],
  directoryNotEmpty: [0xc000_0101, 'DIRECTORY_NOT_EMPTY', 'the folder is not empty'],
  fileCorrupt: [0xc000_0102, 'FILE_CORRUPT_ERROR', 'the file is damaged'],
  notADirectory: [0xc000_0103, 'NOT_A_DIRECTORY', 'this is not a folder'],
  cancelled: [0xc000_0120, 'CANCELLED', 'the request was cancelled'],
  cannotDelete: [0xc000_0121, 'CANNOT_DELETE', 'the file cannot be deleted'],
  fileClosed: [0xc000_0128, 'FILE_CLOSED', 'the file is closed'],
  timeDifference: [0xc000_0133, 'TIME_DIFFERENCE_AT_DC', 'the clocks differ too much'],
  logonTypeNotGranted: [
    0xc000_015b,
    'LOGON_TYPE_NOT_GRANTED',
    'the account may not log in over the network',
  ],
  accountExpired: [0xc000_0193, 'ACCOUNT_EXPIRED', 'the account has expired'],
  userSessionDeleted: [0xc000_0203, 'USER_SESSION_DELETED', 'the server ended the session'],
  insufficientServerResources: [
    0xc000_0205,
    'INSUFF_SERVER_RESOURCES',
    'the server lacks resources for another session',
  ],
  passwordMustChange: [0xc000_0224, 'PASSWORD_MUST_CHANGE', 'the password must be changed first'],
  notFound: [0xc000_0225, 'NOT_FOUND', 'the server did not find it'],
  duplicateObjectId: [0xc000_022a, 'DUPLICATE_OBJECTID', 'this handle exists already'],
  accountLocked: [0xc000_0234, 'ACCOUNT_LOCKED_OUT', 'the account is locked'],
  pathNotCovered: [0xc000_0257, 'PATH_NOT_COVERED', 'the path leads to another server (DFS)'],
  networkSessionExpired: [0xc000_035c, 'NETWORK_SESSION_EXPIRED', 'the session has expired'],
  ntlmBlocked: [0xc000_0418, 'NTLM_BLOCKED', 'NTLM is disabled'],
  serverUnavailable: [0xc000_0466, 'SERVER_UNAVAILABLE', 'the server is not available now'],
  fileNotAvailable: [0xc000_0467, 'FILE_NOT_AVAILABLE', 'the file is not available now'],
  shareUnavailable: [0xc000_0480, 'SHARE_UNAVAILABLE', 'the share is not available now'],
  sensesNotStored: [
    0xc05c_ff00,
    'SVHDX_ERROR_NOT_AVAILABLE',
    'the server has no sense data for it',
  ],
  unitAttention: [0xc05c_ff01, 'SVHDX_UNIT_ATTENTION_AVAILABLE', 'the disk reports a change'],
  capacityChanged: [
    0xc05c_ff02,
    'SVHDX_UNIT_ATTENTION_CAPACITY_DATA_CHANGED',
    'the size of the disk changed',
  ],
  reservationsPreempted: [
    0xc05c_ff03,
    'SVHDX_UNIT_ATTENTION_RESERVATIONS_PREEMPTED',
    'another host preempted the reservation',
  ],
  reservationsReleased: [
    0xc05c_ff04,
    'SVHDX_UNIT_ATTENTION_RESERVATIONS_RELEASED',
    'another host released the reservation',
  ],
  registrationsPreempted: [
    0xc05c_ff05,
    'SVHDX_UNIT_ATTENTION_REGISTRATIONS_PREEMPTED',
    'another host removed the registration',
  ],
  definitionChanged: [
    0xc05c_ff06,
    'SVHDX_UNIT_ATTENTION_OPERATING_DEFINITION_CHANGED',
    'the properties of the disk changed',
  ],
  reservationConflict: [
    0xc05c_ff07,
    'SVHDX_RESERVATION_CONFLICT',
    'another host has reserved the disk',
  ],
  wrongFileType: [0xc05c_ff08, 'SVHDX_WRONG_FILE_TYPE', 'the file is not a shared virtual disk'],
  versionMismatch: [
    0xc05c_ff09,
    'SVHDX_VERSION_MISMATCH',
    'the server does not have this operation',
  ],
  virtualDiskShared: [0xc05c_ff0a, 'VHD_SHARED', 'the disk is open as a shared virtual disk'],
} as const satisfies Record<string, readonly [value: number, name: string, words: string]>;

type StatusName = keyof typeof TABLE;

/** Values by name. */
export const STATUS = Object.fromEntries(
  Object.entries(TABLE).map(([name, [value]]) => [name, value]),
) as Readonly<Record<StatusName, number>>;

const KNOWN: ReadonlyMap<number, readonly [name: string, words: string]> = new Map(
  Object.values(TABLE).map(([value, name, words]) => [value, [name, words]]),
);

/** Returns a status for people: its words, then its name or number. */
export function describeStatus(status: number): string {
  const hex = `0x${(status >>> 0).toString(16).padStart(8, '0')}`;
  const known = KNOWN.get(status >>> 0);
  if (known === undefined) return `status ${hex}`;
  const [name, words] = known;
  return `${words} (STATUS_${name}, ${hex})`;
}
