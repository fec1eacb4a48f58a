import { kernel32, lastError } from '../../../src/engine/win32/library/kernel32.ts';
import { WindowsHandle } from '../../../src/engine/win32/handles/windows-handle.ts';
import { wideText } from '../../../src/engine/win32/types/struct-bytes.ts';
import { callFailed } from '../../../src/engine/win32/words/call-failed.ts';

const GENERIC_READ = 0x8000_0000;
const FILE_SHARE_READ = 1;
const OPEN_EXISTING = 3;
const FILE_FLAG_OVERLAPPED = 0x4000_0000;
const INVALID_HANDLE_VALUE = 0xffff_ffff_ffff_ffffn;

/** Opens a file or a named pipe for overlapped reads, as a virtual disk is open. Only on Windows. */
export function openOverlapped(path: string): WindowsHandle {
  const handle = kernel32('CreateFileW')(
    wideText(path),
    GENERIC_READ,
    FILE_SHARE_READ,
    null,
    OPEN_EXISTING,
    FILE_FLAG_OVERLAPPED,
    0,
  ) as number | bigint;
  if (BigInt(handle) === INVALID_HANDLE_VALUE) throw callFailed('CreateFileW', lastError(), path);
  return new WindowsHandle(BigInt(handle), path);
}
