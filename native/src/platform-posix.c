/* Linux, and other systems with POSIX threads. */
#if !defined(_WIN32)
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#define _FILE_OFFSET_BITS 64
#include "platform.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

/*
 * glibc 2.34 moved the threads into libc under new versions of these names; the old versions exist in every glibc, so that the
 * library loads on systems from 2018 on.
 */
#if defined(__GLIBC__) && defined(__x86_64__) && !defined(RP_NEW_GLIBC)
__asm__(".symver pthread_create, pthread_create@GLIBC_2.2.5");
__asm__(".symver pthread_join, pthread_join@GLIBC_2.2.5");
#endif

/* Most bytes of one call: Linux moves at most 2 GiB - 4096. */
#define MOST ((size_t)1 << 30)

static rp_outcome outcome(int number) {
  rp_outcome result = {RP_EIO, number};
  if (number == ENOSPC || number == EDQUOT) result.error = RP_ENOSPC;
  if (number == EACCES || number == EPERM || number == EBADF || number == EROFS) result.error = RP_EACCES;
  if (number == EFBIG || number == EOVERFLOW) result.error = RP_EFBIG;
  if (number == ENOMEM) result.error = RP_ENOMEM;
  return result;
}

rp_outcome rp_read_fully(rp_file file, uint8_t *into, size_t length, uint64_t offset) {
  while (length > 0) {
    const ssize_t count = pread((int)file, into, length < MOST ? length : MOST, (off_t)offset);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return outcome(errno);
    if (count == 0) return (rp_outcome){RP_ESHORT, 0};
    into += count;
    length -= (size_t)count;
    offset += (uint64_t)count;
  }
  return (rp_outcome){RP_OK, 0};
}

rp_outcome rp_write_fully(rp_file file, const uint8_t *bytes, size_t length, uint64_t offset) {
  while (length > 0) {
    const ssize_t count = pwrite((int)file, bytes, length < MOST ? length : MOST, (off_t)offset);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return outcome(errno);
    if (count == 0) return outcome(ENOSPC);
    bytes += count;
    length -= (size_t)count;
    offset += (uint64_t)count;
  }
  return (rp_outcome){RP_OK, 0};
}

#if defined(__linux__)
int rp_can_flush_early(void) { return 1; }

rp_outcome rp_start_flush(rp_file file, uint64_t offset, uint64_t length) {
  if (sync_file_range((int)file, (off_t)offset, (off_t)length, SYNC_FILE_RANGE_WRITE) == 0) return (rp_outcome){RP_OK, 0};
  /* The caller flushes the whole file at the end in any case. */
  if (errno == ENOSYS || errno == EINVAL || errno == ESPIPE || errno == EINTR || errno == EBADF) return (rp_outcome){RP_OK, 0};
  return outcome(errno);
}
#else
int rp_can_flush_early(void) { return 0; }

rp_outcome rp_start_flush(rp_file file, uint64_t offset, uint64_t length) {
  (void)file, (void)offset, (void)length;
  return (rp_outcome){RP_OK, 0};
}
#endif

void *rp_pages(size_t length) {
  void *pages = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return pages == MAP_FAILED ? NULL : pages;
}

void rp_free_pages(void *pages, size_t length) {
  if (pages != NULL) munmap(pages, length);
}

int rp_thread_begin(rp_thread *thread, rp_start start, void *argument) {
  return pthread_create(thread, NULL, start, argument) == 0;
}

void rp_thread_join(rp_thread thread) { pthread_join(thread, NULL); }
void rp_lock_init(rp_lock *lock) { pthread_mutex_init(lock, NULL); }
void rp_lock_free(rp_lock *lock) { pthread_mutex_destroy(lock); }
void rp_lock_take(rp_lock *lock) { pthread_mutex_lock(lock); }
void rp_lock_give(rp_lock *lock) { pthread_mutex_unlock(lock); }
void rp_signal_init(rp_signal *signal) { pthread_cond_init(signal, NULL); }
void rp_signal_free(rp_signal *signal) { pthread_cond_destroy(signal); }
void rp_signal_wait(rp_signal *signal, rp_lock *lock) { pthread_cond_wait(signal, lock); }
void rp_signal_all(rp_signal *signal) { pthread_cond_broadcast(signal); }
#endif
