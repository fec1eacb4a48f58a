/*
 * Compiles only if MinGW-w64's own headers agree with vss-interfaces.def: each row stands at the place that its slot says, each method
 * has that slot in the header's table of functions, and the same parameters. Structures and constants are compared, too.
 */
#define _WIN32_WINNT 0x0A00
#define COBJMACROS
#include <windows.h>

#include <vss.h>
#include <vsbackup.h>
#include <vswriter.h>

#include <stddef.h>

#include "vss-types.h"

/* Counts the rows: an enumerator follows the one before it. */
#define VSS_INTERFACE(name, base, first) enum { name##_before = (first) - 1,
#define VSS_METHOD(interface, slot, name, ...) interface##_##name,
#define VSS_END(name) \
  }               \
  ;
#include "vss-interfaces.def"
#undef VSS_INTERFACE
#undef VSS_METHOD
#undef VSS_END

#define VSS_INTERFACE(name, base, first)
#define VSS_METHOD(interface, slot, name, ...)                                                                  \
  _Static_assert(interface##_##name == (slot), "row of " #interface "." #name);                             \
  _Static_assert(offsetof(interface##Vtbl, name) == (slot) * sizeof(void *), "slot of " #interface "." #name);
#define VSS_END(name)
#include "vss-interfaces.def"
#undef VSS_INTERFACE
#undef VSS_METHOD
#undef VSS_END

/* An assignment between pointers to functions of different types is an error. */
#define VSS_TYPE(name) name
#define VSS_FLAG boolean
#define VSS_INTERFACE(name, base, first) void compare_##name(name##Vtbl *table) {
#define VSS_METHOD(interface, slot, name, ...) \
  HRESULT(STDMETHODCALLTYPE *own_##name)(interface *__VA_OPT__(,) __VA_ARGS__) = table->name; \
  (void)own_##name;
#define VSS_END(name) }
#include "vss-interfaces.def"
#undef VSS_INTERFACE
#undef VSS_METHOD
#undef VSS_END

/* GetWriterComponents returns objects with the table of IVssWriterComponents first. */
_Static_assert(offsetof(IVssWriterComponentsExtVtbl, GetComponent) == 2 * sizeof(void *), "slot of IVssWriterComponentsExt");

#define STRUCT(name, size, alignment)                                  \
  _Static_assert(sizeof(name) == sizeof(RP_##name), "size of " #name); \
  _Static_assert(_Alignof(name) == _Alignof(RP_##name), "alignment of " #name);
#define FIELD(name, member, offset, size)                                                                \
  _Static_assert(offsetof(name, member) == offsetof(RP_##name, member), "offset of " #name "." #member); \
  _Static_assert(sizeof(((name *)0)->member) == sizeof(((RP_##name *)0)->member), "size of " #name "." #member);
#include "vss-layout.def"

#define CONSTANT(name, value) _Static_assert((uint32_t)(name) == (uint32_t)(value), "value of " #name);
#include "vss-constants.def"
