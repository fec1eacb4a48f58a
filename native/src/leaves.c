/* SHA-256 of whole messages, and of the leaves of a cell, several at once. */
#include "refpoint.h"
#include "sha256.h"

#include <string.h>

/* Most messages that are hashed together. */
#define GROUP SHA_LANES

/* Absorbs blocks of one message by the best implementation that is allowed. */
static void absorb(uint32_t state[8], const uint8_t *bytes, size_t blocks, uint32_t paths) {
#if defined(__x86_64__)
  if (paths & RP_SHA_NI) {
    rp_sha_ni(state, bytes, blocks);
    return;
  }
#else
  (void)paths;
#endif
  rp_sha_portable(state, bytes, blocks);
}

/*
 * Writes the end of a message of `length` bytes: its last incomplete block, the bit 1, zeros, and its length in bits (FIPS
 * 180-4, section 5.1.1). Returns the number of blocks, 1 or 2.
 */
static size_t pad(const uint8_t *bytes, size_t length, uint8_t out[2 * SHA_BLOCK]) {
  const size_t rest = length % SHA_BLOCK;
  const size_t blocks = rest < SHA_BLOCK - 8 ? 1 : 2;
  memset(out, 0, 2 * SHA_BLOCK);
  if (rest > 0) memcpy(out, bytes + length - rest, rest);
  out[rest] = 0x80;
  const uint64_t bits = (uint64_t)length * 8;
  for (size_t i = 0; i < 8; i++) out[blocks * SHA_BLOCK - 1 - i] = (uint8_t)(bits >> (8 * i));
  return blocks;
}

static void store(const uint32_t state[8], uint8_t *digest) {
  for (int i = 0; i < 8; i++) {
    for (int b = 0; b < 4; b++) digest[4 * i + b] = (uint8_t)(state[i] >> (24 - 8 * b));
  }
}

void rp_sha256(const uint8_t *bytes, size_t length, uint8_t *digest, uint32_t paths) {
  uint32_t state[8];
  uint8_t end[2 * SHA_BLOCK];
  memcpy(state, rp_sha_initial, sizeof state);
  absorb(state, bytes, length / SHA_BLOCK, paths);
  absorb(state, end, pad(bytes, length, end), paths);
  store(state, digest);
}

/* Hashes `count` messages (at most GROUP) of equal length, a multiple of SHA_BLOCK. */
static void hash_group(const uint8_t *const messages[GROUP], size_t count, size_t length, uint8_t *const digests[GROUP],
                       uint32_t paths) {
  uint32_t states[GROUP][8];
  uint8_t end[2 * SHA_BLOCK];
  const size_t blocks = length / SHA_BLOCK, tail = pad(messages[0], length, end);
  size_t done = 0;
  for (size_t i = 0; i < count; i++) memcpy(states[i], rp_sha_initial, sizeof states[i]);
#if defined(__x86_64__)
  if (paths & RP_SHA_NI) {
    for (; done + 2 <= count; done += 2) {
      rp_sha_ni_pair(states[done], states[done + 1], messages[done], messages[done + 1], blocks);
    }
  } else if ((paths & RP_AVX2) && count == GROUP) {
    rp_sha_avx2(states, messages, blocks);
    done = count;
  }
#endif
  for (size_t i = 0; i < count; i++) {
    if (i >= done) absorb(states[i], messages[i], blocks, paths);
    absorb(states[i], end, tail, paths);
    store(states[i], digests[i]);
  }
}

void rp_sha_messages(const sha_message *messages, size_t count, uint32_t paths) {
  const uint8_t *bytes[GROUP];
  uint8_t *digests[GROUP];
  for (size_t i = 0; i < count;) {
    const size_t length = messages[i].length;
    size_t n = 0;
    for (; n < GROUP && i + n < count && messages[i + n].length == length; n++) {
      bytes[n] = messages[i + n].bytes;
      digests[n] = messages[i + n].digest;
    }
    if (length % SHA_BLOCK == 0) hash_group(bytes, n, length, digests, paths);
    else {
      for (size_t k = 0; k < n; k++) rp_sha256(bytes[k], length, digests[k], paths);
    }
    i += n;
  }
}

void rp_hash_leaves(const uint8_t *bytes, size_t length, size_t leaf, uint8_t *states, uint8_t *digests, uint32_t paths) {
  sha_message messages[GROUP];
  size_t count = 0;
  for (size_t i = 0, at = 0; at < length; i++, at += leaf) {
    const size_t size = length - at < leaf ? length - at : leaf;
    if (states[i] == RP_UNTOUCHED) continue;
    states[i] = rp_is_zero(bytes + at, size, paths) ? RP_ZERO : RP_DATA;
    if (states[i] == RP_ZERO) continue;
    messages[count++] = (sha_message){bytes + at, size, digests + RP_DIGEST * i};
    if (count < GROUP) continue;
    rp_sha_messages(messages, count, paths);
    count = 0;
  }
  rp_sha_messages(messages, count, paths);
}
