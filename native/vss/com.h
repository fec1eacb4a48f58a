/* com.h: owners of what COM hands out. */
#ifndef COM_H
#define COM_H

#include "vss-interfaces.h"

/* Releases an interface. */
template <typename Interface>
class Owned {
 public:
  Owned() = default;
  Owned(const Owned &) = delete;
  Owned &operator=(const Owned &) = delete;
  ~Owned() { release(); }

  Interface *operator->() const { return pointer_; }
  Interface *get() const { return pointer_; }
  explicit operator bool() const { return pointer_ != nullptr; }
  /* Where a call stores a new reference. */
  Interface **out() {
    release();
    return &pointer_;
  }
  void release() {
    if (pointer_ != nullptr) pointer_->Release();
    pointer_ = nullptr;
  }

 private:
  Interface *pointer_ = nullptr;
};

/* Frees a text. */
class OwnedText {
 public:
  OwnedText() = default;
  explicit OwnedText(const WCHAR *value) : value_(SysAllocString(value)) {}
  OwnedText(const OwnedText &) = delete;
  OwnedText &operator=(const OwnedText &) = delete;
  ~OwnedText() { SysFreeString(value_); }

  BSTR get() const { return value_; }
  BSTR *out() {
    SysFreeString(value_);
    value_ = nullptr;
    return &value_;
  }

 private:
  BSTR value_ = nullptr;
};

#endif
