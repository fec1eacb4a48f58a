/*
 * lab-link.h: the connection of one handle to the lab, which knows everything that the library is asked for. The messages are those
 * of src/engine/lab/virtdisk/wire: little-endian, each behind its length (uint32_t).
 */
#ifndef LAB_LINK_H
#define LAB_LINK_H

#include <winsock2.h>
#include <windows.h>

#include "virtdisk-types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Calls of virtdisk.dll, by number; CALL_HELLO is that of every library. */
enum {
  CALL_HELLO,
  CALL_OPEN,
  CALL_INFO,
  CALL_SET,
  CALL_CHANGES,
  CALL_ATTACH,
  CALL_DETACH,
  CALL_PATH,
  CALL_CREATE,
  CALL_CLOSE,
};

/* A request as it is written. A text that is too long for it makes it `failed`. */
typedef struct {
  uint8_t bytes[8192];
  uint32_t used;
  int failed;
} message;

void begin_message(message *to, uint32_t call);
void put_u32(message *to, uint32_t value);
void put_u64(message *to, uint64_t value);
void put_guid(message *to, const RP_GUID *value);
/* NULL counts as ''. */
void put_text(message *to, const uint16_t *value);

/* The body of a reply. The caller frees `bytes`. */
typedef struct {
  uint8_t *bytes;
  uint32_t length;
} reply;

/* Progress of a call that goes on, for other threads. */
typedef struct {
  volatile LONG64 current;
  volatile LONG64 total;
} call_progress;

/* Connects to the lab that a variable of the environment names, as PORT:KEY, and returns the lab's first reply. Returns a Win32 error. */
DWORD connect_lab(const char *variable, SOCKET *link, reply *answer);

/*
 * Sends a request and waits for the reply, however long that takes. Returns the Win32 error of the reply, ERROR_OPERATION_ABORTED
 * if the connection ends first. `answer` and `progress` may be NULL.
 */
DWORD ask_lab(SOCKET link, const message *request, reply *answer, call_progress *progress);

/* The two halves of ask_lab: sends a request, and waits for the reply to the last one. */
DWORD send_to_lab(SOCKET link, const message *request);
DWORD hear_lab(SOCKET link, reply *answer, call_progress *progress);

#ifdef __cplusplus
}
#endif

#endif
