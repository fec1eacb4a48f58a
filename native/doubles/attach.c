/* AttachVirtualDisk, DetachVirtualDisk, GetVirtualDiskPhysicalPath and GetVirtualDiskOperationProgress. */
#include <stdlib.h>
#include <string.h>

#include "arguments.h"
#include "handles.h"

#define ALL_ATTACH_FLAGS 0x7FFu

/* Flags that the lab models; others are refused as not supported. */
#define MODELLED                                                                                                      \
  (RP_ATTACH_VIRTUAL_DISK_FLAG_READ_ONLY | RP_ATTACH_VIRTUAL_DISK_FLAG_NO_DRIVE_LETTER |                              \
   RP_ATTACH_VIRTUAL_DISK_FLAG_NO_LOCAL_HOST | RP_ATTACH_VIRTUAL_DISK_FLAG_NO_SECURITY_DESCRIPTOR |                   \
   RP_ATTACH_VIRTUAL_DISK_FLAG_BYPASS_DEFAULT_ENCRYPTION_POLICY)

static DWORD check_attach(void *security, uint32_t flags, uint32_t provider_flags,
                          const RP_ATTACH_VIRTUAL_DISK_PARAMETERS *parameters) {
  if (security != NULL && !IsValidSecurityDescriptor(security)) return ERROR_INVALID_PARAMETER;
  if ((flags & ~ALL_ATTACH_FLAGS) != 0 || provider_flags != 0) return ERROR_INVALID_PARAMETER;
  if (parameters != NULL) {
    const DWORD code = check_structure(parameters, sizeof *parameters, 8);
    if (code != ERROR_SUCCESS) return code;
    if (parameters->Version != RP_ATTACH_VIRTUAL_DISK_VERSION_1 && parameters->Version != RP_ATTACH_VIRTUAL_DISK_VERSION_2) {
      return ERROR_INVALID_PARAMETER;
    }
    if (parameters->Version == RP_ATTACH_VIRTUAL_DISK_VERSION_1 && parameters->Version1.Reserved != 0) {
      return ERROR_INVALID_PARAMETER;
    }
  }
  if ((flags & ~(uint32_t)(MODELLED)) != 0) return ERROR_NOT_SUPPORTED;
  return check_privilege();
}

DWORD WINAPI vd_attach(HANDLE handle, void *security, uint32_t flags, uint32_t provider_flags,
                       const RP_ATTACH_VIRTUAL_DISK_PARAMETERS *parameters, OVERLAPPED *overlapped) {
  message request;
  DWORD code = check_attach(security, flags, provider_flags, parameters);
  if (code == ERROR_SUCCESS && overlapped != NULL) code = check_structure(overlapped, sizeof *overlapped, 8);
  if (code != ERROR_SUCCESS) return code;
  open_disk *disk = use_disk(handle);
  if (disk == NULL) return ERROR_INVALID_HANDLE;
  begin_message(&request, CALL_ATTACH);
  put_u32(&request, flags);
  code = overlapped == NULL ? tell_about(disk, &request) : start_about(disk, &request, overlapped);
  let_go(disk);
  return code;
}

DWORD WINAPI vd_detach(HANDLE handle, uint32_t flags, uint32_t provider_flags) {
  message request;
  if (flags != RP_DETACH_VIRTUAL_DISK_FLAG_NONE || provider_flags != 0) return ERROR_INVALID_PARAMETER;
  open_disk *disk = use_disk(handle);
  if (disk == NULL) return ERROR_INVALID_HANDLE;
  begin_message(&request, CALL_DETACH);
  const DWORD code = tell_about(disk, &request);
  let_go(disk);
  return code;
}

DWORD WINAPI vd_physical_path(HANDLE handle, uint32_t *size, uint16_t *path) {
  reply answer = {NULL, 0};
  message request;
  DWORD code = check_structure(size, sizeof *size, 4);
  if (code == ERROR_SUCCESS && *size > 0) code = check_structure(path, *size, 2);
  if (code != ERROR_SUCCESS) return code;
  open_disk *disk = use_disk(handle);
  if (disk == NULL) return ERROR_INVALID_HANDLE;
  begin_message(&request, CALL_PATH);
  code = ask_about(disk, &request, &answer);
  let_go(disk);
  if (code != ERROR_SUCCESS) return code;
  /* Bytes, with the zero at the end. */
  const uint32_t needed = answer.length + 2;
  if (*size < needed) {
    code = ERROR_INSUFFICIENT_BUFFER;
  } else {
    memcpy(path, answer.bytes, answer.length);
    path[answer.length / 2] = 0;
  }
  *size = needed;
  free(answer.bytes);
  return code;
}

DWORD WINAPI vd_progress(HANDLE handle, OVERLAPPED *overlapped, RP_VIRTUAL_DISK_PROGRESS *progress) {
  DWORD code = check_structure(overlapped, sizeof *overlapped, 8);
  if (code == ERROR_SUCCESS) code = check_structure(progress, sizeof *progress, 8);
  if (code != ERROR_SUCCESS) return code;
  open_disk *disk = use_disk(handle);
  if (disk == NULL) return ERROR_INVALID_HANDLE;
  if (disk->overlapped != overlapped) {
    code = ERROR_INVALID_PARAMETER;
  } else {
    const LONG64 total = disk->progress.total;
    progress->OperationStatus = (uint32_t)disk->status;
    progress->CompletionValue = total > 0 ? (uint64_t)total : 1;
    progress->CurrentValue =
        progress->OperationStatus == ERROR_SUCCESS ? progress->CompletionValue : (uint64_t)disk->progress.current;
  }
  let_go(disk);
  return code;
}
