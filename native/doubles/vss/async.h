/* async.h: one asynchronous call. A thread hears the lab's reply. */
#ifndef VSS_ASYNC_H
#define VSS_ASYNC_H

#include <functional>

#include "objects.h"

/* Sends the request now, so that a cancellation comes behind it. `done` runs on the thread, before anybody sees the call as finished. */
HRESULT startAsync(const Link &link, IUnknown *owner, const message &request, std::function<HRESULT(HRESULT, Body &)> done,
                   RP_IVssAsync **made);

#endif
