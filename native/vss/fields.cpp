#include "fields.h"

#include <objbase.h>

Fields::Fields(WCHAR *text, size_t units) {
  if (units == 0) return;
  starts_[count_++] = text;
  for (size_t i = 0; i < units; i++) {
    if (text[i] != 0) continue;
    /* Too many fields are none: no step accepts them. */
    if (count_ == MAX_FIELDS) {
      count_ = 0;
      return;
    }
    starts_[count_++] = text + i + 1;
  }
}

const WCHAR *Fields::text(size_t index) const {
  const WCHAR *value = document(index);
  if (value == nullptr) return nullptr;
  const size_t length = wcsnlen(value, MAX_FIELD + 1);
  return length >= 1 && length <= MAX_FIELD ? value : nullptr;
}

bool Fields::optional(size_t index, const WCHAR **value) const {
  if (index >= count_) return false;
  *value = text(index);
  return *value != nullptr || *starts_[index] == 0;
}

bool Fields::guid(size_t index, GUID *value) const {
  const WCHAR *given = text(index);
  return given != nullptr && *given == '{' && wcslen(given) == 38 && SUCCEEDED(CLSIDFromString(given, value));
}

bool Fields::number(size_t index, int *value) const {
  const WCHAR *given = text(index);
  if (given == nullptr || wcslen(given) > 9) return false;
  *value = 0;
  for (; *given != 0; given++) {
    if (*given < '0' || *given > '9') return false;
    *value = *value * 10 + (*given - '0');
  }
  return true;
}
