/*
 * Prints what this compiler makes of the types, as JSON: {"structs": {NAME: {"size", "align", "fields": {MEMBER: [offset, size]}}},
 * "constants": {NAME: value}}. Names are those of Windows.
 */
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

#include "virtdisk-types.h"
#include "vss-types.h"

typedef struct {
  const char *name;
  /* NULL: the structure itself; then offset is its alignment. */
  const char *member;
  size_t offset;
  size_t size;
} row;

#define STRUCT(name, size, alignment) {#name, NULL, _Alignof(RP_##name), sizeof(RP_##name)},
#define FIELD(name, member, offset, size) {#name, #member, offsetof(RP_##name, member), sizeof(((RP_##name *)0)->member)},
#define STRUCT_NOT_IN_MINGW STRUCT
#define FIELD_NOT_IN_MINGW FIELD

static const row ROWS[] = {
#include "virtdisk-layout.def"
#include "win32-layout.def"
#include "vss-layout.def"
};

typedef struct {
  const char *name;
  uint32_t value;
} constant;

#define CONSTANT(name, value) {#name, value},
#define CONSTANT_NOT_IN_MINGW CONSTANT

static const constant CONSTANTS[] = {
#include "vhd-errors.def"
#include "virtdisk-constants.def"
#include "win32-constants.def"
#include "vss-constants.def"
};

static void print_structs(void) {
  size_t fields = 0;
  for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
    const row *each = &ROWS[i];
    if (each->member == NULL) {
      printf("%s\n    \"%s\": {\"size\": %zu, \"align\": %zu, \"fields\": {", i == 0 ? "" : "}},", each->name, each->size, each->offset);
      fields = 0;
    } else {
      printf("%s\"%s\": [%zu, %zu]", fields++ == 0 ? "" : ", ", each->member, each->offset, each->size);
    }
  }
  printf("}}\n");
}

int main(void) {
  printf("{\n  \"structs\": {");
  print_structs();
  printf("  },\n  \"constants\": {");
  for (size_t i = 0; i < sizeof CONSTANTS / sizeof *CONSTANTS; i++) {
    printf("%s\n    \"%s\": %" PRIu32, i == 0 ? "" : ",", CONSTANTS[i].name, CONSTANTS[i].value);
  }
  printf("\n  }\n}\n");
  return 0;
}
