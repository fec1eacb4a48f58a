/* QueryChangesVirtualDisk. */
#include <stdlib.h>
#include <string.h>

#include "arguments.h"
#include "handles.h"

/* Writes the ranges of a reply: the bytes processed, the number of ranges, then offset and length of each. */
static DWORD write_ranges(const reply *answer, RP_QUERY_CHANGES_VIRTUAL_DISK_RANGE *ranges, uint32_t *count, uint64_t *processed) {
  uint32_t filled;
  if (answer->length < 12) return ERROR_GEN_FAILURE;
  memcpy(processed, answer->bytes, 8);
  memcpy(&filled, answer->bytes + 8, 4);
  if ((answer->length - 12) / 16 < filled) return ERROR_GEN_FAILURE;
  /* More than there is room for only if a fault asks for it. */
  for (uint32_t i = 0; i < filled; i++) {
    memcpy(&ranges[i].ByteOffset, answer->bytes + 12 + i * 16, 16);
    ranges[i].Reserved = 0;
  }
  *count = filled;
  return ERROR_SUCCESS;
}

DWORD WINAPI vd_query_changes(HANDLE handle, const uint16_t *id, uint64_t offset, uint64_t length, uint32_t flags,
                              RP_QUERY_CHANGES_VIRTUAL_DISK_RANGE *ranges, uint32_t *count, uint64_t *processed) {
  reply answer = {NULL, 0};
  message request;
  DWORD code = check_text(id, RP_VIRTUAL_DISK_MAXIMUM_CHANGE_TRACKING_ID_LENGTH);
  if (code == ERROR_SUCCESS && flags != RP_QUERY_CHANGES_VIRTUAL_DISK_FLAG_NONE) code = ERROR_INVALID_PARAMETER;
  if (code == ERROR_SUCCESS) code = check_structure(count, sizeof *count, 4);
  if (code == ERROR_SUCCESS) code = check_structure(processed, sizeof *processed, 8);
  if (code == ERROR_SUCCESS && *count == 0) code = ERROR_INVALID_PARAMETER;
  if (code == ERROR_SUCCESS) code = check_structure(ranges, *count * sizeof *ranges, 8);
  if (code != ERROR_SUCCESS) return code;
  open_disk *disk = use_disk(handle);
  if (disk == NULL) return ERROR_INVALID_HANDLE;
  begin_message(&request, CALL_CHANGES);
  put_text(&request, id);
  put_u64(&request, offset);
  put_u64(&request, length);
  /* A reply holds no more; the caller asks again for the rest. */
  put_u32(&request, min(*count, 65536));
  code = ask_about(disk, &request, &answer);
  let_go(disk);
  if (code != ERROR_SUCCESS) return code;
  code = write_ranges(&answer, ranges, count, processed);
  free(answer.bytes);
  return code;
}
