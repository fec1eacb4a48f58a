/*
 * Compiles only if Windows' own headers, as MinGW-w64 has them, agree with ours: sizes and offsets of all structures, values of all
 * constants. Rows named NOT_IN_MINGW are left out.
 */
#define _WIN32_WINNT 0x0A00
#include <windows.h>

#include <virtdisk.h>
#include <winioctl.h>

#include "virtdisk-types.h"

#define STRUCT(name, size, alignment)                                                      \
  _Static_assert(sizeof(name) == sizeof(RP_##name), "size of " #name);                     \
  _Static_assert(_Alignof(name) == _Alignof(RP_##name), "alignment of " #name);
#define FIELD(name, member, offset, size)                                                                   \
  _Static_assert(offsetof(name, member) == offsetof(RP_##name, member), "offset of " #name "." #member);    \
  _Static_assert(sizeof(((name *)0)->member) == sizeof(((RP_##name *)0)->member), "size of " #name "." #member);
#define STRUCT_NOT_IN_MINGW(name, size, alignment)
#define FIELD_NOT_IN_MINGW(name, member, offset, size)

#include "virtdisk-layout.def"
#include "win32-layout.def"

#define CONSTANT(name, value) _Static_assert((uint32_t)(name) == (uint32_t)(value), "value of " #name);
#define CONSTANT_NOT_IN_MINGW(name, value)

#include "virtdisk-constants.def"
#include "win32-constants.def"
