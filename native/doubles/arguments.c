#include "arguments.h"

#include <string.h>

static const RP_GUID MICROSOFT = {0xEC984AEC, 0xA0F9, 0x47E9, {0x90, 0x1F, 0x71, 0x41, 0x5A, 0x66, 0x34, 0x5B}};

DWORD check_structure(const void *at, size_t size, size_t alignment) {
  if (at == NULL) return ERROR_INVALID_PARAMETER;
  if ((uintptr_t)at % alignment != 0) return ERROR_NOACCESS;
  return IsBadReadPtr(at, size) ? ERROR_NOACCESS : ERROR_SUCCESS;
}

DWORD check_text(const uint16_t *text, size_t most) {
  if (text == NULL) return ERROR_INVALID_PARAMETER;
  if ((uintptr_t)text % 2 != 0) return ERROR_NOACCESS;
  const size_t length = wcsnlen((const wchar_t *)text, most + 1);
  return length == 0 || length > most ? ERROR_INVALID_PARAMETER : ERROR_SUCCESS;
}

int is_nil(const RP_GUID *value) {
  static const RP_GUID nil;
  return memcmp(value, &nil, sizeof nil) == 0;
}

int is_flag(int32_t value) { return value == 0 || value == 1; }

DWORD check_storage_type(const RP_VIRTUAL_STORAGE_TYPE *type) {
  const DWORD code = check_structure(type, sizeof *type, 4);
  if (code != ERROR_SUCCESS) return code;
  const int microsoft = memcmp(&type->VendorId, &MICROSOFT, sizeof MICROSOFT) == 0;
  const int known = type->DeviceId <= RP_VIRTUAL_STORAGE_TYPE_DEVICE_VHDSET;
  const int any = type->DeviceId == RP_VIRTUAL_STORAGE_TYPE_DEVICE_UNKNOWN && is_nil(&type->VendorId);
  return known && (microsoft || any) ? ERROR_SUCCESS : (DWORD)RP_ERROR_VIRTDISK_PROVIDER_NOT_FOUND;
}

DWORD check_privilege(void) {
  HANDLE token;
  if (!OpenThreadToken(GetCurrentThread(), TOKEN_QUERY, TRUE, &token) &&
      !OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token)) {
    return GetLastError();
  }
  PRIVILEGE_SET wanted = {.PrivilegeCount = 1, .Control = PRIVILEGE_SET_ALL_NECESSARY};
  BOOL held = FALSE;
  wanted.Privilege[0].Attributes = SE_PRIVILEGE_ENABLED;
  if (LookupPrivilegeValueW(NULL, L"SeManageVolumePrivilege", &wanted.Privilege[0].Luid)) {
    PrivilegeCheck(token, &wanted, &held);
  }
  CloseHandle(token);
  return held ? ERROR_SUCCESS : ERROR_PRIVILEGE_NOT_HELD;
}
