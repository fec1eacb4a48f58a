/* A session: the thread that owns COM, and what other threads ask of it. */
#include <windows.h>

#include <new>
#include <objbase.h>
#include <stdlib.h>
#include <string.h>

#include "refpoint-vss.h"
#include "requestor.h"

struct rpv_session {
  SRWLOCK lock = SRWLOCK_INIT;
  HANDLE wake = nullptr;
  HANDLE cancel = nullptr;
  /* The owner and the thread; the last one frees the session. */
  volatile LONG holders = 2;
  /* Guarded by the lock. */
  uint32_t state = RPV_IDLE;
  bool closing = false;
  /* The thread's while a step runs, the caller's otherwise. */
  uint32_t step = 0;
  WCHAR *input = nullptr;
  size_t units = 0;
  JsonText result;

  ~rpv_session() {
    free(input);
    if (wake != nullptr) CloseHandle(wake);
    if (cancel != nullptr) CloseHandle(cancel);
  }
};

namespace {

/* Holds the lock of a session. */
class Turn {
 public:
  explicit Turn(rpv_session *session) : session_(session) { AcquireSRWLockExclusive(&session->lock); }
  ~Turn() { ReleaseSRWLockExclusive(&session_->lock); }
  Turn(const Turn &) = delete;
  Turn &operator=(const Turn &) = delete;

 private:
  rpv_session *session_;
};

void letGo(rpv_session *session) {
  if (InterlockedDecrement(&session->holders) > 0) return;
  session->~rpv_session();
  free(session);
}

void writeFailure(const Failure &failure, JsonText &result) {
  result.clear();
  result.raw("{\"ok\":false,\"call\":\"");
  result.raw(failure.call);
  result.raw("\"");
  if (failure.problem != nullptr) {
    result.raw(",\"problem\":\"");
    result.raw(failure.problem);
    result.raw("\"}");
    return;
  }
  result.member("hresult");
  result.number(static_cast<uint32_t>(failure.hresult));
  result.raw("}");
}

void runStep(rpv_session *session, Requestor &requestor, const Failure &start) {
  JsonText &result = session->result;
  result.clear();
  if (start.call != nullptr) return writeFailure(start, result);
  result.raw("{\"ok\":true");
  const Fields fields(session->input, session->units);
  const bool done = requestor.run(session->step, fields, result);
  result.raw("}");
  if (!done) return writeFailure(requestor.failure(), result);
  if (result.failed()) writeFailure({"result", "tooLarge", S_OK}, result);
}

/* Prepares COM as writers need it: calls of theirs are encrypted, and made with the identity of this process. */
Failure startCom() {
  HRESULT code = CoInitializeEx(nullptr, COINIT_MULTITHREADED);
  if (FAILED(code)) return {"CoInitializeEx", nullptr, code};
  code = CoInitializeSecurity(nullptr, -1, nullptr, nullptr, RPC_C_AUTHN_LEVEL_PKT_PRIVACY, RPC_C_IMP_LEVEL_IMPERSONATE, nullptr,
                              EOAC_DYNAMIC_CLOAKING, nullptr);
  /* A second session in this process: the first one has set it. */
  if (FAILED(code) && code != RPC_E_TOO_LATE) return {"CoInitializeSecurity", nullptr, code};
  return {nullptr, nullptr, S_OK};
}

DWORD WINAPI serve(void *parameter) {
  rpv_session *session = static_cast<rpv_session *>(parameter);
  const Failure start = startCom();
  {
    Requestor requestor(session->cancel);
    for (;;) {
      WaitForSingleObject(session->wake, INFINITE);
      bool runs;
      bool closing;
      {
        const Turn turn(session);
        runs = session->state == RPV_RUNNING;
        closing = session->closing;
      }
      if (closing) break;
      if (!runs) continue;
      runStep(session, requestor, start);
      const Turn turn(session);
      session->state = RPV_FINISHED;
      if (session->closing) break;
    }
    /* Without AbortBackup before it, Windows aborts the backup here. */
    requestor.release();
  }
  if (start.call == nullptr || strcmp(start.call, "CoInitializeEx") != 0) CoUninitialize();
  letGo(session);
  return 0;
}

}  // namespace

uint32_t rpv_abi(void) { return RPV_ABI; }

rpv_session *rpv_open(void) {
  /* The library stays until the process ends: a thread may outlive its loader. */
  HMODULE own = nullptr;
  const DWORD pin = GET_MODULE_HANDLE_EX_FLAG_PIN | GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS;
  if (!GetModuleHandleExW(pin, reinterpret_cast<const WCHAR *>(&rpv_open), &own)) return nullptr;
  void *memory = malloc(sizeof(rpv_session));
  if (memory == nullptr) return nullptr;
  rpv_session *session = new (memory) rpv_session;
  session->wake = CreateEventW(nullptr, FALSE, FALSE, nullptr);
  session->cancel = CreateEventW(nullptr, TRUE, FALSE, nullptr);
  HANDLE thread = nullptr;
  if (session->wake != nullptr && session->cancel != nullptr) thread = CreateThread(nullptr, 0, serve, session, 0, nullptr);
  if (thread == nullptr) {
    session->~rpv_session();
    free(memory);
    return nullptr;
  }
  CloseHandle(thread);
  return session;
}

uint32_t rpv_begin(rpv_session *session, uint32_t step, const uint16_t *input, size_t units) {
  if (session == nullptr || units > RPV_MAX_INPUT || (input == nullptr && units > 0)) return RPV_INPUT;
  WCHAR *copy = static_cast<WCHAR *>(malloc((units + 1) * sizeof(WCHAR)));
  if (copy == nullptr) return RPV_MEMORY;
  if (units > 0) memcpy(copy, input, units * sizeof(WCHAR));
  copy[units] = 0;
  {
    const Turn turn(session);
    if (session->state != RPV_IDLE || session->closing) {
      free(copy);
      return RPV_BUSY;
    }
    free(session->input);
    session->input = copy;
    session->units = units;
    session->step = step;
    session->state = RPV_RUNNING;
    ResetEvent(session->cancel);
  }
  SetEvent(session->wake);
  return RPV_OK;
}

uint32_t rpv_poll(rpv_session *session) {
  const Turn turn(session);
  return session->state;
}

size_t rpv_result(rpv_session *session, uint16_t *into, size_t room) {
  const Turn turn(session);
  if (session->state != RPV_FINISHED) return 0;
  const size_t length = session->result.length();
  if (into == nullptr || room < length) return length;
  memcpy(into, session->result.units(), length * sizeof(uint16_t));
  session->result.clear();
  session->state = RPV_IDLE;
  return length;
}

void rpv_cancel(rpv_session *session) {
  const Turn turn(session);
  if (session->state == RPV_RUNNING) SetEvent(session->cancel);
}

void rpv_close(rpv_session *session) {
  if (session == nullptr) return;
  {
    const Turn turn(session);
    session->closing = true;
  }
  SetEvent(session->cancel);
  SetEvent(session->wake);
  letGo(session);
}
