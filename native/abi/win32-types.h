/*
 * win32-types.h: the structures of Win32 that the engine passes through koffi, in fixed-width types, for x64 and ARM64.
 *
 * They are declared here, since the headers of MinGW lack some of them and have others wrong. A type of Windows named X is
 * RP_X, so that a source can include Windows' own headers too. win32-layout.def has the offsets that must come out.
 */
#ifndef RP_WIN32_TYPES_H
#define RP_WIN32_TYPES_H

#include <stdint.h>

/* Text in UTF-16 that ends with a zero, and a handle. Both have the size of a pointer. */
typedef const uint16_t *RP_PCWSTR;
typedef void *RP_HANDLE;

typedef struct {
  uint32_t Data1;
  uint16_t Data2;
  uint16_t Data3;
  uint8_t Data4[8];
} RP_GUID;

typedef struct {
  uint64_t Internal;
  uint64_t InternalHigh;
  union {
    struct {
      uint32_t Offset;
      uint32_t OffsetHigh;
    };
    void *Pointer;
  };
  RP_HANDLE hEvent;
} RP_OVERLAPPED;

typedef struct {
  uint32_t nLength;
  void *lpSecurityDescriptor;
  int32_t bInheritHandle;
} RP_SECURITY_ATTRIBUTES;

typedef struct {
  uint32_t LowPart;
  int32_t HighPart;
} RP_LUID;

typedef struct {
  RP_LUID Luid;
  uint32_t Attributes;
} RP_LUID_AND_ATTRIBUTES;

typedef struct {
  uint32_t PrivilegeCount;
  RP_LUID_AND_ATTRIBUTES Privileges[1];
} RP_TOKEN_PRIVILEGES;

typedef struct {
  uint32_t TokenIsElevated;
} RP_TOKEN_ELEVATION;

typedef struct {
  uint32_t dwLowDateTime;
  uint32_t dwHighDateTime;
} RP_FILETIME;

typedef struct {
  uint32_t dwFileAttributes;
  RP_FILETIME ftCreationTime;
  RP_FILETIME ftLastAccessTime;
  RP_FILETIME ftLastWriteTime;
  uint32_t dwVolumeSerialNumber;
  uint32_t nFileSizeHigh;
  uint32_t nFileSizeLow;
  uint32_t nNumberOfLinks;
  uint32_t nFileIndexHigh;
  uint32_t nFileIndexLow;
} RP_BY_HANDLE_FILE_INFORMATION;

typedef struct {
  int64_t Length;
} RP_GET_LENGTH_INFORMATION;

#endif
