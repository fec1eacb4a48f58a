import { CLOSE_USERS, FULL_BACKUP, words, type ErrorWords } from './error-words.ts';

const SMALLER_RESIZE = 'Shrink the volumes in the disk first, or choose a larger size';

/** Errors of calls on virtual disks, and of change tracking: facility 0x3A, from 0x1A (winerror.h). */
export const DISK_ERROR_WORDS: readonly (readonly [number, ErrorWords])[] = [
  [
    0xc03a001a,
    words(
      'ERROR_VIRTUAL_DISK_LIMITATION',
      'The file is compressed, encrypted or sparse',
      'Remove that attribute of the file, or copy the file to a folder without it',
    ),
  ],
  [
    0xc03a001b,
    words(
      'ERROR_VHD_INVALID_TYPE',
      'The kind of the disk does not allow this: fixed, dynamic or differencing',
      'Use it with a disk of the right kind',
    ),
  ],
  [
    0xc03a001c,
    words(
      'ERROR_VHD_INVALID_STATE',
      'The state of the disk does not allow this, such as attached or detached',
      'Detach the disk, then try again',
    ),
  ],
  [
    0xc03a001d,
    words(
      'ERROR_VIRTDISK_UNSUPPORTED_DISK_SECTOR_SIZE',
      'The sector size of the disk below is not supported',
      'Move the image to a disk with sectors of 512 or 4096 bytes',
    ),
  ],
  [
    0xc03a001e,
    words('ERROR_VIRTDISK_DISK_ALREADY_OWNED', 'The disk is in use already', CLOSE_USERS),
  ],
  [
    0xc03a001f,
    words(
      'ERROR_VIRTDISK_DISK_ONLINE_AND_WRITABLE',
      'The disk is online and writable in Windows',
      'Take the disk offline, or set it to read-only',
    ),
  ],
  [
    0xc03a0020,
    words(
      'ERROR_CTLOG_TRACKING_NOT_INITIALIZED',
      'Change tracking was not started for the disk',
      FULL_BACKUP,
    ),
  ],
  [
    0xc03a0021,
    words(
      'ERROR_CTLOG_LOGFILE_SIZE_EXCEEDED_MAXSIZE',
      'The record of changes has become too large',
      FULL_BACKUP,
    ),
  ],
  [
    0xc03a0022,
    words(
      'ERROR_CTLOG_VHD_CHANGED_OFFLINE',
      'The disk was changed while nothing tracked it',
      FULL_BACKUP,
    ),
  ],
  [
    0xc03a0023,
    words(
      'ERROR_CTLOG_INVALID_TRACKING_STATE',
      'The state of change tracking does not allow this',
      FULL_BACKUP,
    ),
  ],
  [
    0xc03a0024,
    words(
      'ERROR_CTLOG_INCONSISTENT_TRACKING_FILE',
      'The file with the record of changes is inconsistent',
      FULL_BACKUP,
    ),
  ],
  [
    0xc03a0025,
    words(
      'ERROR_VHD_RESIZE_WOULD_TRUNCATE_DATA',
      'The new size would cut off data of the disk',
      SMALLER_RESIZE,
    ),
  ],
  [
    0xc03a0026,
    words(
      'ERROR_VHD_COULD_NOT_COMPUTE_MINIMUM_VIRTUAL_SIZE',
      'The smallest safe size of the disk cannot be computed',
      SMALLER_RESIZE,
    ),
  ],
  [
    0xc03a0027,
    words(
      'ERROR_VHD_ALREADY_AT_OR_BELOW_MINIMUM_VIRTUAL_SIZE',
      'The disk has its smallest safe size already',
      SMALLER_RESIZE,
    ),
  ],
  [
    0xc03a0028,
    words(
      'ERROR_VHD_METADATA_FULL',
      'The image has no room for more metadata',
      'Remove metadata that other programs added',
    ),
  ],
  [
    0xc03a0029,
    words(
      'ERROR_VHD_INVALID_CHANGE_TRACKING_ID',
      'The disk does not know this change tracking ID',
      FULL_BACKUP,
    ),
  ],
  [
    0xc03a002a,
    words(
      'ERROR_VHD_CHANGE_TRACKING_DISABLED',
      'Change tracking is off for the disk',
      `Turn change tracking on, then: ${FULL_BACKUP}`,
    ),
  ],
  [
    0xc03a0030,
    words(
      'ERROR_VHD_MISSING_CHANGE_TRACKING_INFORMATION',
      'The record of changes is missing or incomplete',
      FULL_BACKUP,
    ),
  ],
  [
    0x803a0001,
    words(
      'ERROR_QUERY_STORAGE_ERROR',
      'The storage below could not be asked',
      'Try again; if it fails again, make a full backup of the disk',
    ),
  ],
];
