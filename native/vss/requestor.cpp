/* The table of steps, and what they share. */
#include "requestor.h"

#include "refpoint-vss.h"

static constexpr HRESULT ASYNC_PENDING = 0x00042309;
static constexpr HRESULT ASYNC_FINISHED = 0x0004230A;
static constexpr HRESULT ASYNC_CANCELLED = 0x0004230B;
/* Longest pause between two looks at an asynchronous call, in milliseconds. */
static constexpr DWORD LONGEST_PAUSE = 100;

bool Requestor::check(const char *call, HRESULT hresult) {
  if (SUCCEEDED(hresult)) return true;
  failure_ = {call, nullptr, hresult};
  return false;
}

bool Requestor::problem(const char *call, const char *what) {
  failure_ = {call, what, S_OK};
  return false;
}

bool Requestor::finish(const char *call, AsyncCall start) {
  Owned<RP_IVssAsync> async;
  if (!check(call, (backup_.get()->*start)(async.out()))) return false;
  if (!async) return problem(call, "missing");
  bool cancelled = false;
  for (DWORD pause = 2;; pause = pause * 2 < LONGEST_PAUSE ? pause * 2 : LONGEST_PAUSE) {
    HRESULT state = S_OK;
    if (!check(call, async->QueryStatus(&state, nullptr))) return false;
    if (state == ASYNC_FINISHED) return true;
    if (state == ASYNC_CANCELLED) return problem(call, "cancelled");
    if (state != ASYNC_PENDING) return check(call, FAILED(state) ? state : E_UNEXPECTED);
    if (cancelled) {
      Sleep(pause);
    } else if (WaitForSingleObject(cancel_, pause) == WAIT_OBJECT_0) {
      cancelled = true;
      async->Cancel();
    }
  }
}

bool Requestor::run(uint32_t step, const Fields &in, JsonText &out) {
  const bool begins = step == RPV_BEGIN_BACKUP || step == RPV_BEGIN_RESTORE;
  if (step == RPV_RELEASE) {
    backup_.release();
    return true;
  }
  if (begins == static_cast<bool>(backup_)) return problem("CreateVssBackupComponents", "order");
  switch (step) {
    case RPV_BEGIN_BACKUP: return beginBackup();
    case RPV_BEGIN_RESTORE: return beginRestore(in);
    case RPV_METADATA: return metadata(in, out);
    case RPV_ADD_COMPONENT: return addComponent(in);
    case RPV_START_SET: return startSet(out);
    case RPV_ADD_VOLUME: return addVolume(in, out);
    case RPV_PREPARE: return finish("PrepareForBackup", &RP_IVssBackupComponents::PrepareForBackup);
    case RPV_SNAPSHOT: return finish("DoSnapshotSet", &RP_IVssBackupComponents::DoSnapshotSet);
    case RPV_STATUS: return status(out);
    case RPV_SHADOW: return shadow(in, out);
    case RPV_SUCCEEDED: return succeeded(in);
    case RPV_DOCUMENT: return document(out);
    case RPV_COMPLETE: return finish("BackupComplete", &RP_IVssBackupComponents::BackupComplete);
    case RPV_ABORT: return check("AbortBackup", backup_->AbortBackup());
    case RPV_SELECT: return select(in);
    case RPV_PRE_RESTORE: return finish("PreRestore", &RP_IVssBackupComponents::PreRestore);
    case RPV_FILE_STATUS: return fileStatus(in);
    case RPV_POST_RESTORE: return finish("PostRestore", &RP_IVssBackupComponents::PostRestore);
    case RPV_COMPONENTS: return components(out);
    default: return input("begin");
  }
}
