/* json-text.h: a growing JSON text in UTF-16. After a failure it takes nothing more. */
#ifndef JSON_TEXT_H
#define JSON_TEXT_H

#include <windows.h>

#include <oleauto.h>
#include <stddef.h>
#include <stdint.h>

/* Maximum length of a result, in units. */
constexpr size_t MAX_RESULT = 64u << 20;

class JsonText {
 public:
  JsonText() = default;
  JsonText(const JsonText &) = delete;
  JsonText &operator=(const JsonText &) = delete;
  ~JsonText();

  const uint16_t *units() const { return units_; }
  size_t length() const { return length_; }
  /* It became longer than MAX_RESULT, or memory ended. */
  bool failed() const { return failed_; }
  void clear();

  /* Appends ASCII as it is. */
  void raw(const char *ascii);
  /* Appends a string in quotes; null for NULL. */
  void text(const WCHAR *value, size_t length);
  void text(BSTR value) { text(value, SysStringLen(value)); }
  void wide(const WCHAR *value) { text(value, value == nullptr ? 0 : wcslen(value)); }
  void number(uint64_t value);
  void flag(bool value) { raw(value ? "true" : "false"); }
  /* Appends a GUID in quotes: lower case, without braces. */
  void guid(const GUID &value);

  /* Appends `,"name":`, without the comma for the first member. */
  void member(const char *name, bool first = false);

 private:
  bool room(size_t more);
  void put(uint16_t unit);

  uint16_t *units_ = nullptr;
  size_t length_ = 0;
  size_t capacity_ = 0;
  bool failed_ = false;
};

#endif
