#include "json-text.h"

#include <stdio.h>
#include <stdlib.h>

JsonText::~JsonText() { free(units_); }

void JsonText::clear() {
  free(units_);
  units_ = nullptr;
  length_ = capacity_ = 0;
  failed_ = false;
}

bool JsonText::room(size_t more) {
  if (failed_) return false;
  if (more > MAX_RESULT || length_ + more > MAX_RESULT) {
    failed_ = true;
    return false;
  }
  if (length_ + more <= capacity_) return true;
  size_t wanted = capacity_ == 0 ? 1024 : capacity_ * 2;
  if (wanted < length_ + more) wanted = length_ + more;
  void *grown = realloc(units_, wanted * sizeof(uint16_t));
  if (grown == nullptr) {
    failed_ = true;
    return false;
  }
  units_ = static_cast<uint16_t *>(grown);
  capacity_ = wanted;
  return true;
}

void JsonText::put(uint16_t unit) {
  if (room(1)) units_[length_++] = unit;
}

void JsonText::raw(const char *ascii) {
  for (; *ascii != 0; ascii++) put(static_cast<uint8_t>(*ascii));
}

void JsonText::text(const WCHAR *value, size_t length) {
  if (value == nullptr) return raw("null");
  put('"');
  for (size_t i = 0; i < length; i++) {
    const uint16_t unit = static_cast<uint16_t>(value[i]);
    if (unit == '"' || unit == '\\') put('\\');
    if (unit >= 0x20) {
      put(unit);
      continue;
    }
    char escaped[8];
    snprintf(escaped, sizeof escaped, "\\u%04x", unit);
    raw(escaped);
  }
  put('"');
}

void JsonText::number(uint64_t value) {
  char digits[24];
  char *at = digits + sizeof digits - 1;
  *at = 0;
  do {
    *--at = static_cast<char>('0' + value % 10);
    value /= 10;
  } while (value != 0);
  raw(at);
}

void JsonText::guid(const GUID &value) {
  char text[48];
  const unsigned char *tail = value.Data4;
  snprintf(text, sizeof text, "\"%08lx-%04x-%04x-%02x%02x-%02x%02x%02x%02x%02x%02x\"", static_cast<unsigned long>(value.Data1),
           value.Data2, value.Data3, tail[0], tail[1], tail[2], tail[3], tail[4], tail[5], tail[6], tail[7]);
  raw(text);
}

void JsonText::member(const char *name, bool first) {
  raw(first ? "\"" : ",\"");
  raw(name);
  raw("\":");
}
