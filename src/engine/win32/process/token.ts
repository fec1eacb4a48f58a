import { isEngineError } from '../../base/errors.ts';
import { advapi32, kernel32, lastError } from '../library/kernel32.ts';
import { StructBytes, wideText } from '../types/struct-bytes.ts';
import { TOKEN_PRIVILEGES } from '../types/win32-types.ts';
import { win32Error } from '../win32-errors.ts';
import { callData, callFailed } from '../words/call-failed.ts';

const TOKEN_ADJUST_PRIVILEGES = 0x20;
const TOKEN_QUERY = 0x8;
/** TOKEN_INFORMATION_CLASS.TokenElevation */
const TOKEN_ELEVATION = 20;
const SE_PRIVILEGE_ENABLED = 2;
const ERROR_NOT_ALL_ASSIGNED = 1300;

/** Needed to attach virtual disks; held by elevated administrators, and off until it is enabled. */
export const MANAGE_VOLUME = 'SeManageVolumePrivilege';

/** Whether the process runs elevated (as administrator). Throws `win32.failed`. */
export function isElevated(): boolean {
  return withToken(TOKEN_QUERY, (token) => {
    const elevation = Buffer.alloc(4);
    const needed = [0];
    const ok = advapi32('GetTokenInformation')(token, TOKEN_ELEVATION, elevation, 4, needed);
    if (ok === 0) throw callFailed('GetTokenInformation', lastError(), SUBJECT);
    return elevation.readUInt32LE(0) !== 0;
  });
}

/** Returns {@link isElevated}; null if this system is not Windows, or does not tell. */
export function ownElevation(): boolean | null {
  if (process.platform !== 'win32') return null;
  try {
    return isElevated();
  } catch (error) {
    if (isEngineError(error)) return null;
    throw error;
  }
}

/** Enables a privilege of the process. Throws `win32.privilege` if its token does not hold it. */
export function enablePrivilege(name: string): void {
  withToken(TOKEN_ADJUST_PRIVILEGES | TOKEN_QUERY, (token) => {
    const wanted = new StructBytes(TOKEN_PRIVILEGES)
      .set('PrivilegeCount', 1)
      .set('Privileges.Attributes', SE_PRIVILEGE_ENABLED);
    const luid = wanted.bytes.subarray(wanted.offset('Privileges.Luid'));
    const found = advapi32('LookupPrivilegeValueW')(null, wideText(name), luid);
    if (found === 0) throw callFailed('LookupPrivilegeValueW', lastError(), name);
    const ok = advapi32('AdjustTokenPrivileges')(token, 0, wanted.bytes, 0, null, null);
    // Succeeds even if nothing was enabled; then the last error says so.
    const error = lastError();
    if (ok === 0 && error !== ERROR_NOT_ALL_ASSIGNED) {
      throw callFailed('AdjustTokenPrivileges', error, name);
    }
    if (error === ERROR_NOT_ALL_ASSIGNED) {
      const message = `The account of this process does not hold ${name}. Start the program as administrator`;
      throw win32Error('win32.privilege', message, {
        data: { ...callData('AdjustTokenPrivileges', error), privilege: name },
      });
    }
  });
}

const SUBJECT = 'the token of this process';

function withToken<T>(access: number, use: (token: bigint) => T): T {
  const token: (number | bigint)[] = [0n];
  const process = kernel32('GetCurrentProcess')();
  const ok = advapi32('OpenProcessToken')(process, access, token);
  if (ok === 0) throw callFailed('OpenProcessToken', lastError(), SUBJECT);
  const handle = BigInt(token[0] ?? 0);
  try {
    return use(handle);
  } finally {
    kernel32('CloseHandle')(handle);
  }
}
