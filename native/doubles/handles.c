#include "handles.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Milliseconds between two looks for handles that were closed. */
#define SWEEP 25

static SRWLOCK lock = SRWLOCK_INIT;
static open_disk *disks;

/* Returns a number that only this file has; 0 if the handle is not one of a file. */
static uint64_t file_of(HANDLE handle) {
  BY_HANDLE_FILE_INFORMATION info;
  if (!GetFileInformationByHandle(handle, &info)) return 0;
  return ((uint64_t)info.nFileIndexHigh << 32 | info.nFileIndexLow) ^ ((uint64_t)info.dwVolumeSerialNumber << 17) ^ 1;
}

static int is_open(const open_disk *disk) {
  if (disk->silent_end != NULL) return GetFileType(disk->handle) == FILE_TYPE_PIPE;
  return file_of(disk->handle) == disk->file;
}

static void destroy(open_disk *disk) {
  message request;
  const DWORD patience = 2000;
  begin_message(&request, CALL_CLOSE);
  setsockopt(disk->link, SOL_SOCKET, SO_RCVTIMEO, (const char *)&patience, sizeof patience);
  ask_lab(disk->link, &request, NULL, NULL);
  closesocket(disk->link);
  if (disk->silent_end != NULL) CloseHandle(disk->silent_end);
  DeleteCriticalSection(&disk->turn);
  free(disk);
}

/* Gives up disks whose handles were closed: the system does not say when that happens. */
static void sweep(void) {
  open_disk *closed = NULL;
  AcquireSRWLockExclusive(&lock);
  for (open_disk **at = &disks; *at != NULL;) {
    open_disk *disk = *at;
    if (is_open(disk)) {
      at = &disk->next;
    } else if (disk->users > 0) {
      /* Ends the call that is under way. */
      shutdown(disk->link, SD_BOTH);
      at = &disk->next;
    } else {
      *at = disk->next;
      disk->next = closed;
      closed = disk;
    }
  }
  ReleaseSRWLockExclusive(&lock);
  while (closed != NULL) {
    open_disk *next = closed->next;
    destroy(closed);
    closed = next;
  }
}

static DWORD WINAPI sweep_often(void *parameter) {
  while (parameter == NULL) {
    Sleep(SWEEP);
    sweep();
  }
  return 0;
}

static BOOL CALLBACK start_sweeping(INIT_ONCE *once, void *parameter, void **context) {
  (void)once;
  (void)parameter;
  (void)context;
  /* The thread never ends, so the library must not be unloaded. */
  HMODULE self;
  const DWORD how = GET_MODULE_HANDLE_EX_FLAG_PIN | GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS;
  if (!GetModuleHandleExW(how, (LPCWSTR)&disks, &self)) return FALSE;
  HANDLE thread = CreateThread(NULL, 0, sweep_often, NULL, 0, NULL);
  if (thread != NULL) CloseHandle(thread);
  return thread != NULL;
}

/* Opens the raw file. A lab on Linux names it by its path there. */
static HANDLE open_raw(const uint16_t *name, size_t length, int writable) {
  wchar_t path[1024] = L"";
  const size_t at = length > 0 && name[0] == '/' ? 2 : 0;
  if (length + 3 > sizeof path / sizeof *path) return INVALID_HANDLE_VALUE;
  if (at > 0) wcscpy(path, L"Z:");
  for (size_t i = 0; i < length; i++) path[at + i] = name[i] == '/' ? '\\' : name[i];
  const DWORD access = writable ? GENERIC_READ | GENERIC_WRITE : GENERIC_READ;
  const DWORD share = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
  return CreateFileW(path, access, share, NULL, OPEN_EXISTING, FILE_FLAG_OVERLAPPED, NULL);
}

/* Makes a pipe into which nobody writes. */
static HANDLE open_silent(HANDLE *other) {
  static volatile LONG last;
  wchar_t name[80];
  swprintf(name, 80, L"\\\\.\\pipe\\refpoint-virtdisk-%lu-%ld", GetCurrentProcessId(), InterlockedIncrement(&last));
  const DWORD mode = PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED;
  HANDLE pipe = CreateNamedPipeW(name, mode, PIPE_TYPE_BYTE, 1, 4096, 4096, 0, NULL);
  if (pipe == INVALID_HANDLE_VALUE) return pipe;
  *other = CreateFileW(name, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
  if (*other != INVALID_HANDLE_VALUE) return pipe;
  CloseHandle(pipe);
  return INVALID_HANDLE_VALUE;
}

DWORD new_disk(int writable, open_disk **made) {
  static INIT_ONCE once = INIT_ONCE_STATIC_INIT;
  /* A file whose handle was closed just now is free again. */
  sweep();
  if (!InitOnceExecuteOnce(&once, start_sweeping, NULL, NULL)) return ERROR_NOT_ENOUGH_MEMORY;
  SOCKET link;
  reply first = {NULL, 0};
  const DWORD code = connect_lab("REFPOINT_VIRTDISK", &link, &first);
  if (code != ERROR_SUCCESS) return code;
  open_disk *disk = first.length >= 4 ? calloc(1, sizeof *disk) : NULL;
  if (disk != NULL) {
    uint32_t silent;
    memcpy(&silent, first.bytes, 4);
    disk->handle = silent ? open_silent(&disk->silent_end)
                          : open_raw((const uint16_t *)(first.bytes + 4), (first.length - 4) / 2, writable);
  }
  free(first.bytes);
  if (disk == NULL || disk->handle == INVALID_HANDLE_VALUE) {
    closesocket(link);
    free(disk);
    return ERROR_GEN_FAILURE;
  }
  disk->link = link;
  disk->file = file_of(disk->handle);
  InitializeCriticalSection(&disk->turn);
  *made = disk;
  return ERROR_SUCCESS;
}

HANDLE publish_disk(open_disk *disk) {
  AcquireSRWLockExclusive(&lock);
  disk->next = disks;
  disks = disk;
  ReleaseSRWLockExclusive(&lock);
  return disk->handle;
}

void discard_disk(open_disk *disk) {
  CloseHandle(disk->handle);
  destroy(disk);
}

open_disk *use_disk(HANDLE handle) {
  AcquireSRWLockExclusive(&lock);
  open_disk *disk = disks;
  while (disk != NULL && (disk->handle != handle || !is_open(disk))) disk = disk->next;
  if (disk != NULL) disk->users++;
  ReleaseSRWLockExclusive(&lock);
  return disk;
}

void let_go(open_disk *disk) {
  AcquireSRWLockExclusive(&lock);
  disk->users--;
  ReleaseSRWLockExclusive(&lock);
}

DWORD ask_about(open_disk *disk, const message *request, reply *answer) {
  EnterCriticalSection(&disk->turn);
  const DWORD code = ask_lab(disk->link, request, answer, &disk->progress);
  LeaveCriticalSection(&disk->turn);
  return code;
}

DWORD tell_about(open_disk *disk, const message *request) { return ask_about(disk, request, NULL); }

typedef struct {
  open_disk *disk;
  message request;
} started;

/* NTSTATUS that GetOverlappedResult translates back into this Win32 error. */
static ULONG_PTR status_of(DWORD code) {
  if (code == ERROR_SUCCESS) return 0;
  return code > 0xFFFF ? code : 0xC0070000u | code;
}

static DWORD WINAPI carry_out(void *parameter) {
  started *call = parameter;
  open_disk *disk = call->disk;
  const DWORD code = tell_about(disk, &call->request);
  OVERLAPPED *overlapped = disk->overlapped;
  HANDLE event = overlapped->hEvent;
  overlapped->InternalHigh = 0;
  /* From here on the caller may free it. */
  overlapped->Internal = status_of(code);
  disk->status = (LONG)code;
  if (event != NULL) SetEvent(event);
  let_go(disk);
  free(call);
  return 0;
}

DWORD start_about(open_disk *disk, const message *request, OVERLAPPED *overlapped) {
  started *call = malloc(sizeof *call);
  if (call == NULL) return ERROR_NOT_ENOUGH_MEMORY;
  call->disk = disk;
  call->request = *request;
  overlapped->Internal = 0x103; /* STATUS_PENDING */
  if (overlapped->hEvent != NULL) ResetEvent(overlapped->hEvent);
  disk->progress.current = 0;
  disk->progress.total = 0;
  disk->status = ERROR_IO_PENDING;
  disk->overlapped = overlapped;
  AcquireSRWLockExclusive(&lock);
  disk->users++;
  ReleaseSRWLockExclusive(&lock);
  HANDLE thread = CreateThread(NULL, 0, carry_out, call, 0, NULL);
  if (thread == NULL) {
    let_go(disk);
    free(call);
    return ERROR_NOT_ENOUGH_MEMORY;
  }
  CloseHandle(thread);
  return ERROR_IO_PENDING;
}
