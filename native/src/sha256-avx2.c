/* SHA-256 of eight messages at once, one in each 32-bit lane: for processors with AVX2 that lack the SHA extensions. */
#include "sha256.h"

#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

#define INLINE static inline __attribute__((always_inline, target("avx2")))

INLINE __m256i turn(__m256i x, int by) { return _mm256_or_si256(_mm256_srli_epi32(x, by), _mm256_slli_epi32(x, 32 - by)); }

INLINE __m256i xor3(__m256i a, __m256i b, __m256i c) { return _mm256_xor_si256(_mm256_xor_si256(a, b), c); }

INLINE __m256i add3(__m256i a, __m256i b, __m256i c) { return _mm256_add_epi32(_mm256_add_epi32(a, b), c); }

INLINE int word_of(const uint8_t *bytes) {
  int value;
  memcpy(&value, bytes, sizeof value);
  return value;
}

/* Reads word `i` of all messages. */
INLINE __m256i read_words(const uint8_t *const p[SHA_LANES], size_t at) {
  const __m256i swap = _mm256_broadcastsi128_si256(_mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203));
  const __m256i words = _mm256_setr_epi32(word_of(p[0] + at), word_of(p[1] + at), word_of(p[2] + at), word_of(p[3] + at),
                                          word_of(p[4] + at), word_of(p[5] + at), word_of(p[6] + at), word_of(p[7] + at));
  return _mm256_shuffle_epi8(words, swap);
}

/* Extends the schedule as in FIPS 180-4, section 6.2.2 step 1; w is a ring of 16 words. */
INLINE __m256i next_words(__m256i w[16], int i) {
  const __m256i a = w[(i + 1) & 15], b = w[(i + 14) & 15];
  const __m256i s0 = xor3(turn(a, 7), turn(a, 18), _mm256_srli_epi32(a, 3));
  const __m256i s1 = xor3(turn(b, 17), turn(b, 19), _mm256_srli_epi32(b, 10));
  w[i & 15] = _mm256_add_epi32(add3(w[i & 15], s0, s1), w[(i + 9) & 15]);
  return w[i & 15];
}

__attribute__((target("avx2"))) void rp_sha_avx2(uint32_t states[SHA_LANES][8], const uint8_t *const bytes[SHA_LANES],
                                                 size_t blocks) {
  __m256i state[8];
  for (int i = 0; i < 8; i++) {
    state[i] = _mm256_setr_epi32((int)states[0][i], (int)states[1][i], (int)states[2][i], (int)states[3][i],
                                 (int)states[4][i], (int)states[5][i], (int)states[6][i], (int)states[7][i]);
  }
  for (size_t block = 0; block < blocks; block++) {
    __m256i w[16], v[8];
    for (int i = 0; i < 16; i++) w[i] = read_words(bytes, block * SHA_BLOCK + 4 * (size_t)i);
    for (int i = 0; i < 8; i++) v[i] = state[i];
#pragma GCC unroll 64
    for (int i = 0; i < 64; i++) {
      __m256i *a = &v[(64 - i) & 7], *b = &v[(65 - i) & 7], *c = &v[(66 - i) & 7], *d = &v[(67 - i) & 7];
      __m256i *e = &v[(68 - i) & 7], *f = &v[(69 - i) & 7], *g = &v[(70 - i) & 7], *h = &v[(71 - i) & 7];
      const __m256i word = i < 16 ? w[i] : next_words(w, i);
      const __m256i choice = _mm256_xor_si256(*g, _mm256_and_si256(*e, _mm256_xor_si256(*f, *g)));
      const __m256i both = _mm256_and_si256(*a, *b);
      const __m256i majority = _mm256_or_si256(both, _mm256_and_si256(*c, _mm256_or_si256(*a, *b)));
      const __m256i k = _mm256_set1_epi32((int)rp_sha_k[i]);
      const __m256i sum1 = xor3(turn(*e, 6), turn(*e, 11), turn(*e, 25));
      const __m256i t = _mm256_add_epi32(add3(*h, sum1, choice), _mm256_add_epi32(k, word));
      *d = _mm256_add_epi32(*d, t);
      *h = add3(t, xor3(turn(*a, 2), turn(*a, 13), turn(*a, 22)), majority);
    }
    for (int i = 0; i < 8; i++) state[i] = _mm256_add_epi32(state[i], v[i]);
  }
  for (int i = 0; i < 8; i++) {
    uint32_t lanes[SHA_LANES];
    _mm256_storeu_si256((__m256i *)lanes, state[i]);
    for (int lane = 0; lane < SHA_LANES; lane++) states[lane][i] = lanes[lane];
  }
}
#endif
