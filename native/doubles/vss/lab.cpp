#include "lab.h"

#include <stdlib.h>
#include <string.h>

/* Length of a text that the lab does not have. */
static constexpr uint32_t NO_TEXT = 0xffffffff;

Body::~Body() { free(answer_.bytes); }

reply *Body::out() {
  free(answer_.bytes);
  answer_ = {nullptr, 0};
  at_ = 0;
  failed_ = false;
  return &answer_;
}

const uint8_t *Body::take(uint32_t length) {
  if (failed_ || length > answer_.length - at_) {
    failed_ = true;
    return nullptr;
  }
  at_ += length;
  return answer_.bytes + at_ - length;
}

uint32_t Body::u32() {
  const uint8_t *bytes = take(4);
  uint32_t value = 0;
  if (bytes != nullptr) memcpy(&value, bytes, sizeof value);
  return value;
}

RP_VSS_ID Body::id() {
  const uint8_t *bytes = take(sizeof(RP_VSS_ID));
  RP_VSS_ID value = {};
  if (bytes != nullptr) memcpy(&value, bytes, sizeof value);
  return value;
}

BSTR Body::text() {
  const uint32_t units = u32();
  if (units == NO_TEXT || units > answer_.length) return nullptr;
  const uint8_t *bytes = take(units * 2);
  BSTR made = bytes == nullptr ? nullptr : SysAllocStringLen(nullptr, units);
  if (made != nullptr) memcpy(made, bytes, units * 2);
  return made;
}

void Body::skipText() {
  const uint32_t units = u32();
  if (units != NO_TEXT && units <= answer_.length) take(units * 2);
}

Lab::~Lab() {
  if (link_ != INVALID_SOCKET) closesocket(link_);
}

HRESULT Lab::connect() {
  Body greeting;
  const DWORD code = connect_lab("REFPOINT_VSSAPI", &link_, greeting.out());
  if (code != ERROR_SUCCESS) link_ = INVALID_SOCKET;
  return HRESULT_FROM_WIN32(code);
}

HRESULT Lab::ask(const message &request, Body *body) {
  const HRESULT sent = send(request);
  return FAILED(sent) ? sent : hear(body);
}

HRESULT Lab::send(const message &request) {
  /* The macro evaluates its argument twice. */
  const DWORD code = send_to_lab(link_, &request);
  return HRESULT_FROM_WIN32(code);
}

HRESULT Lab::hear(Body *body) {
  const DWORD code = hear_lab(link_, body == nullptr ? nullptr : body->out(), nullptr);
  /* The lab answers with HRESULTs; only the connection has other codes. */
  return code == ERROR_OPERATION_ABORTED ? HRESULT_FROM_WIN32(code) : static_cast<HRESULT>(code);
}

void Lab::refused(const char *name) {
  message request;
  begin_message(&request, VSS_CALL_REFUSED);
  WCHAR wide[128];
  size_t at = 0;
  for (; name[at] != 0 && at < 127; at++) wide[at] = static_cast<WCHAR>(name[at]);
  wide[at] = 0;
  putText(&request, wide);
  if (link_ != INVALID_SOCKET) send(request);
}

void Lab::left(uint32_t objects) {
  message request;
  begin_message(&request, VSS_CALL_LEFT);
  put_u32(&request, objects);
  if (link_ != INVALID_SOCKET) ask(request);
}

void putText(message *to, const WCHAR *value) { put_text(to, reinterpret_cast<const uint16_t *>(value)); }

void putId(message *to, const RP_VSS_ID &id) { put_guid(to, &id); }
