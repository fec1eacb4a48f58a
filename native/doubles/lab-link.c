#include "lab-link.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Kinds of replies. */
enum { REPLY_PROGRESS, REPLY_RESULT, REPLY_END_PROCESS };

/* Maximum length of a reply: 65536 ranges. */
#define MAX_REPLY (2u << 20)

static void put(message *to, const void *bytes, size_t length) {
  if (length > sizeof to->bytes - to->used) {
    to->failed = 1;
    return;
  }
  memcpy(to->bytes + to->used, bytes, length);
  to->used += (uint32_t)length;
}

void begin_message(message *to, uint32_t call) {
  /* The length comes first; ask_lab sets it. */
  to->used = 4;
  to->failed = 0;
  put_u32(to, call);
}

void put_u32(message *to, uint32_t value) { put(to, &value, sizeof value); }

void put_u64(message *to, uint64_t value) { put(to, &value, sizeof value); }

void put_guid(message *to, const RP_GUID *value) { put(to, value, sizeof *value); }

void put_text(message *to, const uint16_t *value) {
  const size_t length = value == NULL ? 0 : wcslen((const wchar_t *)value);
  put_u32(to, (uint32_t)length);
  put(to, value, length * 2);
}

static int send_all(SOCKET link, const uint8_t *bytes, uint32_t length) {
  for (uint32_t at = 0; at < length;) {
    const int sent = send(link, (const char *)bytes + at, (int)(length - at), 0);
    if (sent <= 0) return 0;
    at += (uint32_t)sent;
  }
  return 1;
}

static int receive_all(SOCKET link, void *bytes, uint32_t length) {
  for (uint32_t at = 0; at < length;) {
    const int got = recv(link, (char *)bytes + at, (int)(length - at), 0);
    if (got <= 0) return 0;
    at += (uint32_t)got;
  }
  return 1;
}

/* Receives one reply. Returns NULL if the connection ends, or the lab breaks the rules. */
static uint8_t *receive_reply(SOCKET link, uint32_t *length) {
  if (!receive_all(link, length, 4) || *length < 4 || *length > MAX_REPLY) return NULL;
  uint8_t *bytes = malloc(*length);
  if (bytes != NULL && receive_all(link, bytes, *length)) return bytes;
  free(bytes);
  return NULL;
}

static uint32_t u32_at(const uint8_t *bytes) {
  uint32_t value;
  memcpy(&value, bytes, sizeof value);
  return value;
}

DWORD ask_lab(SOCKET link, const message *request, reply *answer, call_progress *progress) {
  const DWORD code = send_to_lab(link, request);
  return code == ERROR_SUCCESS ? hear_lab(link, answer, progress) : code;
}

DWORD send_to_lab(SOCKET link, const message *request) {
  if (request->failed) return ERROR_FILENAME_EXCED_RANGE;
  message framed = *request;
  const uint32_t length = framed.used - 4;
  memcpy(framed.bytes, &length, 4);
  return send_all(link, framed.bytes, framed.used) ? ERROR_SUCCESS : ERROR_OPERATION_ABORTED;
}

DWORD hear_lab(SOCKET link, reply *answer, call_progress *progress) {
  for (;;) {
    uint32_t got = 0;
    uint8_t *bytes = receive_reply(link, &got);
    if (bytes == NULL) return ERROR_OPERATION_ABORTED;
    const uint32_t kind = u32_at(bytes);
    /* As a crash of the library does, without the dialog or the debugger that it may start. */
    if (kind == REPLY_END_PROCESS) TerminateProcess(GetCurrentProcess(), 0xC0000005);
    if (kind == REPLY_PROGRESS && got == 20) {
      if (progress != NULL) {
        memcpy((void *)&progress->current, bytes + 4, 8);
        memcpy((void *)&progress->total, bytes + 12, 8);
      }
      free(bytes);
      continue;
    }
    const DWORD code = kind == REPLY_RESULT && got >= 8 ? u32_at(bytes + 4) : ERROR_GEN_FAILURE;
    if (code == ERROR_SUCCESS && answer != NULL) {
      answer->length = got - 8;
      memmove(bytes, bytes + 8, answer->length);
      answer->bytes = bytes;
    } else {
      free(bytes);
    }
    return code;
  }
}

static BOOL CALLBACK start_sockets(INIT_ONCE *once, void *parameter, void **context) {
  (void)once;
  (void)parameter;
  (void)context;
  WSADATA data;
  return WSAStartup(MAKEWORD(2, 2), &data) == 0;
}

static DWORD greet(SOCKET link, const char *key, reply *answer) {
  uint16_t text[128];
  size_t at = 0;
  for (; key[at] != 0 && at < 127; at++) text[at] = (uint8_t)key[at];
  text[at] = 0;
  message hello;
  begin_message(&hello, CALL_HELLO);
  put_text(&hello, text);
  return ask_lab(link, &hello, answer, NULL);
}

DWORD connect_lab(const char *variable, SOCKET *link, reply *answer) {
  static INIT_ONCE once = INIT_ONCE_STATIC_INIT;
  char setting[192];
  const DWORD length = GetEnvironmentVariableA(variable, setting, sizeof setting);
  char *key = length > 0 && length < sizeof setting ? strchr(setting, ':') : NULL;
  /* No lab, no driver. */
  if (key == NULL || !InitOnceExecuteOnce(&once, start_sockets, NULL, NULL)) return ERROR_SERVICE_NOT_ACTIVE;
  *key++ = 0;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((u_short)atoi(setting))};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  *link = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
  if (*link == INVALID_SOCKET) return ERROR_SERVICE_NOT_ACTIVE;
  const BOOL at_once = TRUE;
  setsockopt(*link, IPPROTO_TCP, TCP_NODELAY, (const char *)&at_once, sizeof at_once);
  DWORD code = ERROR_SERVICE_NOT_ACTIVE;
  if (connect(*link, (struct sockaddr *)&address, sizeof address) == 0) code = greet(*link, key, answer);
  if (code != ERROR_SUCCESS) closesocket(*link);
  return code;
}
