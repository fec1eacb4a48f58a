/* Digests of parts of a file and of memory against one message at a time. */
#define _GNU_SOURCE
#include "check.h"
#include "refpoint.h"

#include <string.h>
#include <unistd.h>

#define SIZE (300 * (size_t)1024)
#define WORK (128 * (size_t)1024)
#define PARTS 200

static void check_parts(rp_file file, uint8_t *bytes, size_t size, const uint8_t *whole, const uint64_t *places, size_t count,
                        uint32_t paths) {
  uint8_t digests[PARTS][RP_DIGEST], expected[RP_DIGEST];
  CHECK(rp_hash_parts(file, bytes, size, places, count, digests[0], paths) == RP_OK);
  for (size_t i = 0; i < count; i++) {
    rp_sha256(whole + places[2 * i], (size_t)(places[2 * i + 1] - places[2 * i]), expected, 0);
    CHECK(memcmp(digests[i], expected, RP_DIGEST) == 0);
  }
}

void test_parts(uint32_t paths) {
  char name[] = "/tmp/refpoint-native-XXXXXX";
  const int fd = mkstemp(name);
  uint8_t *whole = malloc(SIZE), *work = malloc(WORK);
  uint64_t places[2 * PARTS], seed = 11;
  CHECK(fd >= 0 && whole && work);
  unlink(name);
  for (size_t i = 0; i < SIZE; i++) whole[i] = (uint8_t)next_random(&seed);
  CHECK(write(fd, whole, SIZE) == (ssize_t)SIZE);
  for (int round = 0; round < 3; round++) {
    uint64_t at = 0;
    for (size_t i = 0; i < PARTS; i++) {
      /* Mostly neighbours of equal length; also gaps, steps back, odd lengths, empty parts, and as long as the memory. */
      const uint64_t kind = next_random(&seed) % 12;
      uint64_t length = kind == 0 ? next_random(&seed) % 5000 : kind == 1 ? 0 : kind == 2 && i % 50 == 0 ? WORK : 4096;
      if (kind == 3 || at + length > SIZE) at = next_random(&seed) % (SIZE - length);
      places[2 * i] = at;
      at += length;
      places[2 * i + 1] = at;
    }
    check_parts(fd, work, WORK, whole, places, PARTS, paths);
    check_parts(RP_NO_FILE, whole, SIZE, whole, places, PARTS, paths);
  }
  uint8_t digest[RP_DIGEST];
  const uint64_t beyond[] = {SIZE - 10, SIZE + 1}, back[] = {9, 8}, large[] = {0, WORK + 1}, first[] = {0, 10};
  CHECK(rp_hash_parts(fd, work, WORK, beyond, 1, digest, paths) == RP_ESHORT);
  CHECK(rp_hash_parts(RP_NO_FILE, whole, SIZE, beyond, 1, digest, paths) == RP_EINVAL);
  CHECK(rp_hash_parts(fd, work, WORK, back, 1, digest, paths) == RP_EINVAL);
  CHECK(rp_hash_parts(fd, work, WORK, large, 1, digest, paths) == RP_EINVAL);
  CHECK(rp_hash_parts(fd, work, WORK, large, 0, digest, paths) == RP_OK);
  close(fd);
  CHECK(rp_hash_parts(fd, work, WORK, first, 1, digest, paths) == RP_EACCES);
  free(whole), free(work);
}
