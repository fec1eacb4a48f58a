/* SHA-256 against the examples of FIPS 180-4, and the parallel implementations against one message at a time. */
#include "check.h"
#include "refpoint.h"

#include <string.h>

static void check_digest(const char *text, size_t repeat, const char *hex, uint32_t paths) {
  const size_t length = strlen(text);
  uint8_t *bytes = malloc(length * repeat + 1), digest[RP_DIGEST];
  char found[2 * RP_DIGEST + 1];
  CHECK(bytes);
  for (size_t i = 0; i < repeat; i++) memcpy(bytes + i * length, text, length);
  rp_sha256(bytes, length * repeat, digest, paths);
  for (size_t i = 0; i < RP_DIGEST; i++) snprintf(found + 2 * i, 3, "%02x", digest[i]);
  CHECK(strcmp(found, hex) == 0);
  free(bytes);
}

static void check_leaves(size_t length, size_t leaf, uint64_t *seed, uint32_t paths) {
  const size_t count = (length + leaf - 1) / leaf;
  uint8_t *bytes = malloc(length), *states = malloc(count), *digests = calloc(count, RP_DIGEST), *before = malloc(count);
  CHECK(bytes && states && digests && before);
  for (size_t i = 0; i < length; i++) bytes[i] = (uint8_t)next_random(seed);
  for (size_t i = 0; i < count; i++) {
    const size_t size = length - i * leaf < leaf ? length - i * leaf : leaf;
    before[i] = states[i] = next_random(seed) % 4 == 0 ? RP_UNTOUCHED : RP_DATA;
    if (next_random(seed) % 3 == 0) memset(bytes + i * leaf, 0, size);
  }
  rp_hash_leaves(bytes, length, leaf, states, digests, paths);
  for (size_t i = 0; i < count; i++) {
    const size_t size = length - i * leaf < leaf ? length - i * leaf : leaf;
    uint8_t digest[RP_DIGEST];
    const int zero = rp_is_zero(bytes + i * leaf, size, 0);
    CHECK(states[i] == (before[i] == RP_UNTOUCHED ? RP_UNTOUCHED : zero ? RP_ZERO : RP_DATA));
    if (states[i] != RP_DATA) continue;
    rp_sha256(bytes + i * leaf, size, digest, 0);
    CHECK(memcmp(digest, digests + i * RP_DIGEST, RP_DIGEST) == 0);
  }
  free(bytes), free(states), free(digests), free(before);
}

void test_sha256(uint32_t paths) {
  check_digest("", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", paths);
  check_digest("abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", paths);
  check_digest("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
               "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1", paths);
  check_digest("a", 1000000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0", paths);
  uint64_t seed = 3;
  /* Every length around the borders of blocks, against portable C. */
  for (size_t length = 0; length < 260; length++) {
    uint8_t bytes[260], a[RP_DIGEST], b[RP_DIGEST];
    for (size_t i = 0; i < length; i++) bytes[i] = (uint8_t)next_random(&seed);
    rp_sha256(bytes, length, a, paths);
    rp_sha256(bytes, length, b, 0);
    CHECK(memcmp(a, b, RP_DIGEST) == 0);
  }
  for (size_t leaves = 1; leaves < 20; leaves++) {
    check_leaves(leaves * 4096, 4096, &seed, paths);
    check_leaves(leaves * 4096 - 512, 4096, &seed, paths);
  }
}
