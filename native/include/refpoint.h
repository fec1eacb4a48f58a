/*
 * refpoint.h: the hot loops of Refpoint's engine, in C11.
 *
 * Rules of the library:
 * - It has no state of its own: no globals, no caches, no callbacks. What a call allocates it frees; what a pump allocates,
 *   rp_pump_close frees.
 * - Buffers belong to the caller and are not used after the call returns. A pump copies what it is given.
 * - Every function that has more than one implementation takes `paths`, the set of CPU features that it may use. rp_cpu_paths
 *   returns those of this machine; 0 selects portable C. A test can therefore run each implementation.
 * - Offsets and lengths are in bytes. Ranges are half-open: [start, start + length).
 * - Functions are thread-safe for different buffers. A pump may be used by one thread at a time.
 */
#ifndef REFPOINT_H
#define REFPOINT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(_WIN32)
#define RP_API __declspec(dllexport)
#else
#define RP_API __attribute__((visibility("default")))
#endif

/* Version of this interface. A caller rejects a library with another one. */
#define RP_ABI 3u
RP_API uint32_t rp_abi(void);

/* CPU features, for `paths`. A set that names a feature which the machine does not have is the caller's error. */
#define RP_AVX2 1u
#define RP_SHA_NI 2u
#define RP_SSE42 4u
/* Returns the features that this machine has and this library uses. */
RP_API uint32_t rp_cpu_paths(void);

/* Returns 1 if all bytes are zero, else 0. Uses RP_AVX2. */
RP_API int32_t rp_is_zero(const uint8_t *bytes, size_t length, uint32_t paths);

/* Returns the offset of the first byte that differs; `length` if none does. Uses RP_AVX2. */
RP_API size_t rp_first_difference(const uint8_t *a, const uint8_t *b, size_t length, uint32_t paths);

/*
 * Continues a CRC-32C (Castagnoli, reflected polynomial 0x82f63b78, RFC 3720 B.4) over more bytes. `crc` is 0 at the start and
 * the previous result later. Uses RP_SSE42.
 */
RP_API uint32_t rp_crc32c(uint32_t crc, const uint8_t *bytes, size_t length, uint32_t paths);

/* Size of a SHA-256 digest. */
#define RP_DIGEST 32u

/* Writes the SHA-256 (FIPS 180-4) of the bytes to `digest`, 32 bytes. Uses RP_SHA_NI. */
RP_API void rp_sha256(const uint8_t *bytes, size_t length, uint8_t *digest, uint32_t paths);

/* States of a leaf. */
#define RP_UNTOUCHED 0u
#define RP_ZERO 1u
#define RP_DATA 2u

/*
 * Hashes neighbouring leaves of `leaf` bytes; the last one may be shorter. Leaves whose state is RP_UNTOUCHED on entry are
 * skipped. All others become RP_ZERO, without a digest, if all their bytes are zero, else RP_DATA with their SHA-256 at
 * digests + 32 * i. `states` has one byte and `digests` 32 bytes for each leaf. Several leaves are hashed at once.
 * Uses all features.
 */
RP_API void rp_hash_leaves(const uint8_t *bytes, size_t length, size_t leaf, uint8_t *states, uint8_t *digests, uint32_t paths);

/*
 * Converts the bits [first, end) of a bitmap to the ranges of set bits: pairs of start and end, in bits, from runs[0] on.
 * `msb_first` is 0 if bit 0 is the least significant one of byte 0 (VHDX), 1 if it is the most significant one (VHD). Writes at
 * most `capacity` pairs, sets *count to their number and returns the bit to continue at; `end` if it is done.
 */
RP_API size_t rp_bitmap_runs(const uint8_t *bitmap, size_t first, size_t end, int32_t msb_first, uint64_t *runs, size_t capacity,
                             size_t *count);

/*
 * The pump: reads extents of open files on its own threads, tests them for zeros, hashes their leaves, and writes them to a
 * target or compares them with other extents. The caller submits batches, polls, and takes the results of finished batches in
 * order. No function but rp_pump_close waits for a thread.
 */
typedef struct rp_pump rp_pump;

/* Unit of work: 1 MiB of the virtual disk, at a multiple of 1 MiB. */
#define RP_CELL 1048576u
/* Limits: a pump with more is refused. */
#define RP_MAX_WORKERS 16u
#define RP_MAX_FILES 1024u
#define RP_MAX_EXTENTS 1048576u
#define RP_MAX_CELLS 65536u
#define RP_MAX_BATCHES 8u

/* An open file: a descriptor, or a HANDLE on Windows. */
typedef int64_t rp_file;
#define RP_NO_FILE ((rp_file)-1)

/* Flags of a pump. */
/* Starts write-back while the copy runs, so that the final flush waits less (Linux). */
#define RP_FLUSH_EARLY 1u
/* Compares the extents `a` with the extents `b` instead of hashing or writing. */
#define RP_COMPARE 2u
/* Leaves out zeros of 4 KiB, at multiples of it on the disk, instead of 64 KiB: less is written, by more calls. */
#define RP_FINE_ZEROS 4u

typedef struct {
  /* Receives the data; RP_NO_FILE if nothing is written. */
  rp_file target;
  /* Size of the virtual disk, not 0. Its last cell may be shorter. */
  uint64_t disk_size;
  /*
   * Bytes of a block of the target, a multiple of RP_CELL: each block with data gets the next free place of the file. 0: data
   * lies at `end` + its offset on the virtual disk.
   */
  uint64_t block_size;
  /* Offset in the target of the first new block, or of the disk if there are no blocks. */
  uint64_t end;
  /* Bytes of a leaf: a power of two from 4096 to RP_CELL; 0 if nothing is hashed. */
  uint32_t leaf_size;
  /* Threads that read, hash and write: 1 to RP_MAX_WORKERS. */
  uint32_t workers;
  uint32_t flags;
  uint32_t paths;
} rp_options;

/* A part of the virtual disk and the place of its bytes. */
typedef struct {
  uint64_t start;
  uint64_t length;
  /* Offset in the file. */
  uint64_t offset;
  /* Index in the pump's files. */
  uint64_t file;
} rp_extent;

/* Errors. The numbers are part of the interface; they do not depend on the system. */
enum {
  RP_OK = 0,
  RP_EINVAL = 1,   /* An argument breaks the rules above. */
  RP_ENOMEM = 2,   /* Not enough memory, or no thread could be started. */
  RP_EIO = 3,      /* The system reports a failure of the device, or one that has no number here. */
  RP_ENOSPC = 4,   /* No space, or over quota. */
  RP_ESHORT = 5,   /* A file ends before an extent does. */
  RP_EACCES = 6,   /* Access denied, or the file is not open in this way. */
  RP_EFBIG = 7,    /* Larger than the file system allows. */
  RP_EFULL = 8     /* RP_MAX_BATCHES batches are waiting: take one first. */
};

/*
 * Writes the SHA-256 of parts of an open file to `digests`, 32 bytes each. `places` has two numbers for each part: its start and
 * its end in the file, in any order; neighbours are read at once, and several parts are hashed at once. `bytes` is working
 * memory of `size` bytes, at least as long as the longest part. With RP_NO_FILE the parts lie in `bytes`, which is only read.
 * Returns RP_OK, RP_EINVAL, or the error of a read; the digests are undefined then. Uses all features.
 */
RP_API uint32_t rp_hash_parts(rp_file file, uint8_t *bytes, size_t size, const uint64_t *places, size_t count, uint8_t *digests,
                              uint32_t paths);

/* Operation that failed. */
enum { RP_NOTHING = 0, RP_READ = 1, RP_WRITE = 2, RP_FLUSH = 3 };

typedef struct {
  /* Bytes read from extents, bytes written to the target, and the end of the target's blocks, so far. */
  uint64_t read_bytes;
  uint64_t stored_bytes;
  uint64_t end;
  /* Lowest offset that differs (RP_COMPARE); UINT64_MAX if none is known. */
  uint64_t difference;
  /* Batches that were submitted and not taken; how many of them are finished, counted from the oldest. */
  uint32_t batches;
  uint32_t finished;
  /* Threads that are working. After a failure or rp_pump_cancel, the pump has stopped if this is 0. */
  uint32_t busy;
  /* The first failure: error, operation, file (index; of a write: 0), offset in that file, length, and the system's number. */
  uint32_t error;
  uint32_t error_operation;
  uint32_t error_file;
  uint64_t error_offset;
  uint64_t error_length;
  int64_t error_system;
} rp_progress;

/*
 * Starts the threads of a pump. `files` are the open files that extents name, at most RP_MAX_FILES. Returns NULL and sets
 * *error to RP_EINVAL or RP_ENOMEM. The files must stay open until the pump is closed.
 */
RP_API rp_pump *rp_pump_open(const rp_options *options, const rp_file *files, size_t file_count, uint32_t *error);

/* Result of rp_pump_submit: sizes of the arrays that rp_pump_take fills. */
typedef struct {
  uint64_t cells;
  uint64_t blocks;
} rp_counts;

/*
 * Queues a batch: extents in order, disjoint, within the disk. Batches follow each other in order and, in a target with blocks,
 * do not share a block. `b` is used by RP_COMPARE only. Returns RP_OK, RP_EINVAL, RP_ENOMEM or RP_EFULL.
 */
RP_API uint32_t rp_pump_submit(rp_pump *pump, const rp_extent *a, size_t a_count, const rp_extent *b, size_t b_count,
                               rp_counts *counts);

/* Reports the state of the pump. */
RP_API void rp_pump_poll(rp_pump *pump, rp_progress *progress);

/*
 * Removes the oldest batch, if it is finished, and copies its results: the numbers of its cells in order; for each cell
 * RP_CELL / leaf_size states and digests (digests of leaves without data are undefined); for each block of the target its
 * number and its offset, 0 if it has no data. Arrays that do not apply may be NULL. Returns RP_OK, or RP_EINVAL if the oldest
 * batch is not finished or there is none.
 */
RP_API uint32_t rp_pump_take(rp_pump *pump, uint64_t *cells, uint8_t *states, uint8_t *digests, uint64_t *blocks);

/* Asks the threads to stop after the cell that they work on. Batches that are not finished never will be. */
RP_API void rp_pump_cancel(rp_pump *pump);

/* Stops the threads, waits for them and frees everything. Does not wait if rp_progress.busy is 0. */
RP_API void rp_pump_close(rp_pump *pump);

#ifdef __cplusplus
}
#endif

#endif
