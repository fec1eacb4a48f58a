/* arguments.h: checks that several functions of the library share. Each returns a Win32 error, ERROR_SUCCESS if all is right. */
#ifndef ARGUMENTS_H
#define ARGUMENTS_H

#include "lab-link.h"

#define CONSTANT(name, value) RP_##name = (int)(value),
#define CONSTANT_NOT_IN_MINGW CONSTANT
enum {
#include "vhd-errors.def"
#include "virtdisk-constants.def"
};
#undef CONSTANT
#undef CONSTANT_NOT_IN_MINGW

/* A structure: present, aligned and readable. */
DWORD check_structure(const void *at, size_t size, size_t alignment);

/* A text that ends with a zero after at least one and at most `most` units. */
DWORD check_text(const uint16_t *text, size_t most);

/* A storage type: unknown, or a device of Microsoft's. */
DWORD check_storage_type(const RP_VIRTUAL_STORAGE_TYPE *type);

/* A flag of C: 0 or 1. */
int is_flag(int32_t value);

int is_nil(const RP_GUID *value);

/* SeManageVolumePrivilege is enabled in the token of the caller. Whether Windows needs it enabled is UNCONFIRMED. */
DWORD check_privilege(void);

/* The path of a file or folder may have up to 32767 units. */
#define MAX_PATH_UNITS 32767

#endif
