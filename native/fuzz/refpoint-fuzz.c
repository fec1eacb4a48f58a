/*
 * libFuzzer target: one input drives every function of the library, with each set of CPU features, and compares them with
 * portable C. Build and run: npm run fuzz:native -- SECONDS.
 */
#define _GNU_SOURCE
#include "refpoint.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define MUST(condition) \
  do { \
    if (!(condition)) { \
      fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
      abort(); \
    } \
  } while (0)

/* Takes numbers from the input; zeros when it is used up. */
typedef struct {
  const uint8_t *bytes;
  size_t left;
} input;

static uint64_t take(input *in, size_t count) {
  uint64_t value = 0;
  for (; count > 0 && in->left > 0; count--, in->bytes++, in->left--) value = value << 8 | *in->bytes;
  return value;
}

static void fuzz_loops(const uint8_t *bytes, size_t size, uint32_t paths) {
  uint8_t a[RP_DIGEST], b[RP_DIGEST];
  MUST(rp_is_zero(bytes, size, paths) == rp_is_zero(bytes, size, 0));
  MUST(rp_crc32c(7, bytes, size, paths) == rp_crc32c(7, bytes, size, 0));
  rp_sha256(bytes, size, a, paths);
  rp_sha256(bytes, size, b, 0);
  MUST(memcmp(a, b, RP_DIGEST) == 0);
  const size_t half = size / 2;
  MUST(rp_first_difference(bytes, bytes + half, half, paths) == rp_first_difference(bytes, bytes + half, half, 0));
}

static void fuzz_leaves(input in, uint32_t paths) {
  const size_t leaf = (size_t)64 << (take(&in, 1) % 3), count = (in.left + leaf - 1) / leaf;
  uint8_t *states[2], *digests[2];
  for (int i = 0; i < 2; i++) {
    states[i] = malloc(count + 1);
    digests[i] = calloc(count + 1, RP_DIGEST);
    MUST(states[i] && digests[i]);
    for (size_t k = 0; k < count; k++) states[i][k] = in.bytes[k * leaf] % 5 == 0 ? RP_UNTOUCHED : RP_DATA;
    rp_hash_leaves(in.bytes, in.left, leaf, states[i], digests[i], i == 0 ? paths : 0);
  }
  MUST(memcmp(states[0], states[1], count) == 0);
  MUST(memcmp(digests[0], digests[1], count * RP_DIGEST) == 0);
  for (int i = 0; i < 2; i++) free(states[i]), free(digests[i]);
}

/* Parts of memory, most of them valid. */
static void fuzz_parts(input in, uint32_t paths) {
  uint64_t places[16];
  uint8_t a[8 * RP_DIGEST], b[8 * RP_DIGEST];
  for (size_t i = 0; i < 8; i++) {
    places[2 * i] = take(&in, 2);
    places[2 * i + 1] = places[2 * i] + take(&in, 1) - 1;
  }
  uint8_t *bytes = malloc(in.left + 1);
  MUST(bytes);
  memcpy(bytes, in.bytes, in.left);
  const uint32_t error = rp_hash_parts(RP_NO_FILE, bytes, in.left, places, 8, a, paths);
  MUST(rp_hash_parts(RP_NO_FILE, bytes, in.left, places, 8, b, 0) == error);
  MUST(error != RP_OK || memcmp(a, b, sizeof a) == 0);
  free(bytes);
}

static void fuzz_bitmap(input in) {
  const int32_t msb = take(&in, 1) & 1;
  const size_t bits = in.left * 8, first = bits == 0 ? 0 : (size_t)(take(&in, 1) % bits), end = in.left * 8;
  uint64_t runs[6];
  size_t at = first, steps = 0;
  while (at < end) {
    size_t count = 0;
    const size_t next = rp_bitmap_runs(in.bytes, at, end, msb, runs, 3, &count);
    MUST(count <= 3 && next <= end && (next > at || count == 0));
    MUST(++steps <= end + 1);
    at = next;
  }
}

/* A pump over a small file with options and extents of the input: it refuses them or comes to an end. */
static void fuzz_pump(input in, uint32_t paths) {
  const int source = memfd_create("source", 0), target = memfd_create("target", 0);
  MUST(source >= 0 && target >= 0);
  MUST(write(source, in.bytes, in.left) == (ssize_t)in.left);
  const uint64_t choices = take(&in, 1);
  rp_options options = {RP_NO_FILE, take(&in, 3), 0, take(&in, 3), 0, 1 + (uint32_t)(choices % 3), 0, paths};
  if (choices & 8) options.target = target;
  if (choices & 16) options.block_size = RP_CELL * take(&in, 1);
  if (choices & 32) options.leaf_size = (uint32_t)4096 << take(&in, 1) % 10;
  if (choices & 64) options.flags = (uint32_t)take(&in, 1) % 8;
  const rp_file files[2] = {source, source};
  uint32_t error = 0;
  rp_pump *pump = rp_pump_open(&options, files, 2, &error);
  MUST((pump == NULL) == (error != RP_OK));
  for (int batch = 0; pump != NULL && batch < 3; batch++) {
    rp_extent extents[2][8];
    size_t counts[2];
    rp_counts made;
    for (int s = 0; s < 2; s++) {
      uint64_t at = take(&in, 3);
      counts[s] = (size_t)take(&in, 1) % 8;
      if (s == 1 && !(options.flags & RP_COMPARE)) counts[s] = 0;
      for (size_t i = 0; i < counts[s]; i++) {
        const uint64_t length = take(&in, 2);
        extents[s][i] = (rp_extent){at, length, take(&in, 1), take(&in, 1) % 3};
        at += length + take(&in, 1) - (choices == 255 ? 1 : 0);
      }
    }
    (void)rp_pump_submit(pump, extents[0], counts[0], extents[1], counts[1], &made);
  }
  for (rp_progress p; pump != NULL;) {
    rp_pump_poll(pump, &p);
    if (p.busy == 0 && (p.error != RP_OK || p.finished == p.batches)) break;
    nanosleep(&(struct timespec){0, 20000}, NULL);
  }
  while (pump != NULL && rp_pump_take(pump, NULL, NULL, NULL, NULL) == RP_OK) continue;
  rp_pump_close(pump);
  close(source);
  close(target);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  const uint32_t machine = rp_cpu_paths();
  if (size == 0) return 0;
  input in = {bytes, size};
  const uint32_t paths = (uint32_t)take(&in, 1) & machine;
  /* A copy of the exact length, so that a read behind the end is seen. */
  uint8_t *copy = malloc(in.left > 0 ? in.left : 1);
  MUST(copy);
  memcpy(copy, in.bytes, in.left);
  const input rest = {copy, in.left};
  fuzz_loops(copy, in.left, paths);
  fuzz_leaves(rest, paths);
  fuzz_parts(rest, paths);
  fuzz_bitmap(rest);
  /* Threads cost more than all the rest: one input in eight. */
  if (size % 8 == 0) fuzz_pump(rest, paths);
  free(copy);
  return 0;
}
