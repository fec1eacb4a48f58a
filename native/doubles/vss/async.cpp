#include "async.h"

static constexpr HRESULT ASYNC_PENDING = 0x00042309;
static constexpr HRESULT ASYNC_FINISHED = 0x0004230A;

namespace {

class Async final : public Counted<RefusingIVssAsync> {
 public:
  Async(const Link &link, IUnknown *owner, std::function<HRESULT(HRESULT, Body &)> done)
      : Counted(link), owner_(owner), done_(std::move(done)), finished_(CreateEventW(nullptr, TRUE, FALSE, nullptr)) {
    owner_->AddRef();
  }
  ~Async() override {
    CloseHandle(finished_);
    owner_->Release();
  }

  HRESULT start() {
    /* The thread's own reference. */
    AddRef();
    const HANDLE thread = CreateThread(nullptr, 0, hear, this, 0, nullptr);
    if (thread == nullptr) return Release(), E_OUTOFMEMORY;
    CloseHandle(thread);
    return S_OK;
  }

  HRESULT STDMETHODCALLTYPE Cancel() override {
    if (WaitForSingleObject(finished_, 0) == WAIT_OBJECT_0) return ASYNC_FINISHED;
    message request;
    begin_message(&request, VSS_CALL_CANCEL);
    link_->lab.send(request);
    return S_OK;
  }
  HRESULT STDMETHODCALLTYPE Wait(DWORD milliseconds) override {
    WaitForSingleObject(finished_, milliseconds);
    return S_OK;
  }
  HRESULT STDMETHODCALLTYPE QueryStatus(HRESULT *result, INT *reserved) override {
    if (result == nullptr) return E_INVALIDARG;
    if (reserved != nullptr) *reserved = 0;
    *result = WaitForSingleObject(finished_, 0) == WAIT_OBJECT_0 ? result_ : ASYNC_PENDING;
    return S_OK;
  }

 private:
  static DWORD WINAPI hear(void *parameter) {
    Async *self = static_cast<Async *>(parameter);
    Body body;
    const HRESULT code = self->link_->lab.hear(&body);
  const HRESULT result = self->done_(code, body);
    self->result_ = result == S_OK ? ASYNC_FINISHED : result;
    SetEvent(self->finished_);
    self->Release();
    return 0;
  }

  IUnknown *owner_;
  std::function<HRESULT(HRESULT, Body &)> done_;
  HANDLE finished_;
  HRESULT result_ = ASYNC_PENDING;
};

}  // namespace

HRESULT startAsync(const Link &link, IUnknown *owner, const message &request, std::function<HRESULT(HRESULT, Body &)> done,
                   RP_IVssAsync **made) {
  const HRESULT sent = link->lab.send(request);
  if (FAILED(sent)) return sent;
  Async *async = new Async(link, owner, std::move(done));
  const HRESULT started = async->start();
  if (FAILED(started)) return async->Release(), started;
  *made = async;
  return S_OK;
}
