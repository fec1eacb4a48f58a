import { join } from 'node:path';
import { loadKoffi, type NativeFunction } from '../../../src/engine/native/koffi.ts';

/**
 * The functions of virtdisk.dll and of kernel32.dll without anything between: what tests of the
 * double call, to see what it refuses.
 */
const DECLARATIONS = {
  OpenVirtualDisk:
    'uint32_t OpenVirtualDisk(const void *type, const void *path, uint32_t mask, int32_t flags, const void *parameters, _Out_ void **handle)',
  CreateVirtualDisk:
    'uint32_t CreateVirtualDisk(const void *type, const char16_t *path, uint32_t mask, void *security, int32_t flags, uint32_t provider, const void *parameters, void *overlapped, _Out_ void **handle)',
  GetVirtualDiskInformation:
    'uint32_t GetVirtualDiskInformation(void *handle, _Inout_ uint32_t *size, void *info, _Out_ uint32_t *used)',
  SetVirtualDiskInformation: 'uint32_t SetVirtualDiskInformation(void *handle, const void *info)',
  QueryChangesVirtualDisk:
    'uint32_t QueryChangesVirtualDisk(void *handle, const char16_t *id, uint64_t offset, uint64_t length, int32_t flags, void *ranges, _Inout_ uint32_t *count, _Out_ uint64_t *processed)',
  AttachVirtualDisk:
    'uint32_t AttachVirtualDisk(void *handle, void *security, int32_t flags, uint32_t provider, const void *parameters, void *overlapped)',
  DetachVirtualDisk: 'uint32_t DetachVirtualDisk(void *handle, int32_t flags, uint32_t provider)',
  GetVirtualDiskPhysicalPath:
    'uint32_t GetVirtualDiskPhysicalPath(void *handle, _Inout_ uint32_t *size, void *path)',
  GetVirtualDiskOperationProgress:
    'uint32_t GetVirtualDiskOperationProgress(void *handle, void *overlapped, void *progress)',
} as const;

const KERNEL = {
  ReadFile:
    'int32_t ReadFile(void *handle, void *into, uint32_t length, void *read, void *overlapped)',
  WriteFile:
    'int32_t WriteFile(void *handle, const void *bytes, uint32_t length, void *written, void *overlapped)',
  GetOverlappedResult:
    'int32_t GetOverlappedResult(void *handle, void *overlapped, _Out_ uint32_t *length, int32_t wait)',
  CancelIoEx: 'int32_t CancelIoEx(void *handle, void *overlapped)',
  CloseHandle: 'int32_t CloseHandle(void *handle)',
  GetLastError: 'uint32_t GetLastError()',
  CreateEventW: 'void *CreateEventW(void *security, int32_t manual, int32_t set, void *name)',
  GetCurrentProcess: 'void *GetCurrentProcess()',
} as const;

const SECURITY = {
  OpenProcessToken: 'int32_t OpenProcessToken(void *process, uint32_t access, _Out_ void **token)',
  LookupPrivilegeValueW:
    'int32_t LookupPrivilegeValueW(void *system, const char16_t *name, void *luid)',
  AdjustTokenPrivileges:
    'int32_t AdjustTokenPrivileges(void *token, int32_t none, const void *wanted, uint32_t length, void *before, void *needed)',
} as const;

type Functions<Names> = Readonly<Record<keyof Names, NativeFunction>>;
export type RawVirtdisk = Functions<typeof DECLARATIONS> &
  Functions<typeof KERNEL> &
  Functions<typeof SECURITY>;

export function rawVirtdisk(): RawVirtdisk {
  const koffi = loadKoffi();
  if (koffi instanceof Error) throw koffi;
  const system = join(process.env['SystemRoot'] ?? 'C:\\windows', 'System32');
  const declared = [
    ['virtdisk.dll', DECLARATIONS],
    ['kernel32.dll', KERNEL],
    ['advapi32.dll', SECURITY],
  ] as const;
  const functions = declared.flatMap(([file, declarations]) => {
    const library = koffi.load(join(system, file));
    return Object.entries(declarations).map(([name, text]) => [name, library.func(text)] as const);
  });
  return Object.fromEntries(functions) as RawVirtdisk;
}

/** Enables SeManageVolumePrivilege in this process. */
export function enableManageVolume(functions: RawVirtdisk): void {
  const token = [null];
  // TOKEN_ADJUST_PRIVILEGES and TOKEN_QUERY.
  functions.OpenProcessToken(functions.GetCurrentProcess(), 0x28, token);
  const privileges = Buffer.alloc(16);
  privileges.writeUInt32LE(1, 0);
  const luid = privileges.subarray(4, 12);
  functions.LookupPrivilegeValueW(null, 'SeManageVolumePrivilege', luid);
  // SE_PRIVILEGE_ENABLED.
  privileges.writeUInt32LE(2, 12);
  functions.AdjustTokenPrivileges(token[0], 0, privileges, 0, null, null);
  functions.CloseHandle(token[0]);
}

const MICROSOFT = 'ec4a98ecf9a0e947901f71415a66345b';

/** VIRTUAL_STORAGE_TYPE of a device, of Microsoft. */
export function storageType(device: number): Buffer {
  const type = Buffer.alloc(20);
  type.writeUInt32LE(device, 0);
  Buffer.from(MICROSOFT, 'hex').copy(type, 4);
  return type;
}

/** OPEN_VIRTUAL_DISK_PARAMETERS, version 2, with a GUID of its own. */
export function openParameters(infoOnly: boolean, readOnly: boolean): Buffer {
  const parameters = Buffer.alloc(44);
  parameters.writeInt32LE(2, 0);
  parameters.writeInt32LE(infoOnly ? 1 : 0, 4);
  parameters.writeInt32LE(readOnly ? 1 : 0, 8);
  crypto.getRandomValues(parameters.subarray(12, 28));
  return parameters;
}

/** Text of UTF-16 with its zero. */
export const wide = (text: string): Buffer => Buffer.from(`${text}\0`, 'utf16le');

/** OVERLAPPED at an offset. */
export function overlappedAt(offset: number): Buffer {
  const overlapped = Buffer.alloc(32);
  overlapped.writeBigUInt64LE(BigInt(offset), 16);
  return overlapped;
}
