import { WindowsFunctions } from '../../win32/library/windows-functions.ts';
import type { NativeFunction } from '../../native/koffi.ts';
import { virtdiskError } from '../contract/virtdisk-errors.ts';

/**
 * The functions of virtdisk.dll (virtdisk.h). Each returns an error of Win32 itself, unsigned; 0 is
 * success. QueryChangesVirtualDisk exists since Windows 10 and Windows Server 2016.
 */
const DECLARATIONS = {
  OpenVirtualDisk:
    'uint32_t __stdcall OpenVirtualDisk(const void *type, const void *path, uint32_t access, uint32_t flags, const void *parameters, _Out_ uint64_t *handle)',
  CreateVirtualDisk:
    'uint32_t __stdcall CreateVirtualDisk(const void *type, const void *path, uint32_t access, void *security, uint32_t flags, uint32_t providerFlags, const void *parameters, void *overlapped, _Out_ uint64_t *handle)',
  AttachVirtualDisk:
    'uint32_t __stdcall AttachVirtualDisk(uint64_t handle, void *security, uint32_t flags, uint32_t providerFlags, const void *parameters, void *overlapped)',
  DetachVirtualDisk:
    'uint32_t __stdcall DetachVirtualDisk(uint64_t handle, uint32_t flags, uint32_t providerFlags)',
  GetVirtualDiskInformation:
    'uint32_t __stdcall GetVirtualDiskInformation(uint64_t handle, void *size, void *information, void *used)',
  SetVirtualDiskInformation:
    'uint32_t __stdcall SetVirtualDiskInformation(uint64_t handle, const void *information)',
  QueryChangesVirtualDisk:
    'uint32_t __stdcall QueryChangesVirtualDisk(uint64_t handle, const void *id, uint64_t offset, uint64_t length, uint32_t flags, void *ranges, void *count, void *processed)',
  GetVirtualDiskPhysicalPath:
    'uint32_t __stdcall GetVirtualDiskPhysicalPath(uint64_t handle, void *bytes, void *path)',
  GetVirtualDiskOperationProgress:
    'uint32_t __stdcall GetVirtualDiskOperationProgress(uint64_t handle, void *overlapped, void *progress)',
} as const;

export type VirtdiskFunction = keyof typeof DECLARATIONS;

const VIRTDISK = new WindowsFunctions<VirtdiskFunction>('virtdisk.dll', DECLARATIONS);

/** Returns a function of virtdisk.dll. Throws `virtdisk.missing` or `virtdisk.tooOld`. */
export const virtdisk = (name: VirtdiskFunction): NativeFunction => findFunction(VIRTDISK, name);

/**
 * Looks all functions up. Throws `virtdisk.missing` or `virtdisk.tooOld`.
 *
 * @param file another library, to try what happens if functions are missing
 */
export function requireVirtdisk(file: string | undefined): void {
  const library =
    file === undefined ? VIRTDISK : new WindowsFunctions<VirtdiskFunction>(file, DECLARATIONS);
  for (const name of Object.keys(DECLARATIONS) as VirtdiskFunction[]) findFunction(library, name);
}

function findFunction(
  library: WindowsFunctions<VirtdiskFunction>,
  name: VirtdiskFunction,
): NativeFunction {
  const found = library.find(name);
  if (typeof found === 'function') return found;
  if ('missing' in found) {
    throw virtdiskError(
      'virtdisk.tooOld',
      `${found.file} has no function ${name}. Windows 10 or Windows Server 2016 is needed, or newer`,
      { data: { call: name, file: found.file } },
    );
  }
  const { file, remedy, cause } = found;
  throw virtdiskError('virtdisk.missing', `${file} cannot be loaded: ${cause.message}. ${remedy}`, {
    data: { call: name, file },
    cause,
  });
}
