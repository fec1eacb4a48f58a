/* Steps that make a set, report its outcome, and prepare a restore. */
#include "requestor.h"

static constexpr LONG CTX_BACKUP = 0;
static constexpr RP_VSS_BACKUP_TYPE BT_FULL = 1;
static constexpr RP_VSS_ID NO_ID = {};

static RP_VSS_ID idOf(const GUID &guid) {
  RP_VSS_ID id;
  static_assert(sizeof id == sizeof guid, "both are GUIDs");
  memcpy(&id, &guid, sizeof id);
  return id;
}

static GUID guidOf(const RP_VSS_ID &id) {
  GUID guid;
  memcpy(&guid, &id, sizeof guid);
  return guid;
}

/* A component as callers name it, from the field `at` on. */
struct ComponentName {
  int type;
  const WCHAR *path;
  const WCHAR *name;

  bool read(const Fields &in, size_t at) {
    name = in.text(at + 2);
    return in.number(at, &type) && in.optional(at + 1, &path) && name != nullptr;
  }
};

bool Requestor::load() {
  if (create_ != nullptr) return true;
  /* By its absolute path: a library of that name elsewhere must not be loaded. */
  WCHAR path[MAX_PATH + 16];
  const UINT length = GetSystemDirectoryW(path, MAX_PATH);
  if (length == 0 || length >= MAX_PATH) return problem("LoadLibrary", "missing");
  wcscpy(path + length, L"\\vssapi.dll");
  const HMODULE library = LoadLibraryW(path);
  if (library == nullptr) {
    const DWORD code = GetLastError();
    return check("LoadLibrary", HRESULT_FROM_WIN32(code));
  }
  const auto find = [library](const char *name) { return reinterpret_cast<void *>(GetProcAddress(library, name)); };
  freeProperties_ = reinterpret_cast<RP_VSS_FREE_SNAPSHOT_PROPERTIES>(find("VssFreeSnapshotPropertiesInternal"));
  if (freeProperties_ == nullptr) return problem("VssFreeSnapshotProperties", "missing");
  create_ = reinterpret_cast<RP_CREATE_VSS_BACKUP_COMPONENTS>(find("CreateVssBackupComponentsInternal"));
  return create_ != nullptr || problem("CreateVssBackupComponents", "missing");
}

bool Requestor::create() {
  if (!load() || !check("CreateVssBackupComponents", create_(backup_.out()))) return false;
  return static_cast<bool>(backup_) || problem("CreateVssBackupComponents", "missing");
}

bool Requestor::beginBackup() {
  return create() && check("InitializeForBackup", backup_->InitializeForBackup(nullptr)) &&
         check("SetContext", backup_->SetContext(CTX_BACKUP)) &&
         check("SetBackupState", backup_->SetBackupState(true, false, BT_FULL, false));
}

bool Requestor::beginRestore(const Fields &in) {
  if (in.count() != 1) return input("InitializeForRestore");
  const OwnedText document(in.document(0));
  if (document.get() == nullptr) return problem("InitializeForRestore", "memory");
  return create() && check("InitializeForRestore", backup_->InitializeForRestore(document.get()));
}

bool Requestor::addComponent(const Fields &in) {
  GUID instance, writer;
  ComponentName component;
  if (in.count() != 5 || !in.guid(0, &instance) || !in.guid(1, &writer) || !component.read(in, 2)) return input("AddComponent");
  return check("AddComponent",
               backup_->AddComponent(idOf(instance), idOf(writer), component.type, component.path, component.name));
}

bool Requestor::startSet(JsonText &out) {
  RP_VSS_ID set = NO_ID;
  if (!check("StartSnapshotSet", backup_->StartSnapshotSet(&set))) return false;
  out.member("set");
  out.guid(guidOf(set));
  return true;
}

bool Requestor::addVolume(const Fields &in, JsonText &out) {
  const WCHAR *given = in.text(0);
  if (in.count() != 1 || given == nullptr || given[wcslen(given) - 1] != '\\') return input("AddToSnapshotSet");
  /* VSS declares the name as if it could change it. */
  const OwnedText volume(given);
  if (volume.get() == nullptr) return problem("AddToSnapshotSet", "memory");
  BOOL supported = FALSE;
  if (!check("IsVolumeSupported", backup_->IsVolumeSupported(NO_ID, volume.get(), &supported))) return false;
  out.member("supported");
  out.flag(supported != FALSE);
  if (!supported) return true;
  RP_VSS_ID shadow = NO_ID;
  if (!check("AddToSnapshotSet", backup_->AddToSnapshotSet(volume.get(), NO_ID, &shadow))) return false;
  out.member("shadow");
  out.guid(guidOf(shadow));
  return true;
}

bool Requestor::shadow(const Fields &in, JsonText &out) {
  GUID id;
  if (in.count() != 1 || !in.guid(0, &id)) return input("GetSnapshotProperties");
  RP_VSS_SNAPSHOT_PROP found = {};
  if (!check("GetSnapshotProperties", backup_->GetSnapshotProperties(idOf(id), &found))) return false;
  const auto text = [&out](const char *name, const uint16_t *value) {
    const WCHAR *wide = reinterpret_cast<const WCHAR *>(value);
    out.member(name);
    out.text(wide, wide == nullptr ? 0 : wcsnlen(wide, MAX_FIELD));
  };
  out.member("id");
  out.guid(guidOf(found.m_SnapshotId));
  out.member("set");
  out.guid(guidOf(found.m_SnapshotSetId));
  text("device", found.m_pwszSnapshotDeviceObject);
  text("volume", found.m_pwszOriginalVolumeName);
  out.member("attributes");
  out.number(static_cast<uint32_t>(found.m_lSnapshotAttributes));
  out.member("state");
  out.number(static_cast<uint32_t>(found.m_eStatus));
  freeProperties_(&found);
  return true;
}

bool Requestor::succeeded(const Fields &in) {
  GUID instance, writer;
  ComponentName component;
  int success = 0;
  if (in.count() != 6 || !in.guid(0, &instance) || !in.guid(1, &writer) || !component.read(in, 2) || !in.number(5, &success))
    return input("SetBackupSucceeded");
  return check("SetBackupSucceeded", backup_->SetBackupSucceeded(idOf(instance), idOf(writer), component.type, component.path,
                                                                 component.name, success == 1));
}

bool Requestor::document(JsonText &out) {
  OwnedText xml;
  if (!check("SaveAsXML", backup_->SaveAsXML(xml.out()))) return false;
  out.member("document");
  out.text(xml.get());
  return true;
}

bool Requestor::select(const Fields &in) {
  GUID writer;
  ComponentName component;
  if (in.count() != 4 || !in.guid(0, &writer) || !component.read(in, 1)) return input("SetSelectedForRestore");
  return check("SetSelectedForRestore",
               backup_->SetSelectedForRestore(idOf(writer), component.type, component.path, component.name, true));
}

bool Requestor::fileStatus(const Fields &in) {
  GUID writer;
  ComponentName component;
  int status = 0;
  if (in.count() != 5 || !in.guid(0, &writer) || !component.read(in, 1) || !in.number(4, &status))
    return input("SetFileRestoreStatus");
  return check("SetFileRestoreStatus",
               backup_->SetFileRestoreStatus(idOf(writer), component.type, component.path, component.name, status));
}
