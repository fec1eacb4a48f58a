/*
 * lab.h: the lab, which knows writers, sets and shadow copies. A requestor object has one connection to it; the messages are those of
 * src/engine/lab/vss/vssapi. For tests only.
 */
#ifndef VSS_LAB_H
#define VSS_LAB_H

#include "../lab-link.h"
#include "vss-interfaces.h"

/* Calls, by number. */
enum {
  VSS_CALL_OPEN = 1,
  VSS_CALL_METADATA,
  VSS_CALL_ADD_COMPONENT,
  VSS_CALL_START_SET,
  VSS_CALL_SUPPORTED,
  VSS_CALL_ADD_VOLUME,
  VSS_CALL_PREPARE,
  VSS_CALL_SNAPSHOT,
  VSS_CALL_STATUS,
  VSS_CALL_SHADOW,
  VSS_CALL_SUCCEEDED,
  VSS_CALL_DOCUMENT,
  VSS_CALL_COMPLETE,
  VSS_CALL_ABORT,
  VSS_CALL_LOAD,
  VSS_CALL_OPEN_RESTORE,
  VSS_CALL_SELECT,
  VSS_CALL_PRE_RESTORE,
  VSS_CALL_FILE_STATUS,
  VSS_CALL_POST_RESTORE,
  VSS_CALL_COMPONENTS,
  /* The last one: the object was released. */
  VSS_CALL_LEFT,
  /* These have no reply. */
  VSS_CALL_CANCEL,
  VSS_CALL_REFUSED,
};

/* Reads the body of a reply. What is missing reads as zero and makes it `failed`. */
class Body {
 public:
  Body() = default;
  Body(const Body &) = delete;
  Body &operator=(const Body &) = delete;
  ~Body();

  /* Where a call stores the reply. */
  reply *out();
  void rewind() { at_ = 0; }
  bool failed() const { return failed_; }

  uint32_t u32();
  RP_VSS_ID id();
  /* Returns a new text, or NULL if the lab has none here. */
  BSTR text();
  void skipText();

 private:
  const uint8_t *take(uint32_t length);

  reply answer_ = {nullptr, 0};
  uint32_t at_ = 0;
  bool failed_ = false;
};

class Lab {
 public:
  Lab() = default;
  Lab(const Lab &) = delete;
  Lab &operator=(const Lab &) = delete;
  ~Lab();

  HRESULT connect();
  /* Sends a request and waits for its reply. */
  HRESULT ask(const message &request, Body *body = nullptr);
  HRESULT send(const message &request);
  HRESULT hear(Body *body = nullptr);
  /* Reports a call that the double does not have. */
  void refused(const char *name);
  /* Releases the object in the lab, and reports how many others a caller has not released. */
  void left(uint32_t objects);

 private:
  SOCKET link_ = INVALID_SOCKET;
};

/* Appends a text that may be NULL. */
void putText(message *to, const WCHAR *value);
void putId(message *to, const RP_VSS_ID &id);

#endif
