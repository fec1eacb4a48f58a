/*
 * objects.h: COM objects of the double. Every interface has its full table: a method without an answer returns E_NOTIMPL and is reported
 * to the lab.
 */
#ifndef VSS_OBJECTS_H
#define VSS_OBJECTS_H

#include <memory>
#include <string>
#include <vector>

#include "lab.h"

/* What objects of one requestor share: its connection, and their number. */
struct Shared {
  Lab lab;
  volatile LONG objects = 0;
};
using Link = std::shared_ptr<Shared>;

/* Answers E_NOTIMPL to every method of an interface. */
#define VSS_TYPE(name) RP_##name
#define VSS_FLAG unsigned char
#define NO_BASE RP_NoBase
#define VSS_INTERFACE(name, base, first)                                                  \
  struct Refusing##name : public RP_##name {                                          \
    explicit Refusing##name(Link link) : link_(std::move(link)) {}                    \
    HRESULT refuse(const char *method) { return link_->lab.refused(method), E_NOTIMPL; } \
    Link link_;
#define VSS_METHOD(interface, slot, name, ...) \
  HRESULT STDMETHODCALLTYPE name(__VA_ARGS__) override { return refuse(#interface "." #name); }
#define VSS_END(name) \
  }               \
  ;
#include "vss-interfaces.def"
#undef VSS_TYPE
#undef VSS_FLAG
#undef NO_BASE
#undef VSS_INTERFACE
#undef VSS_METHOD
#undef VSS_END

/* Counts references. Each object counts as one of its requestor until it is released. */
template <typename Base>
class Counted : public Base {
 public:
  explicit Counted(Link link) : Base(std::move(link)) { InterlockedIncrement(&this->link_->objects); }
  virtual ~Counted() { InterlockedDecrement(&this->link_->objects); }

  HRESULT STDMETHODCALLTYPE QueryInterface(REFIID id, void **object) override {
    if (object == nullptr) return E_POINTER;
    *object = nullptr;
    if (!IsEqualGUID(id, IID_IUnknown)) return E_NOINTERFACE;
    AddRef();
    *object = this;
    return S_OK;
  }
  ULONG STDMETHODCALLTYPE AddRef() override { return static_cast<ULONG>(InterlockedIncrement(&references_)); }
  ULONG STDMETHODCALLTYPE Release() override {
    const LONG left = InterlockedDecrement(&references_);
    if (left == 0) delete this;
    return static_cast<ULONG>(left);
  }

 private:
  volatile LONG references_ = 1;
};

/* A text that may be missing. */
struct Text {
  bool present = false;
  std::wstring value;

  static Text read(Body &body);
  /* Makes a copy for a caller; NULL for a missing one. */
  BSTR copy() const { return present ? SysAllocStringLen(value.data(), static_cast<UINT>(value.size())) : nullptr; }
};

struct FileSet {
  Text path;
  Text spec;
  bool recursive = false;
};

struct Component {
  Text logicalPath;
  Text name;
  Text caption;
  std::vector<FileSet> files;
};

struct Metadata {
  RP_VSS_ID writer = {};
  RP_VSS_ID instance = {};
  Text name;
  Text document;
  std::vector<FileSet> excludes;
  std::vector<Component> components;

  void read(Body &body);
};

/* A component of the components document. */
struct Chosen {
  Text logicalPath;
  Text name;
  bool succeeded = false;
  Text beforeRestore;
  Text afterRestore;
};

HRESULT makeWriterMetadata(const Link &link, std::shared_ptr<const Metadata> metadata, RP_IVssExamineWriterMetadata **made);
HRESULT makeWriterComponents(const Link &link, const RP_VSS_ID &writer, const RP_VSS_ID &instance, std::vector<Chosen> chosen,
                             RP_IVssWriterComponentsExt **made);

/* Returns a text through a pointer. */
HRESULT give(const Text &text, BSTR *into);

#endif
