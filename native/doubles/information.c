/* GetVirtualDiskInformation and SetVirtualDiskInformation. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "arguments.h"
#include "handles.h"

/* The lab answers with the arm of the union as it lies in memory. */
#define ARM offsetof(RP_GET_VIRTUAL_DISK_INFO, Size)

DWORD WINAPI vd_get_information(HANDLE handle, uint32_t *size, RP_GET_VIRTUAL_DISK_INFO *info, uint32_t *used) {
  reply answer = {NULL, 0};
  message request;
  DWORD code = check_structure(size, sizeof *size, 4);
  if (code == ERROR_SUCCESS) code = check_structure(info, 4, 8);
  if (code == ERROR_SUCCESS && used != NULL) code = check_structure(used, sizeof *used, 4);
  if (code != ERROR_SUCCESS) return code;
  if (*size < sizeof *info) {
    *size = sizeof *info;
    return ERROR_INSUFFICIENT_BUFFER;
  }
  if (IsBadWritePtr(info, *size)) return ERROR_NOACCESS;
  if (info->Version < RP_GET_VIRTUAL_DISK_INFO_SIZE || info->Version > RP_GET_VIRTUAL_DISK_INFO_CHANGE_TRACKING_STATE) {
    return ERROR_INVALID_PARAMETER;
  }
  open_disk *disk = use_disk(handle);
  if (disk == NULL) return ERROR_INVALID_HANDLE;
  begin_message(&request, CALL_INFO);
  put_u32(&request, (uint32_t)info->Version);
  put_u32(&request, *size);
  code = ask_about(disk, &request, &answer);
  let_go(disk);
  if (code != ERROR_SUCCESS) return code;
  const uint32_t needed = max((uint32_t)sizeof *info, (uint32_t)ARM + answer.length);
  if (needed > *size) {
    *size = needed;
    code = ERROR_INSUFFICIENT_BUFFER;
  } else {
    memcpy((uint8_t *)info + ARM, answer.bytes, answer.length);
    if (used != NULL) *used = needed;
  }
  free(answer.bytes);
  return code;
}

/* Returns the parts of a setting that the lab needs. */
static DWORD read_setting(const RP_SET_VIRTUAL_DISK_INFO *info, uint32_t *number, RP_GUID *guid, RP_PCWSTR *path) {
  switch (info->Version) {
    case RP_SET_VIRTUAL_DISK_INFO_PARENT_PATH:
      *path = info->ParentFilePath;
      return check_text(*path, MAX_PATH_UNITS);
    case RP_SET_VIRTUAL_DISK_INFO_IDENTIFIER:
      *guid = info->UniqueIdentifier;
      return ERROR_SUCCESS;
    case RP_SET_VIRTUAL_DISK_INFO_PARENT_PATH_WITH_DEPTH:
      *number = info->ParentPathWithDepthInfo.ChildDepth;
      *path = info->ParentPathWithDepthInfo.ParentFilePath;
      /* 1 is the opened image; the lab does not look deeper. */
      return *number == 1 ? check_text(*path, MAX_PATH_UNITS) : ERROR_INVALID_PARAMETER;
    case RP_SET_VIRTUAL_DISK_INFO_PHYSICAL_SECTOR_SIZE:
      *number = info->VhdPhysicalSectorSize;
      return *number == 512 || *number == 4096 ? ERROR_SUCCESS : ERROR_INVALID_PARAMETER;
    case RP_SET_VIRTUAL_DISK_INFO_VIRTUAL_DISK_ID:
      *guid = info->VirtualDiskId;
      return is_nil(guid) ? ERROR_INVALID_PARAMETER : ERROR_SUCCESS;
    case RP_SET_VIRTUAL_DISK_INFO_CHANGE_TRACKING_STATE:
      *number = (uint32_t)info->ChangeTrackingEnabled;
      return is_flag(info->ChangeTrackingEnabled) ? ERROR_SUCCESS : ERROR_INVALID_PARAMETER;
    case RP_SET_VIRTUAL_DISK_INFO_PARENT_LOCATOR:
      *guid = info->ParentLocator.LinkageId;
      *path = info->ParentLocator.ParentFilePath;
      return check_text(*path, MAX_PATH_UNITS);
    default:
      return ERROR_INVALID_PARAMETER;
  }
}

DWORD WINAPI vd_set_information(HANDLE handle, const RP_SET_VIRTUAL_DISK_INFO *info) {
  uint32_t number = 0;
  RP_GUID guid = {0};
  RP_PCWSTR path = NULL;
  message request;
  DWORD code = check_structure(info, sizeof *info, 8);
  if (code == ERROR_SUCCESS) code = read_setting(info, &number, &guid, &path);
  if (code != ERROR_SUCCESS) return code;
  open_disk *disk = use_disk(handle);
  if (disk == NULL) return ERROR_INVALID_HANDLE;
  begin_message(&request, CALL_SET);
  put_u32(&request, (uint32_t)info->Version);
  put_u32(&request, number);
  put_guid(&request, &guid);
  put_text(&request, path);
  code = tell_about(disk, &request);
  let_go(disk);
  return code;
}
