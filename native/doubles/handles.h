/*
 * handles.h: the open handles. Each is a real one: of the raw file as which the lab lays the attached disk out, empty while it is
 * detached, so that ReadFile, GetOverlappedResult, CancelIoEx and CloseHandle are those of the system.
 */
#ifndef HANDLES_H
#define HANDLES_H

#include "lab-link.h"

typedef struct open_disk {
  HANDLE handle;
  /* Identity of the file, since the system gives the number of a closed handle to others. */
  uint64_t file;
  /* Other end of a pipe whose reads never complete; NULL: the handle is a file. */
  HANDLE silent_end;
  SOCKET link;
  /* Held while a call asks the lab. */
  CRITICAL_SECTION turn;
  /* Number of calls that use it. */
  LONG users;
  /* Of the call that was started with an OVERLAPPED. */
  OVERLAPPED *volatile overlapped;
  volatile LONG status;
  call_progress progress;
  struct open_disk *next;
} open_disk;

/* Connects to the lab and makes a handle; the image is not open yet. Returns a Win32 error. */
DWORD new_disk(int writable, open_disk **made);

/* Lets the caller of the library use the handle, or gives it up if the image could not be opened. */
HANDLE publish_disk(open_disk *disk);
void discard_disk(open_disk *disk);

/* Finds an open handle; NULL for others. Every disk that was found is let go. */
open_disk *use_disk(HANDLE handle);
void let_go(open_disk *disk);

/* Asks the lab for something of a disk; calls of one disk take turns. */
DWORD ask_about(open_disk *disk, const message *request, reply *answer);

/* Sends a request that only its result answers. */
DWORD tell_about(open_disk *disk, const message *request);

/* Does the same on a thread of its own, which then completes `overlapped`. Returns ERROR_IO_PENDING. */
DWORD start_about(open_disk *disk, const message *request, OVERLAPPED *overlapped);

#endif
