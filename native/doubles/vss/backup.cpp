/*
 * The requestor object: checks each argument and the order of calls as documented, and asks the lab for everything else. Which code
 * Windows returns for an argument that is wrong is UNCONFIRMED; E_INVALIDARG here.
 */
#include "async.h"

#include <objbase.h>
#include <stdlib.h>
#include <string.h>

namespace {

constexpr HRESULT BAD_STATE = static_cast<HRESULT>(0x80042301);
constexpr HRESULT NOT_FOUND = static_cast<HRESULT>(0x80042308);
constexpr HRESULT EXISTS = static_cast<HRESULT>(0x8004230D);
constexpr HRESULT UNSUPPORTED_CONTEXT = static_cast<HRESULT>(0x8004231B);
constexpr RP_VSS_COMPONENT_TYPE FILE_GROUP = 2;
constexpr size_t MAX_TEXT = 32767;
/* Units of a document that one message carries. */
constexpr size_t DOCUMENT_PART = 2000;

bool isText(const WCHAR *text) {
  const size_t length = text == nullptr ? 0 : wcsnlen(text, MAX_TEXT + 1);
  return length >= 1 && length <= MAX_TEXT;
}

bool isPath(const WCHAR *path) { return path == nullptr || *path == 0 || isText(path); }

bool isVolume(const WCHAR *name) { return isText(name) && name[wcslen(name) - 1] == '\\'; }

bool isNil(const RP_VSS_ID &id) {
  const RP_VSS_ID nil = {};
  return memcmp(&id, &nil, sizeof id) == 0;
}

/* How far a backup or a restore has come. */
enum Phase { CREATED, INITIALIZED, IDENTIFIED, STARTED, PREPARED, MADE, COMPLETED, RESTORING, PRE_RESTORED, POST_RESTORED, ENDED };

class Backup final : public Counted<RefusingIVssBackupComponents> {
 public:
  explicit Backup(const Link &link) : Counted(link) {}
  ~Backup() override {
    /* This one is still counted. */
    link_->lab.left(static_cast<uint32_t>(link_->objects - 1));
  }

  HRESULT STDMETHODCALLTYPE InitializeForBackup(BSTR xml) override {
    if (phase_ != CREATED) return BAD_STATE;
    if (xml != nullptr) return E_INVALIDARG;
    const HRESULT code = call(VSS_CALL_OPEN);
    if (code == S_OK) phase_ = INITIALIZED;
    return code;
  }
  HRESULT STDMETHODCALLTYPE SetContext(LONG context) override {
    if (phase_ != INITIALIZED || context_) return BAD_STATE;
    if (context != 0) return UNSUPPORTED_CONTEXT;
    context_ = true;
    return S_OK;
  }
  HRESULT STDMETHODCALLTYPE SetBackupState(unsigned char select, unsigned char bootable, RP_VSS_BACKUP_TYPE type,
                                           unsigned char partial) override {
    if (phase_ != INITIALIZED || stated_) return BAD_STATE;
    /* The Hyper-V writer supports the types full and copy. */
    if (select != 1 || bootable != 0 || partial != 0 || (type != 1 && type != 5)) return E_INVALIDARG;
    stated_ = true;
    return S_OK;
  }
  HRESULT STDMETHODCALLTYPE EnableWriterClasses(const RP_VSS_ID *classes, UINT count) override {
    if (phase_ != INITIALIZED && phase_ != RESTORING) return BAD_STATE;
    if (classes == nullptr || count == 0 || gathered_) return gathered_ ? BAD_STATE : E_INVALIDARG;
    enabled_.assign(classes, classes + count);
    return S_OK;
  }

  HRESULT STDMETHODCALLTYPE GatherWriterMetadata(RP_IVssAsync **async) override {
    if (async == nullptr) return E_INVALIDARG;
    if ((phase_ != INITIALIZED && phase_ != RESTORING) || gathered_) return BAD_STATE;
    return start(VSS_CALL_METADATA, async, [this](Body &body) {
      metadata_ = std::make_shared<Metadata>();
      const_cast<Metadata &>(*metadata_).read(body);
      gathered_ = true;
      if (phase_ == INITIALIZED) phase_ = IDENTIFIED;
      return body.failed() ? E_UNEXPECTED : S_OK;
    });
  }
  HRESULT STDMETHODCALLTYPE GetWriterMetadataCount(UINT *count) override {
    if (count == nullptr) return E_INVALIDARG;
    if (!gathered_) return BAD_STATE;
    *count = isEnabled() ? 1 : 0;
    return S_OK;
  }
  HRESULT STDMETHODCALLTYPE GetWriterMetadata(UINT index, RP_VSS_ID *instance, RP_IVssExamineWriterMetadata **found) override {
    if (instance == nullptr || found == nullptr) return E_INVALIDARG;
    if (!gathered_) return BAD_STATE;
    if (index > 0 || !isEnabled()) return NOT_FOUND;
    *instance = metadata_->instance;
    return makeWriterMetadata(link_, metadata_, found);
  }
  HRESULT STDMETHODCALLTYPE FreeWriterMetadata() override {
    if (!gathered_) return BAD_STATE;
    metadata_.reset();
    return S_OK;
  }

  HRESULT STDMETHODCALLTYPE AddComponent(RP_VSS_ID instance, RP_VSS_ID writer, RP_VSS_COMPONENT_TYPE type, const WCHAR *path,
                                         const WCHAR *name) override {
    if (phase_ != IDENTIFIED || !stated_) return BAD_STATE;
    if (type != FILE_GROUP || !isPath(path) || !isText(name)) return E_INVALIDARG;
    if (!isWriter(writer) || memcmp(&instance, &metadata_->instance, sizeof instance) != 0) return NOT_FOUND;
    for (const std::wstring &each : added_)
      if (each == name) return EXISTS;
    message request;
    begin_message(&request, VSS_CALL_ADD_COMPONENT);
    putText(&request, name);
    const HRESULT code = ask(request);
    if (code == S_OK) added_.emplace_back(name);
    return code;
  }
  HRESULT STDMETHODCALLTYPE StartSnapshotSet(RP_VSS_ID *set) override {
    if (set == nullptr) return E_INVALIDARG;
    if (phase_ != IDENTIFIED || !context_ || !stated_) return BAD_STATE;
    Body body;
    const HRESULT code = call(VSS_CALL_START_SET, &body);
    if (code != S_OK) return code;
    *set = body.id();
    phase_ = STARTED;
    return S_OK;
  }
  HRESULT STDMETHODCALLTYPE IsVolumeSupported(RP_VSS_ID provider, WCHAR *volume, BOOL *supported) override {
    if (supported == nullptr || !isVolume(volume) || !isNil(provider)) return E_INVALIDARG;
    if (phase_ == CREATED) return BAD_STATE;
    Body body;
    const HRESULT code = named(VSS_CALL_SUPPORTED, volume, &body);
    if (code == S_OK) *supported = body.u32() != 0;
    return code;
  }
  HRESULT STDMETHODCALLTYPE AddToSnapshotSet(WCHAR *volume, RP_VSS_ID provider, RP_VSS_ID *shadow) override {
    if (shadow == nullptr || !isVolume(volume) || !isNil(provider)) return E_INVALIDARG;
    if (phase_ != STARTED) return BAD_STATE;
    Body body;
    const HRESULT code = named(VSS_CALL_ADD_VOLUME, volume, &body);
    if (code != S_OK) return code;
    *shadow = body.id();
    volumes_++;
    return S_OK;
  }
  HRESULT STDMETHODCALLTYPE PrepareForBackup(RP_IVssAsync **async) override {
    if (async == nullptr) return E_INVALIDARG;
    if (phase_ != STARTED || volumes_ == 0) return BAD_STATE;
    return start(VSS_CALL_PREPARE, async, [this](Body &) { return phase_ = PREPARED, S_OK; });
  }
  HRESULT STDMETHODCALLTYPE DoSnapshotSet(RP_IVssAsync **async) override {
    if (async == nullptr) return E_INVALIDARG;
    if (phase_ != PREPARED) return BAD_STATE;
    return start(VSS_CALL_SNAPSHOT, async, [this](Body &) { return phase_ = MADE, S_OK; });
  }
  HRESULT STDMETHODCALLTYPE GetSnapshotProperties(RP_VSS_ID shadow, RP_VSS_SNAPSHOT_PROP *properties) override {
    if (properties == nullptr || isNil(shadow)) return E_INVALIDARG;
    if (phase_ != MADE && phase_ != COMPLETED) return BAD_STATE;
    message request;
    begin_message(&request, VSS_CALL_SHADOW);
    putId(&request, shadow);
    Body body;
    const HRESULT code = ask(request, &body);
    if (code != S_OK) return code;
    RP_VSS_SNAPSHOT_PROP found = {};
    const auto text = [&body]() {
      BSTR given = body.text();
      const size_t size = (SysStringLen(given) + 1) * sizeof(WCHAR);
      void *copy = given == nullptr ? nullptr : CoTaskMemAlloc(size);
      if (copy != nullptr) memcpy(copy, given, size);
      SysFreeString(given);
      return static_cast<uint16_t *>(copy);
    };
    found.m_SnapshotId = body.id();
    found.m_SnapshotSetId = body.id();
    found.m_lSnapshotsCount = static_cast<int32_t>(body.u32());
    found.m_lSnapshotAttributes = static_cast<int32_t>(body.u32());
    found.m_eStatus = static_cast<int32_t>(body.u32());
    found.m_pwszSnapshotDeviceObject = text();
    found.m_pwszOriginalVolumeName = text();
    found.m_pwszOriginatingMachine = text();
    *properties = found;
    return S_OK;
  }

  HRESULT STDMETHODCALLTYPE GatherWriterStatus(RP_IVssAsync **async) override {
    if (async == nullptr) return E_INVALIDARG;
    if (phase_ == CREATED || phase_ == INITIALIZED || statusKnown_) return BAD_STATE;
    return start(VSS_CALL_STATUS, async, [this](Body &body) {
      status_.clear();
      for (uint32_t count = body.u32(); count > 0 && !body.failed(); count--) {
        Status each;
        each.instance = body.id();
        each.writer = body.id();
        each.state = static_cast<RP_VSS_WRITER_STATE>(body.u32());
        each.failure = static_cast<HRESULT>(body.u32());
        each.name = Text::read(body);
        status_.push_back(std::move(each));
      }
      statusKnown_ = true;
      return S_OK;
    });
  }
  HRESULT STDMETHODCALLTYPE GetWriterStatusCount(UINT *count) override {
    if (count == nullptr) return E_INVALIDARG;
    if (!statusKnown_) return BAD_STATE;
    *count = static_cast<UINT>(status_.size());
    return S_OK;
  }
  HRESULT STDMETHODCALLTYPE GetWriterStatus(UINT index, RP_VSS_ID *instance, RP_VSS_ID *writer, BSTR *name,
                                            RP_VSS_WRITER_STATE *state, HRESULT *failure) override {
    if (instance == nullptr || writer == nullptr || name == nullptr || state == nullptr || failure == nullptr) return E_INVALIDARG;
    if (!statusKnown_) return BAD_STATE;
    if (index >= status_.size()) return NOT_FOUND;
    const Status &found = status_[index];
    *instance = found.instance;
    *writer = found.writer;
    *state = found.state;
    *failure = found.failure;
    return give(found.name, name);
  }
  HRESULT STDMETHODCALLTYPE FreeWriterStatus() override {
    if (!statusKnown_) return BAD_STATE;
    statusKnown_ = false;
    return S_OK;
  }

  HRESULT STDMETHODCALLTYPE SetBackupSucceeded(RP_VSS_ID instance, RP_VSS_ID writer, RP_VSS_COMPONENT_TYPE type, const WCHAR *path,
                                               const WCHAR *name, unsigned char succeeded) override {
    if (phase_ != MADE) return BAD_STATE;
    if (type != FILE_GROUP || !isPath(path) || !isText(name) || succeeded > 1) return E_INVALIDARG;
    if (!isWriter(writer) || memcmp(&instance, &metadata_->instance, sizeof instance) != 0) return NOT_FOUND;
    return component(VSS_CALL_SUCCEEDED, name, succeeded);
  }
  HRESULT STDMETHODCALLTYPE SaveAsXML(BSTR *xml) override {
    if (xml == nullptr) return E_INVALIDARG;
    if (phase_ == CREATED) return BAD_STATE;
    Body body;
    const HRESULT code = call(VSS_CALL_DOCUMENT, &body);
    if (code == S_OK) *xml = body.text();
    return code;
  }
  HRESULT STDMETHODCALLTYPE BackupComplete(RP_IVssAsync **async) override {
    if (async == nullptr) return E_INVALIDARG;
    if (phase_ != MADE) return BAD_STATE;
    return start(VSS_CALL_COMPLETE, async, [this](Body &) { return phase_ = COMPLETED, S_OK; });
  }
  HRESULT STDMETHODCALLTYPE AbortBackup() override {
    if (phase_ == CREATED || phase_ >= RESTORING) return BAD_STATE;
    phase_ = ENDED;
    return call(VSS_CALL_ABORT);
  }

  HRESULT STDMETHODCALLTYPE InitializeForRestore(BSTR xml) override {
    if (phase_ != CREATED) return BAD_STATE;
    if (xml == nullptr) return E_INVALIDARG;
    const UINT length = SysStringLen(xml);
    for (UINT at = 0; at < length; at += DOCUMENT_PART) {
      const std::wstring part(xml + at, length - at < DOCUMENT_PART ? length - at : DOCUMENT_PART);
      const HRESULT code = named(VSS_CALL_LOAD, part.c_str(), nullptr);
      if (code != S_OK) return code;
    }
    const HRESULT code = call(VSS_CALL_OPEN_RESTORE);
    if (code == S_OK) phase_ = RESTORING;
    return code;
  }
  HRESULT STDMETHODCALLTYPE SetSelectedForRestore(RP_VSS_ID writer, RP_VSS_COMPONENT_TYPE type, const WCHAR *path, const WCHAR *name,
                                                  unsigned char selected) override {
    if (phase_ != RESTORING || !gathered_) return BAD_STATE;
    if (type != FILE_GROUP || !isPath(path) || !isText(name) || selected > 1) return E_INVALIDARG;
    if (!isWriter(writer)) return NOT_FOUND;
    return component(VSS_CALL_SELECT, name, selected);
  }
  HRESULT STDMETHODCALLTYPE PreRestore(RP_IVssAsync **async) override {
    if (async == nullptr) return E_INVALIDARG;
    if (phase_ != RESTORING || !gathered_) return BAD_STATE;
    return start(VSS_CALL_PRE_RESTORE, async, [this](Body &) { return phase_ = PRE_RESTORED, S_OK; });
  }
  HRESULT STDMETHODCALLTYPE SetFileRestoreStatus(RP_VSS_ID writer, RP_VSS_COMPONENT_TYPE type, const WCHAR *path, const WCHAR *name,
                                                 RP_VSS_FILE_RESTORE_STATUS status) override {
    if (phase_ != PRE_RESTORED) return BAD_STATE;
    if (type != FILE_GROUP || !isPath(path) || !isText(name) || status < 1 || status > 3) return E_INVALIDARG;
    if (!isWriter(writer)) return NOT_FOUND;
    return component(VSS_CALL_FILE_STATUS, name, static_cast<uint32_t>(status));
  }
  HRESULT STDMETHODCALLTYPE PostRestore(RP_IVssAsync **async) override {
    if (async == nullptr) return E_INVALIDARG;
    if (phase_ != PRE_RESTORED) return BAD_STATE;
    return start(VSS_CALL_POST_RESTORE, async, [this](Body &) { return phase_ = POST_RESTORED, S_OK; });
  }

  HRESULT STDMETHODCALLTYPE GetWriterComponentsCount(UINT *count) override {
    if (count == nullptr) return E_INVALIDARG;
    if (phase_ == CREATED) return BAD_STATE;
    *count = 1;
    return S_OK;
  }
  HRESULT STDMETHODCALLTYPE GetWriterComponents(UINT index, RP_IVssWriterComponentsExt **found) override {
    if (found == nullptr) return E_INVALIDARG;
    if (phase_ == CREATED) return BAD_STATE;
    if (index > 0) return NOT_FOUND;
    Body body;
    const HRESULT code = call(VSS_CALL_COMPONENTS, &body);
    if (code != S_OK) return code;
    const RP_VSS_ID writer = body.id();
    const RP_VSS_ID instance = body.id();
    std::vector<Chosen> chosen;
    for (uint32_t count = body.u32(); count > 0 && !body.failed(); count--) {
      Chosen each;
      each.logicalPath = Text::read(body);
      each.name = Text::read(body);
      each.succeeded = body.u32() != 0;
      each.beforeRestore = Text::read(body);
      each.afterRestore = Text::read(body);
      chosen.push_back(std::move(each));
    }
    return makeWriterComponents(link_, writer, instance, std::move(chosen), found);
  }

 private:
  struct Status {
    RP_VSS_ID instance = {};
    RP_VSS_ID writer = {};
    RP_VSS_WRITER_STATE state = 0;
    HRESULT failure = S_OK;
    Text name;
  };

  bool isWriter(const RP_VSS_ID &writer) const {
    return metadata_ != nullptr && memcmp(&writer, &metadata_->writer, sizeof writer) == 0;
  }
  bool isEnabled() const {
    if (enabled_.empty()) return true;
    for (const RP_VSS_ID &each : enabled_)
      if (isWriter(each)) return true;
    return false;
  }

  /* Only one asynchronous call at a time. */
  HRESULT ask(const message &request, Body *body = nullptr) { return pending_ ? BAD_STATE : link_->lab.ask(request, body); }

  HRESULT call(uint32_t number, Body *body = nullptr) {
    message request;
    begin_message(&request, number);
    return ask(request, body);
  }
  HRESULT named(uint32_t number, const WCHAR *name, Body *body) {
    message request;
    begin_message(&request, number);
    putText(&request, name);
    return ask(request, body);
  }
  HRESULT component(uint32_t number, const WCHAR *name, uint32_t value) {
    message request;
    begin_message(&request, number);
    putText(&request, name);
    put_u32(&request, value);
    return ask(request);
  }
  template <typename Done>
  HRESULT start(uint32_t number, RP_IVssAsync **async, Done done) {
    if (pending_) return BAD_STATE;
    message request;
    begin_message(&request, number);
    pending_ = true;
    const auto finish = [this, done](HRESULT code, Body &body) {
      const HRESULT result = code == S_OK ? done(body) : code;
      pending_ = false;
      return result;
    };
    const HRESULT code = startAsync(link_, this, request, finish, async);
    if (FAILED(code)) pending_ = false;
    return code;
  }

  Phase phase_ = CREATED;
  bool context_ = false;
  bool stated_ = false;
  bool gathered_ = false;
  bool statusKnown_ = false;
  volatile bool pending_ = false;
  UINT volumes_ = 0;
  std::vector<RP_VSS_ID> enabled_;
  std::vector<std::wstring> added_;
  std::vector<Status> status_;
  std::shared_ptr<const Metadata> metadata_;
};

}  // namespace

extern "C" HRESULT STDAPICALLTYPE vss_create_backup_components(RP_IVssBackupComponents **made) {
  if (made == nullptr) return E_INVALIDARG;
  *made = nullptr;
  /* Writers cannot be reached from a thread that has not prepared COM. */
  APTTYPE type;
  APTTYPEQUALIFIER qualifier;
  if (FAILED(CoGetApartmentType(&type, &qualifier))) return CO_E_NOTINITIALIZED;
  const Link link = std::make_shared<Shared>();
  const HRESULT connected = link->lab.connect();
  if (FAILED(connected)) return connected;
  *made = new Backup(link);
  return S_OK;
}

extern "C" void STDAPICALLTYPE vss_free_snapshot_properties(RP_VSS_SNAPSHOT_PROP *properties) {
  if (properties == nullptr) return;
  for (uint16_t *text : {properties->m_pwszSnapshotDeviceObject, properties->m_pwszOriginalVolumeName, properties->m_pwszOriginatingMachine})
    CoTaskMemFree(text);
}
