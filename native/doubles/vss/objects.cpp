/* Objects that read out what the lab has answered. */
#include "objects.h"

#include <stdlib.h>

Text Text::read(Body &body) {
  BSTR text = body.text();
  Text made;
  made.present = text != nullptr;
  if (made.present) made.value.assign(text, SysStringLen(text));
  SysFreeString(text);
  return made;
}

static std::vector<FileSet> readFiles(Body &body) {
  std::vector<FileSet> files;
  for (uint32_t count = body.u32(); count > 0 && !body.failed(); count--) {
    FileSet file;
    file.path = Text::read(body);
    file.spec = Text::read(body);
    file.recursive = body.u32() != 0;
    files.push_back(std::move(file));
  }
  return files;
}

void Metadata::read(Body &body) {
  writer = body.id();
  instance = body.id();
  name = Text::read(body);
  document = Text::read(body);
  excludes = readFiles(body);
  components.clear();
  for (uint32_t count = body.u32(); count > 0 && !body.failed(); count--) {
    Component component;
    component.logicalPath = Text::read(body);
    component.name = Text::read(body);
    component.caption = Text::read(body);
    component.files = readFiles(body);
    components.push_back(std::move(component));
  }
}

HRESULT give(const Text &text, BSTR *into) {
  if (into == nullptr) return E_INVALIDARG;
  *into = text.copy();
  /* VSS answers S_FALSE for a text that is not there. */
  return text.present ? S_OK : S_FALSE;
}

namespace {

class FileDescription final : public Counted<RefusingIVssWMFiledesc> {
 public:
  FileDescription(const Link &link, FileSet file) : Counted(link), file_(std::move(file)) {}

  HRESULT STDMETHODCALLTYPE GetPath(BSTR *path) override { return give(file_.path, path); }
  HRESULT STDMETHODCALLTYPE GetFilespec(BSTR *spec) override { return give(file_.spec, spec); }
  HRESULT STDMETHODCALLTYPE GetRecursive(unsigned char *recursive) override {
    if (recursive == nullptr) return E_INVALIDARG;
    *recursive = file_.recursive;
    return S_OK;
  }

 private:
  FileSet file_;
};

HRESULT giveFile(const Link &link, const std::vector<FileSet> &files, UINT index, RP_IVssWMFiledesc **made) {
  if (made == nullptr) return E_INVALIDARG;
  *made = nullptr;
  if (index >= files.size()) return static_cast<HRESULT>(0x80042308);
  *made = new FileDescription(link, files[index]);
  return S_OK;
}

class WriterComponent final : public Counted<RefusingIVssWMComponent> {
 public:
  WriterComponent(const Link &link, Component component) : Counted(link), component_(std::move(component)) {}

  HRESULT STDMETHODCALLTYPE GetComponentInfo(const RP_VSS_COMPONENTINFO **info) override {
    if (info == nullptr) return E_INVALIDARG;
    auto *made = static_cast<RP_VSS_COMPONENTINFO *>(calloc(1, sizeof(RP_VSS_COMPONENTINFO)));
    if (made == nullptr) return E_OUTOFMEMORY;
    const auto text = [](const Text &value) { return reinterpret_cast<uint16_t *>(value.copy()); };
    made->type = 2;
    made->bstrLogicalPath = text(component_.logicalPath);
    made->bstrComponentName = text(component_.name);
    made->bstrCaption = text(component_.caption);
    made->bSelectable = 1;
    made->bSelectableForRestore = 1;
    made->cFileCount = static_cast<uint32_t>(component_.files.size());
    InterlockedIncrement(&link_->objects);
    *info = made;
    return S_OK;
  }
  HRESULT STDMETHODCALLTYPE FreeComponentInfo(const RP_VSS_COMPONENTINFO *info) override {
    if (info == nullptr) return S_OK;
    for (uint16_t *text : {info->bstrLogicalPath, info->bstrComponentName, info->bstrCaption})
      SysFreeString(reinterpret_cast<BSTR>(text));
    free(const_cast<RP_VSS_COMPONENTINFO *>(info));
    InterlockedDecrement(&link_->objects);
    return S_OK;
  }
  HRESULT STDMETHODCALLTYPE GetFile(UINT index, RP_IVssWMFiledesc **file) override {
    return giveFile(link_, component_.files, index, file);
  }

 private:
  Component component_;
};

class WriterMetadata final : public Counted<RefusingIVssExamineWriterMetadata> {
 public:
  WriterMetadata(const Link &link, std::shared_ptr<const Metadata> metadata) : Counted(link), metadata_(std::move(metadata)) {}

  HRESULT STDMETHODCALLTYPE GetIdentity(RP_VSS_ID *instance, RP_VSS_ID *writer, BSTR *name, RP_VSS_USAGE_TYPE *usage,
                                        RP_VSS_SOURCE_TYPE *source) override {
    if (instance == nullptr || writer == nullptr || name == nullptr || usage == nullptr || source == nullptr) return E_INVALIDARG;
    *instance = metadata_->instance;
    *writer = metadata_->writer;
    /* VSS_UT_USERDATA, VSS_ST_OTHER. */
    *usage = 3;
    *source = 3;
    return give(metadata_->name, name);
  }
  HRESULT STDMETHODCALLTYPE GetFileCounts(UINT *includes, UINT *excludes, UINT *components) override {
    if (includes == nullptr || excludes == nullptr || components == nullptr) return E_INVALIDARG;
    *includes = 0;
    *excludes = static_cast<UINT>(metadata_->excludes.size());
    *components = static_cast<UINT>(metadata_->components.size());
    return S_OK;
  }
  HRESULT STDMETHODCALLTYPE GetExcludeFile(UINT index, RP_IVssWMFiledesc **file) override {
    return giveFile(link_, metadata_->excludes, index, file);
  }
  HRESULT STDMETHODCALLTYPE GetComponent(UINT index, RP_IVssWMComponent **component) override {
    if (component == nullptr) return E_INVALIDARG;
    *component = nullptr;
    if (index >= metadata_->components.size()) return static_cast<HRESULT>(0x80042308);
    *component = new WriterComponent(link_, metadata_->components[index]);
    return S_OK;
  }
  HRESULT STDMETHODCALLTYPE SaveAsXML(BSTR *xml) override { return give(metadata_->document, xml); }

 private:
  std::shared_ptr<const Metadata> metadata_;
};

class ChosenComponent final : public Counted<RefusingIVssComponent> {
 public:
  ChosenComponent(const Link &link, Chosen chosen) : Counted(link), chosen_(std::move(chosen)) {}

  HRESULT STDMETHODCALLTYPE GetLogicalPath(BSTR *path) override { return give(chosen_.logicalPath, path); }
  HRESULT STDMETHODCALLTYPE GetComponentName(BSTR *name) override { return give(chosen_.name, name); }
  HRESULT STDMETHODCALLTYPE GetComponentType(RP_VSS_COMPONENT_TYPE *type) override {
    if (type == nullptr) return E_INVALIDARG;
    *type = 2;
    return S_OK;
  }
  HRESULT STDMETHODCALLTYPE GetBackupSucceeded(unsigned char *succeeded) override {
    if (succeeded == nullptr) return E_INVALIDARG;
    *succeeded = chosen_.succeeded;
    return S_OK;
  }
  HRESULT STDMETHODCALLTYPE GetPreRestoreFailureMsg(BSTR *text) override { return give(chosen_.beforeRestore, text); }
  HRESULT STDMETHODCALLTYPE GetPostRestoreFailureMsg(BSTR *text) override { return give(chosen_.afterRestore, text); }

 private:
  Chosen chosen_;
};

/* Two tables: that of IVssWriterComponents, and that of IUnknown. */
class WriterComponents final : public RP_IVssWriterComponentsExt {
 public:
  WriterComponents(const Link &link, const RP_VSS_ID &writer, const RP_VSS_ID &instance, std::vector<Chosen> chosen)
      : link_(link), writer_(writer), instance_(instance), chosen_(std::move(chosen)) {
    InterlockedIncrement(&link_->objects);
  }
  virtual ~WriterComponents() { InterlockedDecrement(&link_->objects); }

  HRESULT STDMETHODCALLTYPE GetComponentCount(UINT *count) override {
    if (count == nullptr) return E_INVALIDARG;
    *count = static_cast<UINT>(chosen_.size());
    return S_OK;
  }
  HRESULT STDMETHODCALLTYPE GetWriterInfo(RP_VSS_ID *instance, RP_VSS_ID *writer) override {
    if (instance == nullptr || writer == nullptr) return E_INVALIDARG;
    *instance = instance_;
    *writer = writer_;
    return S_OK;
  }
  HRESULT STDMETHODCALLTYPE GetComponent(UINT index, RP_IVssComponent **component) override {
    if (component == nullptr) return E_INVALIDARG;
    *component = nullptr;
    if (index >= chosen_.size()) return static_cast<HRESULT>(0x80042308);
    *component = new ChosenComponent(link_, chosen_[index]);
    return S_OK;
  }
  HRESULT STDMETHODCALLTYPE QueryInterface(REFIID, void **object) override {
    if (object == nullptr) return E_POINTER;
    *object = nullptr;
    return E_NOINTERFACE;
  }
  ULONG STDMETHODCALLTYPE AddRef() override { return static_cast<ULONG>(InterlockedIncrement(&references_)); }
  ULONG STDMETHODCALLTYPE Release() override {
    const LONG left = InterlockedDecrement(&references_);
    if (left == 0) delete this;
    return static_cast<ULONG>(left);
  }

 private:
  Link link_;
  RP_VSS_ID writer_;
  RP_VSS_ID instance_;
  std::vector<Chosen> chosen_;
  volatile LONG references_ = 1;
};

}  // namespace

HRESULT makeWriterMetadata(const Link &link, std::shared_ptr<const Metadata> metadata, RP_IVssExamineWriterMetadata **made) {
  *made = new WriterMetadata(link, std::move(metadata));
  return S_OK;
}

HRESULT makeWriterComponents(const Link &link, const RP_VSS_ID &writer, const RP_VSS_ID &instance, std::vector<Chosen> chosen,
                             RP_IVssWriterComponentsExt **made) {
  *made = new WriterComponents(link, writer, instance, std::move(chosen));
  return S_OK;
}
