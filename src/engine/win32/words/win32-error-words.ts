import { CLOSE_USERS, words, type ErrorWords } from './error-words.ts';

const CHECK_PATH = 'Check the path';
const ELEVATE = 'Start the program as administrator';
const REPORT = 'Report this with the log';

/** Errors of Win32 that calls on virtual disks, files and tokens give, by number (winerror.h). */
export const WIN32_ERROR_WORDS: readonly (readonly [number, ErrorWords])[] = [
  [1, words('ERROR_INVALID_FUNCTION', 'The device does not support this', REPORT)],
  [2, words('ERROR_FILE_NOT_FOUND', 'The file does not exist', CHECK_PATH)],
  [3, words('ERROR_PATH_NOT_FOUND', 'The folder does not exist', CHECK_PATH)],
  [
    5,
    words(
      'ERROR_ACCESS_DENIED',
      'The account may not do this',
      'Let the account read the file, or start the program as administrator',
    ),
  ],
  [6, words('ERROR_INVALID_HANDLE', 'The handle is not valid', REPORT)],
  [8, words('ERROR_NOT_ENOUGH_MEMORY', 'Not enough memory', 'Close other programs')],
  [19, words('ERROR_WRITE_PROTECT', 'The medium is write-protected', 'Use another medium')],
  [
    21,
    words('ERROR_NOT_READY', 'The device is not ready, or the disk is not attached', 'Try again'),
  ],
  [23, words('ERROR_CRC', 'The data on the disk cannot be read', 'Check the disk below the image')],
  [27, words('ERROR_SECTOR_NOT_FOUND', 'A sector was not found', 'Check the disk below the image')],
  [31, words('ERROR_GEN_FAILURE', 'A device failed', 'Check the disk below the image')],
  [32, words('ERROR_SHARING_VIOLATION', 'Another program has the file open', CLOSE_USERS)],
  [33, words('ERROR_LOCK_VIOLATION', 'Another program has locked a part of the file', CLOSE_USERS)],
  [38, words('ERROR_HANDLE_EOF', 'The end of the disk was reached', REPORT)],
  [
    50,
    words(
      'ERROR_NOT_SUPPORTED',
      'This is not supported for this file, or at this place',
      'Use a file on a local NTFS or ReFS volume',
    ),
  ],
  [53, words('ERROR_BAD_NETPATH', 'The server was not found', CHECK_PATH)],
  [
    55,
    words(
      'ERROR_DEV_NOT_EXIST',
      'The disk is not attached, or no longer there',
      'Attach the disk again',
    ),
  ],
  [59, words('ERROR_UNEXP_NET_ERR', 'The network failed', 'Try again')],
  [64, words('ERROR_NETNAME_DELETED', 'The connection to the server was lost', 'Try again')],
  [65, words('ERROR_NETWORK_ACCESS_DENIED', 'The server denies access', CHECK_PATH)],
  [67, words('ERROR_BAD_NET_NAME', 'The share was not found', CHECK_PATH)],
  [80, words('ERROR_FILE_EXISTS', 'The file exists already', 'Use another name')],
  [87, words('ERROR_INVALID_PARAMETER', 'An argument is not valid', REPORT)],
  [110, words('ERROR_OPEN_FAILED', 'The file cannot be opened', CHECK_PATH)],
  [112, words('ERROR_DISK_FULL', 'The volume is full', 'Make room on the volume')],
  [120, words('ERROR_CALL_NOT_IMPLEMENTED', 'This system lacks the function', 'Update Windows')],
  [121, words('ERROR_SEM_TIMEOUT', 'A device did not answer in time', 'Try again')],
  [122, words('ERROR_INSUFFICIENT_BUFFER', 'The answer is larger than its buffer', REPORT)],
  [123, words('ERROR_INVALID_NAME', 'The name of the file is not valid', CHECK_PATH)],
  [126, words('ERROR_MOD_NOT_FOUND', 'A library was not found', 'Repair Windows')],
  [127, words('ERROR_PROC_NOT_FOUND', 'A library lacks a function', 'Update Windows')],
  [161, words('ERROR_BAD_PATHNAME', 'The path is not valid', CHECK_PATH)],
  [170, words('ERROR_BUSY', 'The disk is in use', CLOSE_USERS)],
  [183, words('ERROR_ALREADY_EXISTS', 'The file exists already', 'Use another name')],
  [234, words('ERROR_MORE_DATA', 'The answer is not complete', 'Ask for the rest')],
  [
    618,
    words(
      'ERROR_UNSUPPORTED_COMPRESSION',
      'The file lies on a compressed volume',
      'Copy the file to a volume without compression',
    ),
  ],
  [
    665,
    words(
      'ERROR_FILE_SYSTEM_LIMITATION',
      'The file system cannot hold the image, or the share leads back to this computer',
      'Use the local path of the file',
    ),
  ],
  [995, words('ERROR_OPERATION_ABORTED', 'The call was cancelled', 'Try again')],
  [997, words('ERROR_IO_PENDING', 'The call has not ended yet', 'Wait for it')],
  [1117, words('ERROR_IO_DEVICE', 'A device failed', 'Check the disk below the image')],
  [1168, words('ERROR_NOT_FOUND', 'The element was not found', REPORT)],
  [1224, words('ERROR_USER_MAPPED_FILE', 'Another program uses the file as memory', CLOSE_USERS)],
  [1300, words('ERROR_NOT_ALL_ASSIGNED', 'The account lacks a privilege', ELEVATE)],
  [1314, words('ERROR_PRIVILEGE_NOT_HELD', 'The process lacks a privilege', ELEVATE)],
  [1392, words('ERROR_FILE_CORRUPT', 'The file is damaged', 'Check the volume (chkdsk)')],
  [1450, words('ERROR_NO_SYSTEM_RESOURCES', 'Windows is short of resources', 'Try again later')],
  [
    6000,
    words(
      'ERROR_ENCRYPTION_FAILED',
      'The file cannot be encrypted',
      'Copy the file to a folder without encryption',
    ),
  ],
  [
    6002,
    words(
      'ERROR_FILE_ENCRYPTED',
      'The file is encrypted (EFS)',
      'Decrypt the file, or copy it to a folder without encryption',
    ),
  ],
];
