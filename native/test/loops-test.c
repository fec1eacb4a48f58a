/* Zero scan, compare, CRC-32C and bitmaps against the obvious loops, at every alignment. */
#include "check.h"
#include "refpoint.h"

#include <string.h>

#define SIZE 700

void test_bytes(uint32_t paths) {
  /* Exactly as long as used: a read behind the end is seen. */
  for (size_t length = 0; length < SIZE; length += 1 + length / 16) {
    uint8_t *a = calloc(length + 1, 1), *b = calloc(length + 1, 1);
    uint8_t *x = malloc(length > 0 ? length : 1), *y = malloc(length > 0 ? length : 1);
    CHECK(a && b && x && y);
    memset(x, 0, length);
    memset(y, 0, length);
    CHECK(rp_is_zero(x, length, paths) == 1);
    CHECK(rp_first_difference(x, y, length, paths) == length);
    for (size_t at = 0; at < length; at++) {
      x[at] = (uint8_t)(1u << at % 8);
      CHECK(rp_is_zero(x, length, paths) == 0);
      CHECK(rp_first_difference(x, y, length, paths) == at);
      if (at + 1 < length) {
        y[length - 1] = 1;
        CHECK(rp_first_difference(x, y, length, paths) == at);
        y[length - 1] = 0;
      }
      x[at] = 0;
    }
    for (size_t from = 0; from < 40 && from < length; from++) {
      CHECK(rp_is_zero(x + from, length - from, paths) == 1);
      CHECK(rp_first_difference(x + from, y, length - from, paths) == length - from);
    }
    free(a), free(b), free(x), free(y);
  }
}

/* One bit at a time, as the polynomial is defined. */
static uint32_t slow_crc(uint32_t crc, const uint8_t *bytes, size_t length) {
  crc = ~crc;
  for (size_t i = 0; i < length; i++) {
    crc ^= bytes[i];
    for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (crc & 1 ? 0x82f63b78u : 0);
  }
  return ~crc;
}

void test_crc32c(uint32_t paths) {
  /* RFC 3720, B.4. */
  uint8_t known[32];
  memset(known, 0, sizeof known);
  CHECK(rp_crc32c(0, known, 32, paths) == 0x8a9136aa);
  memset(known, 0xff, sizeof known);
  CHECK(rp_crc32c(0, known, 32, paths) == 0x62a8ab43);
  for (int i = 0; i < 32; i++) known[i] = (uint8_t)i;
  CHECK(rp_crc32c(0, known, 32, paths) == 0x46dd794e);
  uint64_t seed = 5;
  uint8_t bytes[SIZE];
  for (size_t i = 0; i < SIZE; i++) bytes[i] = (uint8_t)next_random(&seed);
  for (size_t length = 0; length < 300; length++) {
    const size_t from = (size_t)(next_random(&seed) % (SIZE - 300)), cut = length == 0 ? 0 : (size_t)(next_random(&seed) % length);
    const uint32_t whole = slow_crc(0, bytes + from, length);
    CHECK(rp_crc32c(0, bytes + from, length, paths) == whole);
    const uint32_t first = rp_crc32c(0, bytes + from, cut, paths);
    CHECK(rp_crc32c(first, bytes + from + cut, length - cut, paths) == whole);
  }
}

static int slow_bit(const uint8_t *bitmap, size_t at, int msb_first) {
  return (bitmap[at / 8] >> (msb_first ? 7 - at % 8 : at % 8)) & 1;
}

static void check_runs(const uint8_t *bitmap, size_t first, size_t end, int msb_first, size_t capacity) {
  uint64_t runs[64];
  size_t at = first, before = first;
  while (at < end) {
    size_t count = 0;
    const size_t next = rp_bitmap_runs(bitmap, at, end, msb_first, runs, capacity, &count);
    CHECK(count <= capacity && next <= end && (next > at || next == end));
    for (size_t i = 0; i < count; i++) {
      CHECK(runs[2 * i] >= before && runs[2 * i] < runs[2 * i + 1] && runs[2 * i + 1] <= end);
      for (size_t bit = before; bit < runs[2 * i]; bit++) CHECK(!slow_bit(bitmap, bit, msb_first));
      for (size_t bit = runs[2 * i]; bit < runs[2 * i + 1]; bit++) CHECK(slow_bit(bitmap, bit, msb_first));
      before = runs[2 * i + 1];
      CHECK(before == end || !slow_bit(bitmap, before, msb_first));
    }
    at = next;
  }
  for (size_t bit = before; bit < end; bit++) CHECK(!slow_bit(bitmap, bit, msb_first));
}

void test_bitmap(void) {
  uint64_t seed = 9;
  for (int round = 0; round < 3000; round++) {
    const size_t bytes = 1 + (size_t)(next_random(&seed) % 90);
    uint8_t *bitmap = malloc(bytes);
    CHECK(bitmap);
    const unsigned kind = (unsigned)(next_random(&seed) % 4);
    for (size_t i = 0; i < bytes; i++) {
      const uint64_t r = next_random(&seed);
      bitmap[i] = (uint8_t)(kind == 0 ? r : kind == 1 ? (r % 8 ? 0 : 0xff) : kind == 2 ? (r % 8 ? 0xff : r >> 8) : 0);
    }
    const size_t first = (size_t)(next_random(&seed) % (bytes * 8)), end = first + (size_t)(next_random(&seed) % (bytes * 8 - first + 1));
    check_runs(bitmap, first, end, round % 2, 1 + (size_t)(next_random(&seed) % 32));
    free(bitmap);
  }
}
