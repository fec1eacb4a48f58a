/*
 * requestor.h: the requestor object of vssapi.dll and the steps on it. Everything here runs on the session's own thread. A step returns
 * false after it has noted the call that failed.
 */
#ifndef REQUESTOR_H
#define REQUESTOR_H

#include "com.h"
#include "fields.h"
#include "json-text.h"

/* Bounds of what a writer may name. */
constexpr UINT MAX_WRITERS = 1024;
constexpr UINT MAX_COMPONENTS = 4096;
constexpr UINT MAX_FILES = 65536;

/* Why a step failed. */
struct Failure {
  const char *call;
  /* NULL: `hresult` says it. */
  const char *problem;
  HRESULT hresult;
};

class Requestor {
 public:
  /* `cancel` is an event that the session sets. */
  explicit Requestor(HANDLE cancel) : cancel_(cancel) {}
  Requestor(const Requestor &) = delete;
  Requestor &operator=(const Requestor &) = delete;

  /* Runs a step; `out` gets the members of its result, each with a comma before it. */
  bool run(uint32_t step, const Fields &in, JsonText &out);
  const Failure &failure() const { return failure_; }
  void release() { backup_.release(); }

 private:
  friend class WriterReader;

  bool load();
  bool create();
  bool beginBackup();
  bool beginRestore(const Fields &in);
  bool metadata(const Fields &in, JsonText &out);
  bool addComponent(const Fields &in);
  bool startSet(JsonText &out);
  bool addVolume(const Fields &in, JsonText &out);
  bool status(JsonText &out);
  bool shadow(const Fields &in, JsonText &out);
  bool succeeded(const Fields &in);
  bool document(JsonText &out);
  bool select(const Fields &in);
  bool fileStatus(const Fields &in);
  bool components(JsonText &out);

  using AsyncCall = HRESULT (STDMETHODCALLTYPE RP_IVssBackupComponents::*)(RP_IVssAsync **);
  /* Starts an asynchronous call and waits until it ends; a cancelled one, too. */
  bool finish(const char *call, AsyncCall start);

  /* Notes a failed call. */
  bool check(const char *call, HRESULT hresult);
  bool problem(const char *call, const char *what);
  bool input(const char *call) { return problem(call, "input"); }

  HANDLE cancel_;
  Failure failure_ = {nullptr, nullptr, S_OK};
  RP_CREATE_VSS_BACKUP_COMPONENTS create_ = nullptr;
  RP_VSS_FREE_SNAPSHOT_PROPERTIES freeProperties_ = nullptr;
  Owned<RP_IVssBackupComponents> backup_;
};

#endif
