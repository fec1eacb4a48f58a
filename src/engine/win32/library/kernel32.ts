import type { NativeFunction } from '../../native/koffi.ts';
import { win32Error } from '../win32-errors.ts';
import { WindowsFunctions } from './windows-functions.ts';

/** Handles are numbers here, so that INVALID_HANDLE_VALUE and 0 need no pointers. */
const KERNEL32 = new WindowsFunctions('kernel32.dll', {
  CloseHandle: 'int32_t __stdcall CloseHandle(uint64_t handle)',
  CancelIoEx: 'int32_t __stdcall CancelIoEx(uint64_t handle, void *overlapped)',
  CreateEventW:
    'uint64_t __stdcall CreateEventW(void *security, int32_t manual, int32_t signaled, void *name)',
  CreateFileW:
    'uint64_t __stdcall CreateFileW(const void *name, uint32_t access, uint32_t share, void *security, uint32_t creation, uint32_t flags, uint64_t template)',
  GetCurrentProcess: 'uint64_t __stdcall GetCurrentProcess()',
  GetLastError: 'uint32_t __stdcall GetLastError()',
  GetOverlappedResult:
    'int32_t __stdcall GetOverlappedResult(uint64_t handle, void *overlapped, void *moved, int32_t wait)',
  ReadFile:
    'int32_t __stdcall ReadFile(uint64_t handle, void *buffer, uint32_t length, void *moved, void *overlapped)',
  SetEvent: 'int32_t __stdcall SetEvent(uint64_t event)',
  WaitForMultipleObjects:
    'uint32_t __stdcall WaitForMultipleObjects(uint32_t count, const void *handles, int32_t all, uint32_t milliseconds)',
});

const ADVAPI32 = new WindowsFunctions('advapi32.dll', {
  OpenProcessToken:
    'int32_t __stdcall OpenProcessToken(uint64_t process, uint32_t access, _Out_ uint64_t *token)',
  GetTokenInformation:
    'int32_t __stdcall GetTokenInformation(uint64_t token, int32_t kind, void *into, uint32_t length, _Out_ uint32_t *needed)',
  LookupPrivilegeValueW:
    'int32_t __stdcall LookupPrivilegeValueW(const void *system, const void *name, void *luid)',
  AdjustTokenPrivileges:
    'int32_t __stdcall AdjustTokenPrivileges(uint64_t token, int32_t disableAll, const void *wanted, uint32_t length, void *before, void *needed)',
});

export type Kernel32Function = Parameters<typeof KERNEL32.find>[0];
export type Advapi32Function = Parameters<typeof ADVAPI32.find>[0];

/** Returns a function of kernel32.dll. Throws `win32.unavailable`. */
export const kernel32 = (name: Kernel32Function): NativeFunction => require(KERNEL32, name);

/** Returns a function of advapi32.dll. Throws `win32.unavailable`. */
export const advapi32 = (name: Advapi32Function): NativeFunction => require(ADVAPI32, name);

function require<Name extends string>(library: WindowsFunctions<Name>, name: Name): NativeFunction {
  const found = library.find(name);
  if (typeof found === 'function') return found;
  const why =
    'cause' in found ? `${found.cause.message}. ${found.remedy}` : 'The function is missing';
  throw win32Error('win32.unavailable', `${name} of ${found.file} cannot be called: ${why}`, {
    data: { call: name, file: found.file },
    ...('cause' in found && { cause: found.cause }),
  });
}

/** Error of the last call on this thread. koffi keeps it until its next call. */
export const lastError = (): number => Number(kernel32('GetLastError')());
