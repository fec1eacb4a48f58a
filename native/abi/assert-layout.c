/* Compiles only if every structure has the documented layout: on 64-bit systems of any kind. */
#include <stddef.h>

#include "virtdisk-types.h"
#include "vss-types.h"

_Static_assert(sizeof(void *) == 8, "64-bit pointers");

#define STRUCT(name, size, alignment)                                             \
  _Static_assert(sizeof(RP_##name) == (size), "size of " #name);                  \
  _Static_assert(_Alignof(RP_##name) == (alignment), "alignment of " #name);
#define FIELD(name, member, offset, size)                                                       \
  _Static_assert(offsetof(RP_##name, member) == (offset), "offset of " #name "." #member);      \
  _Static_assert(sizeof(((RP_##name *)0)->member) == (size), "size of " #name "." #member);
#define STRUCT_NOT_IN_MINGW STRUCT
#define FIELD_NOT_IN_MINGW FIELD

#include "virtdisk-layout.def"
#include "win32-layout.def"
#include "vss-layout.def"
