/* Windows 8 / Server 2012 and later. */
#if defined(_WIN32)
#include "platform.h"

/* Missing in the headers of MinGW. */
#ifndef ERROR_DISK_QUOTA_EXCEEDED
#define ERROR_DISK_QUOTA_EXCEEDED 1295L
#endif

/* Most bytes of one call: lengths are 32-bit. */
#define MOST ((size_t)1 << 30)

static rp_outcome outcome(DWORD number) {
  rp_outcome result = {RP_EIO, (int64_t)number};
  if (number == ERROR_DISK_FULL || number == ERROR_HANDLE_DISK_FULL || number == ERROR_DISK_QUOTA_EXCEEDED) result.error = RP_ENOSPC;
  if (number == ERROR_ACCESS_DENIED || number == ERROR_INVALID_HANDLE || number == ERROR_WRITE_PROTECT) result.error = RP_EACCES;
  if (number == ERROR_FILE_TOO_LARGE) result.error = RP_EFBIG;
  if (number == ERROR_NOT_ENOUGH_MEMORY || number == ERROR_OUTOFMEMORY || number == ERROR_NO_SYSTEM_RESOURCES) result.error = RP_ENOMEM;
  if (number == ERROR_HANDLE_EOF) result.error = RP_ESHORT;
  return result;
}

static OVERLAPPED at(uint64_t offset) {
  OVERLAPPED place = {0};
  place.Offset = (DWORD)offset;
  place.OffsetHigh = (DWORD)(offset >> 32);
  return place;
}

rp_outcome rp_read_fully(rp_file file, uint8_t *into, size_t length, uint64_t offset) {
  while (length > 0) {
    OVERLAPPED place = at(offset);
    DWORD count = 0;
    if (!ReadFile((HANDLE)(intptr_t)file, into, (DWORD)(length < MOST ? length : MOST), &count, &place)) {
      return outcome(GetLastError());
    }
    if (count == 0) return (rp_outcome){RP_ESHORT, 0};
    into += count;
    length -= count;
    offset += count;
  }
  return (rp_outcome){RP_OK, 0};
}

rp_outcome rp_write_fully(rp_file file, const uint8_t *bytes, size_t length, uint64_t offset) {
  while (length > 0) {
    OVERLAPPED place = at(offset);
    DWORD count = 0;
    if (!WriteFile((HANDLE)(intptr_t)file, bytes, (DWORD)(length < MOST ? length : MOST), &count, &place)) {
      return outcome(GetLastError());
    }
    if (count == 0) return outcome(ERROR_DISK_FULL);
    bytes += count;
    length -= count;
    offset += count;
  }
  return (rp_outcome){RP_OK, 0};
}

/* Windows writes cached pages back by itself and has no call that starts it without waiting. */
int rp_can_flush_early(void) { return 0; }

rp_outcome rp_start_flush(rp_file file, uint64_t offset, uint64_t length) {
  (void)file, (void)offset, (void)length;
  return (rp_outcome){RP_OK, 0};
}

void *rp_pages(size_t length) { return VirtualAlloc(NULL, length, MEM_COMMIT | MEM_RESERVE, PAGE_READWRITE); }

void rp_free_pages(void *pages, size_t length) {
  (void)length;
  if (pages != NULL) VirtualFree(pages, 0, MEM_RELEASE);
}

int rp_thread_begin(rp_thread *thread, rp_start start, void *argument) {
  *thread = CreateThread(NULL, 0, start, argument, 0, NULL);
  return *thread != NULL;
}

void rp_thread_join(rp_thread thread) {
  WaitForSingleObject(thread, INFINITE);
  CloseHandle(thread);
}

void rp_lock_init(rp_lock *lock) { InitializeSRWLock(lock); }
void rp_lock_free(rp_lock *lock) { (void)lock; }
void rp_lock_take(rp_lock *lock) { AcquireSRWLockExclusive(lock); }
void rp_lock_give(rp_lock *lock) { ReleaseSRWLockExclusive(lock); }
void rp_signal_init(rp_signal *signal) { InitializeConditionVariable(signal); }
void rp_signal_free(rp_signal *signal) { (void)signal; }
void rp_signal_wait(rp_signal *signal, rp_lock *lock) { SleepConditionVariableSRW(signal, lock, INFINITE, 0); }
void rp_signal_all(rp_signal *signal) { WakeAllConditionVariable(signal); }
#endif
