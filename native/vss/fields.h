/* fields.h: the input of a step: texts with a zero behind each. */
#ifndef FIELDS_H
#define FIELDS_H

#include <windows.h>

#include <stddef.h>

/* Maximum number of fields. */
constexpr size_t MAX_FIELDS = 8;
/* Maximum length of a field that is not a document, in units: that of a path (UNICODE_STRING). */
constexpr size_t MAX_FIELD = 32767;

class Fields {
 public:
  /* Divides a text of `units` units, which must end with a zero behind its last unit. */
  Fields(WCHAR *text, size_t units);

  size_t count() const { return count_; }
  const WCHAR *document(size_t index) const { return index < count_ ? starts_[index] : nullptr; }
  /* Returns a text of 1 to MAX_FIELD units; NULL for others. */
  const WCHAR *text(size_t index) const;
  /* Returns true if the field may stand for no text; `value` is then NULL. */
  bool optional(size_t index, const WCHAR **value) const;
  bool guid(size_t index, GUID *value) const;
  /* Reads a number of at most nine digits. */
  bool number(size_t index, int *value) const;

 private:
  const WCHAR *starts_[MAX_FIELDS];
  size_t count_ = 0;
};

#endif
