/* The pump against a plain copy in memory. */
#define _GNU_SOURCE
#include "check.h"
#include "refpoint.h"

#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define DISK (3 * (size_t)RP_CELL + 3 * 512)
#define LEAF 65536u
#define FILES 2
/* Offset in the target of the first block, or of the disk. */
#define END 8192u

/* A disk in memory, and the files that its extents name. */
typedef struct {
  uint8_t *bytes;
  int fds[FILES];
  rp_extent extents[512];
  size_t count;
} disk;

static int temporary(void) {
  char name[] = "/tmp/refpoint-native-XXXXXX";
  const int fd = mkstemp(name);
  CHECK(fd >= 0);
  unlink(name);
  return fd;
}

/* Random extents of whole sectors: short and long, apart and adjacent, with zeros in some. */
static disk make_disk(uint64_t seed) {
  disk d = {.bytes = calloc(DISK, 1), .count = 0};
  uint64_t ends[FILES] = {4096, 0};
  CHECK(d.bytes);
  for (int f = 0; f < FILES; f++) d.fds[f] = temporary();
  size_t at = 512 * (size_t)(next_random(&seed) % 300);
  while (at < DISK && d.count < 512) {
    size_t length = 512 * (1 + (size_t)(next_random(&seed) % (next_random(&seed) % 3 == 0 ? 3000 : 40)));
    if (length > DISK - at) length = DISK - at;
    const uint64_t file = next_random(&seed) % FILES;
    const int zeros = next_random(&seed) % 4 == 0;
    for (size_t i = 0; i < length && !zeros; i += 8) {
      const uint64_t value = next_random(&seed);
      memcpy(d.bytes + at + i, &value, 8);
    }
    CHECK(pwrite(d.fds[file], d.bytes + at, length, (off_t)ends[file]) == (ssize_t)length);
    d.extents[d.count++] = (rp_extent){at, length, ends[file], file};
    ends[file] += length;
    at += length + 512 * (size_t)(next_random(&seed) % 2 * (next_random(&seed) % 600));
  }
  return d;
}

static void drop_disk(disk *d) {
  for (int f = 0; f < FILES; f++) close(d->fds[f]);
  free(d->bytes);
}

/* Waits until all batches are finished, or the pump failed and stopped. */
static rp_progress settle(rp_pump *pump) {
  for (int i = 0; i < 30000; i++) {
    rp_progress p;
    rp_pump_poll(pump, &p);
    if (p.busy == 0 && (p.error != RP_OK || p.finished == p.batches)) return p;
    nanosleep(&(struct timespec){0, 1000000}, NULL);
  }
  CHECK(!"the pump came to an end");
  return (rp_progress){0};
}

static rp_pump *open_pump(const disk *d, rp_options options) {
  const rp_file files[FILES] = {d->fds[0], d->fds[1]};
  uint32_t error = 99;
  rp_pump *pump = rp_pump_open(&options, files, FILES, &error);
  CHECK(pump != NULL && error == RP_OK);
  return pump;
}

/* Whether extents touch the leaf. */
static int touched(const disk *d, size_t start, size_t end) {
  for (size_t i = 0; i < d->count; i++) {
    if (d->extents[i].start < end && d->extents[i].start + d->extents[i].length > start) return 1;
  }
  return 0;
}

static void check_cell(const disk *d, uint64_t cell, const uint8_t *states, const uint8_t *digests) {
  for (size_t k = 0; k < RP_CELL / LEAF; k++) {
    const size_t start = (size_t)cell * RP_CELL + k * LEAF;
    if (start >= DISK) {
      CHECK(states[k] == RP_UNTOUCHED);
      continue;
    }
    const size_t size = DISK - start < LEAF ? DISK - start : LEAF;
    uint8_t digest[RP_DIGEST];
    rp_sha256(d->bytes + start, size, digest, 0);
    if (!touched(d, start, start + size)) CHECK(states[k] == RP_UNTOUCHED);
    else if (rp_is_zero(d->bytes + start, size, 0)) CHECK(states[k] == RP_ZERO);
    else CHECK(states[k] == RP_DATA && memcmp(digest, digests + k * RP_DIGEST, RP_DIGEST) == 0);
  }
}

/* Reads the target as a disk: blocks without a place, and gaps in the file, are zeros. */
static void check_target(const disk *d, int target, uint64_t block_size, const uint64_t *blocks, size_t block_count) {
  uint8_t *found = calloc(DISK, 1);
  CHECK(found);
  if (block_size == 0) {
    CHECK(pread(target, found, DISK, END) >= 0);
  }
  for (size_t i = 0; i < block_count; i++) {
    const size_t start = (size_t)(blocks[2 * i] * block_size);
    if (blocks[2 * i + 1] == 0) continue;
    CHECK(pread(target, found + start, DISK - start < block_size ? DISK - start : block_size, (off_t)blocks[2 * i + 1]) >= 0);
  }
  CHECK(memcmp(found, d->bytes, DISK) == 0);
  free(found);
}

/* Bytes of the extents' pieces, at multiples of `piece` on the disk, that are not all zero. */
static uint64_t bytes_to_store(const disk *d, size_t piece) {
  uint64_t total = 0;
  for (size_t i = 0; i < d->count; i++) {
    const size_t behind = (size_t)(d->extents[i].start + d->extents[i].length);
    for (size_t at = (size_t)d->extents[i].start, end; at < behind; at = end) {
      end = at + piece - at % piece < behind ? at + piece - at % piece : behind;
      if (!rp_is_zero(d->bytes + at, end - at, 0)) total += end - at;
    }
  }
  return total;
}

/* Clears 4 KiB of data at a multiple of 4 KiB, but not of 8 KiB. */
static void clear_page(disk *d) {
  for (size_t i = 0; i < d->count; i++) {
    const rp_extent *e = &d->extents[i];
    const uint64_t at = (e->start + 8191) / 8192 * 8192 + 4096;
    if (at + 8192 > e->start + e->length || rp_is_zero(d->bytes + at, 8192, 0)) continue;
    memset(d->bytes + at, 0, 4096);
    CHECK(pwrite(d->fds[e->file], d->bytes + at, 4096, (off_t)(e->offset + at - e->start)) == 4096);
    return;
  }
  CHECK(!"an extent has data of this length");
}

static void copy_disk(uint64_t seed, uint64_t block_size, uint32_t flags, uint32_t paths) {
  disk d = make_disk(seed);
  clear_page(&d);
  const int target = temporary();
  rp_pump *pump = open_pump(&d, (rp_options){target, DISK, block_size, END, LEAF, 3, RP_FLUSH_EARLY | flags, paths});
  uint64_t cells[8], blocks[16], of_blocks[16];
  uint8_t states[8 * 16], digests[8 * 16 * RP_DIGEST];
  size_t seen = 0, placed = 0;
  /* Two batches that meet at a block's border. */
  const uint64_t border = 2 * RP_CELL;
  rp_extent first[512], second[513];
  size_t firsts = 0, seconds = 0;
  for (size_t i = 0; i < d.count; i++) {
    rp_extent e = d.extents[i];
    if (e.start < border) {
      first[firsts] = e;
      if (e.start + e.length > border) first[firsts].length = border - e.start;
      firsts++;
    }
    if (e.start + e.length > border) {
      const uint64_t skip = e.start < border ? border - e.start : 0;
      second[seconds++] = (rp_extent){e.start + skip, e.length - skip, e.offset + skip, e.file};
    }
  }
  for (int part = 0; part < 2; part++) {
    rp_counts counts = {0, 0};
    const size_t count = part == 0 ? firsts : seconds;
    if (count == 0) continue;
    CHECK(rp_pump_submit(pump, part == 0 ? first : second, count, NULL, 0, &counts) == RP_OK);
    CHECK(counts.cells <= 8 && counts.blocks <= 8);
    settle(pump);
    CHECK(rp_pump_take(pump, cells, states, digests, blocks) == RP_OK);
    for (size_t i = 0; i < counts.cells; i++) check_cell(&d, cells[i], states + 16 * i, digests + 16 * RP_DIGEST * i);
    memcpy(of_blocks + 2 * placed, blocks, 16 * (size_t)counts.blocks);
    placed += (size_t)counts.blocks;
    seen += (size_t)counts.cells;
  }
  const rp_progress p = settle(pump);
  CHECK(p.error == RP_OK && p.batches == 0 && seen > 0);
  CHECK(p.stored_bytes == bytes_to_store(&d, flags & RP_FINE_ZEROS ? 4096 : 65536));
  CHECK(rp_pump_take(pump, NULL, NULL, NULL, NULL) == RP_EINVAL);
  rp_pump_close(pump);
  check_target(&d, target, block_size, of_blocks, placed);
  close(target);
  drop_disk(&d);
}

void test_pump_copies(uint32_t paths) {
  for (uint64_t seed = 1; seed <= 2; seed++) {
    copy_disk(seed * 7919, 0, RP_FINE_ZEROS, paths);
    copy_disk(seed * 8191, 0, 0, paths);
    copy_disk(seed * 104729, RP_CELL, RP_FINE_ZEROS, paths);
    copy_disk(seed * 1299709, 2 * RP_CELL, 0, paths);
  }
}

void test_pump_compares(uint32_t paths) {
  for (uint64_t seed = 1; seed <= 3; seed++) {
    disk d = make_disk(seed * 31337);
    const rp_extent last = d.extents[d.count - 1];
    rp_extent other[512];
    memcpy(other, d.extents, sizeof other);
    /* The same bytes in one extent more, if the last one can be cut. */
    size_t count = d.count;
    if (last.length >= 1024 && count < 512) {
      other[count - 1].length = 512;
      other[count++] = (rp_extent){last.start + 512, last.length - 512, last.offset + 512, last.file};
    }
    const rp_options options = {RP_NO_FILE, DISK, 0, 0, 0, 2, RP_COMPARE, paths};
    rp_counts counts;
    rp_pump *pump = open_pump(&d, options);
    CHECK(rp_pump_submit(pump, d.extents, d.count, other, count, &counts) == RP_OK);
    CHECK(settle(pump).difference == UINT64_MAX);
    rp_pump_close(pump);
    /* One extent is missing: the first of its bytes that is not zero differs. */
    uint64_t expected = UINT64_MAX;
    for (uint64_t at = last.start; at < last.start + last.length && expected == UINT64_MAX; at++) {
      if (d.bytes[at] != 0) expected = at;
    }
    pump = open_pump(&d, options);
    CHECK(rp_pump_submit(pump, d.extents, d.count, d.extents, d.count - 1, &counts) == RP_OK);
    CHECK(settle(pump).difference == expected);
    rp_pump_close(pump);
    /* All extents are missing: the lowest of many differences counts, whichever thread finds its own last. */
    uint64_t lowest = 0;
    while (d.bytes[lowest] == 0) lowest++;
    for (int round = 0; round < 20; round++) {
      pump = open_pump(&d, options);
      CHECK(rp_pump_submit(pump, d.extents, d.count, NULL, 0, &counts) == RP_OK);
      CHECK(settle(pump).difference == lowest);
      rp_pump_close(pump);
    }
    drop_disk(&d);
  }
}

void test_pump_refuses(void) {
  disk d = make_disk(77);
  const rp_file files[FILES] = {d.fds[0], d.fds[1]};
  const rp_options good = {RP_NO_FILE, DISK, 0, 0, LEAF, 1, 0, 0};
  const rp_options bad[] = {
      {RP_NO_FILE, 0, 0, 0, LEAF, 1, 0, 0},          {RP_NO_FILE, DISK, 12345, 1, LEAF, 1, 0, 0},
      {RP_NO_FILE, DISK, RP_CELL, 0, LEAF, 1, 0, 0}, {RP_NO_FILE, DISK, 0, 0, 3000, 1, 0, 0},
      {RP_NO_FILE, DISK, 0, 0, 2 * RP_CELL, 1, 0, 0}, {RP_NO_FILE, DISK, 0, 0, LEAF, 0, 0, 0},
      {RP_NO_FILE, DISK, 0, 0, LEAF, 17, 0, 0},      {RP_NO_FILE, DISK, 0, 0, LEAF, 1, 64, 0},
      {RP_NO_FILE, DISK, 0, 0, LEAF, 1, RP_COMPARE, 0}, {RP_NO_FILE, DISK, 0, 0, 12288, 1, 0, 0},
  };
  uint32_t error = 0;
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    CHECK(rp_pump_open(&bad[i], files, FILES, &error) == NULL && error == RP_EINVAL);
  }
  CHECK(rp_pump_open(&good, files, RP_MAX_FILES + 1, &error) == NULL && error == RP_EINVAL);
  rp_pump *pump = open_pump(&d, good);
  rp_counts counts;
  const rp_extent wrong[][2] = {
      {{0, 0, 0, 0}, {512, 512, 0, 0}},          {{512, 512, 0, 0}, {0, 512, 0, 0}},
      {{0, 1024, 0, 0}, {512, 512, 0, 0}},       {{0, 512, 0, 0}, {DISK, 512, 0, 0}},
      {{0, 512, 0, 0}, {512, DISK, 0, 0}},       {{0, 512, 0, 0}, {512, 512, 0, FILES}},
      {{0, 512, UINT64_MAX, 0}, {512, 512, 0, 0}}, {{0, UINT64_MAX, 0, 0}, {512, 512, 0, 0}},
  };
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    CHECK(rp_pump_submit(pump, wrong[i], 2, NULL, 0, &counts) == RP_EINVAL);
  }
  CHECK(rp_pump_submit(pump, d.extents, d.count, d.extents, 1, &counts) == RP_EINVAL);
  CHECK(rp_pump_submit(pump, NULL, 0, NULL, 0, &counts) == RP_EINVAL);
  const rp_extent a = {RP_CELL, 512, 0, 0}, before = {0, 512, 0, 0};
  CHECK(rp_pump_submit(pump, &a, 1, NULL, 0, &counts) == RP_OK);
  CHECK(rp_pump_submit(pump, &before, 1, NULL, 0, &counts) == RP_EINVAL);
  rp_pump_close(pump);
  drop_disk(&d);
}

void test_pump_fails(void) {
  disk d = make_disk(78);
  rp_counts counts;
  const rp_options options = {RP_NO_FILE, DISK, 0, 0, LEAF, 2, 0, 0};
  /* The file ends before the extent. */
  rp_pump *pump = open_pump(&d, options);
  const rp_extent beyond = {0, 4096, (uint64_t)1 << 40, 1};
  CHECK(rp_pump_submit(pump, &beyond, 1, NULL, 0, &counts) == RP_OK);
  rp_progress p = settle(pump);
  CHECK(p.error == RP_ESHORT && p.error_operation == RP_READ && p.error_file == 1 && p.error_offset == (uint64_t)1 << 40);
  CHECK(rp_pump_take(pump, NULL, NULL, NULL, NULL) == RP_EINVAL);
  rp_pump_close(pump);
  /* The target is not open for writing. */
  const int target = open("/dev/null", O_RDONLY);
  pump = open_pump(&d, (rp_options){target, DISK, 0, 0, LEAF, 2, RP_FLUSH_EARLY, 0});
  CHECK(rp_pump_submit(pump, d.extents, d.count, NULL, 0, &counts) == RP_OK);
  p = settle(pump);
  CHECK(p.error == RP_EACCES && p.error_operation == RP_WRITE);
  rp_pump_close(pump);
  close(target);
  /* A full device. */
  const int full = open("/dev/full", O_WRONLY);
  if (full >= 0) {
    pump = open_pump(&d, (rp_options){full, DISK, 0, 0, 0, 2, 0, 0});
    CHECK(rp_pump_submit(pump, d.extents, d.count, NULL, 0, &counts) == RP_OK);
    CHECK(settle(pump).error == RP_ENOSPC);
    rp_pump_close(pump);
    close(full);
  }
  /* A pump that is closed or cancelled with work left. */
  pump = open_pump(&d, options);
  CHECK(rp_pump_submit(pump, d.extents, d.count, NULL, 0, &counts) == RP_OK);
  rp_pump_close(pump);
  pump = open_pump(&d, options);
  rp_pump_cancel(pump);
  CHECK(rp_pump_submit(pump, d.extents, d.count, NULL, 0, &counts) == RP_OK);
  rp_pump_poll(pump, &p);
  CHECK(p.busy == 0 && p.finished == 0 && p.batches == 1);
  rp_pump_close(pump);
  drop_disk(&d);
}
