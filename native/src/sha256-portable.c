/* SHA-256 in portable C: FIPS 180-4, sections 4.1.2, 4.2.2, 5.3.3 and 6.2.2. */
#include "sha256.h"

const uint32_t rp_sha_k[64] __attribute__((aligned(64))) = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

const uint32_t rp_sha_initial[8] = {
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
};

static uint32_t turn(uint32_t x, int by) { return (x >> by) | (x << (32 - by)); }

static uint32_t big_endian(const uint8_t *p) {
  return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* Extends the schedule by the word 16 places behind w[i]; w is a ring of 16 words. */
static uint32_t next_word(uint32_t w[16], int i) {
  const uint32_t a = w[(i + 1) & 15], b = w[(i + 14) & 15];
  const uint32_t s0 = turn(a, 7) ^ turn(a, 18) ^ (a >> 3);
  const uint32_t s1 = turn(b, 17) ^ turn(b, 19) ^ (b >> 10);
  return w[i & 15] += s0 + s1 + w[(i + 9) & 15];
}

void rp_sha_portable(uint32_t state[8], const uint8_t *bytes, size_t blocks) {
  for (; blocks > 0; blocks--, bytes += SHA_BLOCK) {
    uint32_t w[16], v[8];
    for (int i = 0; i < 16; i++) w[i] = big_endian(bytes + 4 * i);
    for (int i = 0; i < 8; i++) v[i] = state[i];
#pragma GCC unroll 64
    for (int i = 0; i < 64; i++) {
      /* The working variables a to h turn by one place in each round; unrolled, the places are constants. */
      uint32_t *a = &v[(64 - i) & 7], *b = &v[(65 - i) & 7], *c = &v[(66 - i) & 7], *d = &v[(67 - i) & 7];
      uint32_t *e = &v[(68 - i) & 7], *f = &v[(69 - i) & 7], *g = &v[(70 - i) & 7], *h = &v[(71 - i) & 7];
      const uint32_t word = i < 16 ? w[i] : next_word(w, i);
      const uint32_t choice = *g ^ (*e & (*f ^ *g));
      const uint32_t majority = (*a & *b) | (*c & (*a | *b));
      const uint32_t t = *h + (turn(*e, 6) ^ turn(*e, 11) ^ turn(*e, 25)) + choice + rp_sha_k[i] + word;
      *d += t;
      *h = t + (turn(*a, 2) ^ turn(*a, 13) ^ turn(*a, 22)) + majority;
    }
    for (int i = 0; i < 8; i++) state[i] += v[i];
  }
}
