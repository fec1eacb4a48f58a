/* Files, memory and threads of the system. Two implementations: platform-posix.c and platform-windows.c. */
#ifndef RP_PLATFORM_H
#define RP_PLATFORM_H

#include "refpoint.h"

#if defined(_WIN32)
#define WIN32_LEAN_AND_MEAN
#include <windows.h>
typedef HANDLE rp_thread;
typedef SRWLOCK rp_lock;
typedef CONDITION_VARIABLE rp_signal;
typedef DWORD(WINAPI *rp_start)(void *);
#define RP_THREAD(name) DWORD WINAPI name(void *argument)
#else
#include <pthread.h>
typedef pthread_t rp_thread;
typedef pthread_mutex_t rp_lock;
typedef pthread_cond_t rp_signal;
typedef void *(*rp_start)(void *);
#define RP_THREAD(name) void *name(void *argument)
#endif

/* Result of a system call: RP_OK or an error of refpoint.h, and the system's own number. */
typedef struct {
  uint32_t error;
  int64_t system;
} rp_outcome;

/* Fills `into` from `offset`. RP_ESHORT if the file ends earlier. */
rp_outcome rp_read_fully(rp_file file, uint8_t *into, size_t length, uint64_t offset);
/* Writes all bytes at `offset`. */
rp_outcome rp_write_fully(rp_file file, const uint8_t *bytes, size_t length, uint64_t offset);
/* Whether rp_start_flush does anything. */
int rp_can_flush_early(void);
/* Starts to write a range of the file's cached pages to its device. A file system without support is not a failure. */
rp_outcome rp_start_flush(rp_file file, uint64_t offset, uint64_t length);

/* Returns memory that begins at a page, or NULL. */
void *rp_pages(size_t length);
void rp_free_pages(void *pages, size_t length);

/* Returns 0 on failure. */
int rp_thread_begin(rp_thread *thread, rp_start start, void *argument);
void rp_thread_join(rp_thread thread);

void rp_lock_init(rp_lock *lock);
void rp_lock_free(rp_lock *lock);
void rp_lock_take(rp_lock *lock);
void rp_lock_give(rp_lock *lock);
void rp_signal_init(rp_signal *signal);
void rp_signal_free(rp_signal *signal);
/* Gives the lock, waits, and takes it again. */
void rp_signal_wait(rp_signal *signal, rp_lock *lock);
void rp_signal_all(rp_signal *signal);

#endif
