/* Steps that read writers: their metadata, their status, and the components of the document. */
#include "requestor.h"

static GUID guidOf(const RP_VSS_ID &id) {
  GUID guid;
  memcpy(&guid, &id, sizeof guid);
  return guid;
}

/* Appends to a list in JSON: a comma before all items but the first. */
class List {
 public:
  List(JsonText &out, const char *name) : out_(out) {
    out_.member(name);
    out_.raw("[");
  }
  ~List() { out_.raw("]"); }
  void next() {
    if (!first_) out_.raw(",");
    first_ = false;
  }

 private:
  JsonText &out_;
  bool first_ = true;
};

/* Reads the metadata of one writer into JSON. */
class WriterReader {
 public:
  WriterReader(Requestor &owner, RP_IVssExamineWriterMetadata &writer, JsonText &out) : owner_(owner), writer_(writer), out_(out) {}

  bool read(const RP_VSS_ID &wanted, List &list) {
    RP_VSS_ID instance = {}, id = {};
    OwnedText name, xml;
    RP_VSS_USAGE_TYPE usage = 0;
    RP_VSS_SOURCE_TYPE source = 0;
    UINT includes = 0, excludes = 0, components = 0;
    if (!owner_.check("GetIdentity", writer_.GetIdentity(&instance, &id, name.out(), &usage, &source))) return false;
    if (memcmp(&id, &wanted, sizeof id) != 0) return true;
    if (!owner_.check("GetFileCounts", writer_.GetFileCounts(&includes, &excludes, &components)) ||
        !owner_.check("SaveAsXML", writer_.SaveAsXML(xml.out())))
      return false;
    if (excludes > MAX_FILES || components > MAX_COMPONENTS) return owner_.problem("GetFileCounts", "tooLarge");
    list.next();
    out_.raw("{");
    out_.member("instance", true);
    out_.guid(guidOf(instance));
    out_.member("writer");
    out_.guid(guidOf(id));
    out_.member("name");
    out_.text(name.get());
    out_.member("document");
    out_.text(xml.get());
    const bool done = readExcludes(excludes) && readComponents(components);
    out_.raw("}");
    return done;
  }

 private:
  bool readExcludes(UINT count) {
    List list(out_, "excludes");
    for (UINT i = 0; i < count; i++) {
      Owned<RP_IVssWMFiledesc> file;
      if (!owner_.check("GetExcludeFile", writer_.GetExcludeFile(i, file.out())) || !readFile(file, list)) return false;
    }
    return true;
  }

  bool readComponents(UINT count) {
    List list(out_, "components");
    for (UINT i = 0; i < count; i++) {
      Owned<RP_IVssWMComponent> component;
      if (!owner_.check("GetComponent", writer_.GetComponent(i, component.out()))) return false;
      if (!component) return owner_.problem("GetComponent", "missing");
      const RP_VSS_COMPONENTINFO *info = nullptr;
      if (!owner_.check("GetComponentInfo", component->GetComponentInfo(&info))) return false;
      list.next();
      const bool done = readComponent(*component.get(), info);
      if (info != nullptr) component->FreeComponentInfo(info);
      if (!done) return false;
    }
    return true;
  }

  bool readComponent(RP_IVssWMComponent &component, const RP_VSS_COMPONENTINFO *info) {
    if (info == nullptr) return owner_.problem("GetComponentInfo", "missing");
    const UINT count = info->cFileCount;
    if (count > MAX_FILES) return owner_.problem("GetComponentInfo", "tooLarge");
    out_.raw("{");
    out_.member("type", true);
    out_.number(static_cast<uint32_t>(info->type));
    const auto text = [this](const char *name, uint16_t *value) {
      out_.member(name);
      out_.text(reinterpret_cast<BSTR>(value));
    };
    text("logicalPath", info->bstrLogicalPath);
    text("name", info->bstrComponentName);
    text("caption", info->bstrCaption);
    bool done = true;
    {
      List list(out_, "files");
      for (UINT i = 0; i < count && done; i++) {
        Owned<RP_IVssWMFiledesc> file;
        done = owner_.check("GetFile", component.GetFile(i, file.out())) && readFile(file, list);
      }
    }
    out_.raw("}");
    return done;
  }

  bool readFile(Owned<RP_IVssWMFiledesc> &file, List &list) {
    if (!file) return owner_.problem("GetFile", "missing");
    OwnedText path, spec;
    unsigned char recursive = 0;
    if (!owner_.check("GetPath", file->GetPath(path.out())) || !owner_.check("GetFilespec", file->GetFilespec(spec.out())) ||
        !owner_.check("GetRecursive", file->GetRecursive(&recursive)))
      return false;
    list.next();
    out_.raw("{");
    out_.member("path", true);
    out_.text(path.get());
    out_.member("spec");
    out_.text(spec.get());
    out_.member("recursive");
    out_.flag(recursive != 0);
    out_.raw("}");
    return true;
  }

  Requestor &owner_;
  RP_IVssExamineWriterMetadata &writer_;
  JsonText &out_;
};

bool Requestor::metadata(const Fields &in, JsonText &out) {
  GUID given;
  if (in.count() != 1 || !in.guid(0, &given)) return input("EnableWriterClasses");
  RP_VSS_ID writer;
  memcpy(&writer, &given, sizeof writer);
  UINT count = 0;
  /* Others need not gather theirs, which takes them minutes on some hosts. */
  if (!check("EnableWriterClasses", backup_->EnableWriterClasses(&writer, 1)) ||
      !finish("GatherWriterMetadata", &RP_IVssBackupComponents::GatherWriterMetadata) ||
      !check("GetWriterMetadataCount", backup_->GetWriterMetadataCount(&count)))
    return false;
  if (count > MAX_WRITERS) return problem("GetWriterMetadataCount", "tooLarge");
  List list(out, "writers");
  for (UINT i = 0; i < count; i++) {
    Owned<RP_IVssExamineWriterMetadata> found;
    RP_VSS_ID instance = {};
    if (!check("GetWriterMetadata", backup_->GetWriterMetadata(i, &instance, found.out()))) return false;
    if (!found) return problem("GetWriterMetadata", "missing");
    if (!WriterReader(*this, *found.get(), out).read(writer, list)) return false;
  }
  return true;
}

bool Requestor::status(JsonText &out) {
  UINT count = 0;
  if (!finish("GatherWriterStatus", &RP_IVssBackupComponents::GatherWriterStatus) ||
      !check("GetWriterStatusCount", backup_->GetWriterStatusCount(&count)))
    return false;
  if (count > MAX_WRITERS) return problem("GetWriterStatusCount", "tooLarge");
  List list(out, "writers");
  for (UINT i = 0; i < count; i++) {
    RP_VSS_ID instance = {}, writer = {};
    OwnedText name;
    RP_VSS_WRITER_STATE state = 0;
    HRESULT failure = S_OK;
    if (!check("GetWriterStatus", backup_->GetWriterStatus(i, &instance, &writer, name.out(), &state, &failure))) return false;
    list.next();
    out.raw("{");
    out.member("instance", true);
    out.guid(guidOf(instance));
    out.member("writer");
    out.guid(guidOf(writer));
    out.member("name");
    out.text(name.get());
    out.member("state");
    out.number(static_cast<uint32_t>(state));
    out.member("failure");
    out.number(static_cast<uint32_t>(failure));
    out.raw("}");
  }
  return check("FreeWriterStatus", backup_->FreeWriterStatus());
}

bool Requestor::components(JsonText &out) {
  UINT writers = 0;
  if (!check("GetWriterComponentsCount", backup_->GetWriterComponentsCount(&writers))) return false;
  if (writers > MAX_WRITERS) return problem("GetWriterComponentsCount", "tooLarge");
  List list(out, "components");
  for (UINT i = 0; i < writers; i++) {
    Owned<RP_IVssWriterComponentsExt> writer;
    if (!check("GetWriterComponents", backup_->GetWriterComponents(i, writer.out()))) return false;
    if (!writer) return problem("GetWriterComponents", "missing");
    RP_VSS_ID instance = {}, id = {};
    UINT count = 0;
    if (!check("GetWriterInfo", writer->GetWriterInfo(&instance, &id)) ||
        !check("GetComponentCount", writer->GetComponentCount(&count)))
      return false;
    if (count > MAX_COMPONENTS) return problem("GetComponentCount", "tooLarge");
    for (UINT j = 0; j < count; j++) {
      Owned<RP_IVssComponent> component;
      OwnedText name, path, before, after;
      RP_VSS_COMPONENT_TYPE type = 0;
      unsigned char success = 0;
      if (!check("GetComponent", writer->GetComponent(j, component.out()))) return false;
      if (!component) return problem("GetComponent", "missing");
      if (!check("GetComponentName", component->GetComponentName(name.out())) ||
          !check("GetLogicalPath", component->GetLogicalPath(path.out())) ||
          !check("GetComponentType", component->GetComponentType(&type)) ||
          !check("GetBackupSucceeded", component->GetBackupSucceeded(&success)) ||
          !check("GetPreRestoreFailureMsg", component->GetPreRestoreFailureMsg(before.out())) ||
          !check("GetPostRestoreFailureMsg", component->GetPostRestoreFailureMsg(after.out())))
        return false;
      list.next();
      out.raw("{");
      out.member("writer", true);
      out.guid(guidOf(id));
      out.member("type");
      out.number(static_cast<uint32_t>(type));
      out.member("logicalPath");
      out.text(path.get());
      out.member("name");
      out.text(name.get());
      out.member("succeeded");
      out.flag(success != 0);
      out.member("preRestoreFailure");
      out.text(before.get());
      out.member("postRestoreFailure");
      out.text(after.get());
      out.raw("}");
    }
  }
  return true;
}
