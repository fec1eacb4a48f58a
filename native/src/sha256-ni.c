/* SHA-256 by the SHA extensions (Intel SDM volume 2: SHA256RNDS2, SHA256MSG1, SHA256MSG2), for one and two messages. */
#include "sha256.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define INLINE static inline __attribute__((always_inline, target("sha,ssse3,sse4.1")))
#define TARGET __attribute__((target("sha,ssse3,sse4.1")))

/* A message and its state, in the order of the instructions: A B E F and C D G H, from the most significant word down. */
typedef struct {
  __m128i abef, cdgh;
  __m128i words[4];
  const uint8_t *bytes;
} stream;

INLINE stream enter(const uint32_t state[8], const uint8_t *bytes) {
  stream s;
  const __m128i low = _mm_loadu_si128((const __m128i *)state);        /* D C B A */
  const __m128i high = _mm_loadu_si128((const __m128i *)(state + 4)); /* H G F E */
  const __m128i badc = _mm_shuffle_epi32(low, 0xb1);                  /* C D A B */
  const __m128i efgh = _mm_shuffle_epi32(high, 0x1b);                 /* E F G H */
  s.abef = _mm_alignr_epi8(badc, efgh, 8);
  s.cdgh = _mm_blend_epi16(efgh, badc, 0xf0);
  s.bytes = bytes;
  return s;
}

INLINE void leave(const stream *s, uint32_t state[8]) {
  const __m128i feba = _mm_shuffle_epi32(s->abef, 0x1b);
  const __m128i dchg = _mm_shuffle_epi32(s->cdgh, 0xb1);
  _mm_storeu_si128((__m128i *)state, _mm_blend_epi16(feba, dchg, 0xf0));
  _mm_storeu_si128((__m128i *)(state + 4), _mm_alignr_epi8(dchg, feba, 8));
}

/* Four rounds; `group` counts them from 0 to 15. The words of the first four groups are read, the others computed. */
INLINE void four_rounds(stream *s, int group) {
  const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
  __m128i *now = &s->words[group & 3];
  if (group < 4) {
    *now = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(s->bytes + 16 * group)), swap);
  } else {
    const __m128i before = s->words[(group + 3) & 3];
    const __m128i carried = _mm_alignr_epi8(before, s->words[(group + 2) & 3], 4);
    const __m128i partial = _mm_add_epi32(_mm_sha256msg1_epu32(*now, s->words[(group + 1) & 3]), carried);
    *now = _mm_sha256msg2_epu32(partial, before);
  }
  const __m128i k = _mm_load_si128((const __m128i *)(rp_sha_k + 4 * group));
  const __m128i sum = _mm_add_epi32(*now, k);
  s->cdgh = _mm_sha256rnds2_epu32(s->cdgh, s->abef, sum);
  s->abef = _mm_sha256rnds2_epu32(s->abef, s->cdgh, _mm_shuffle_epi32(sum, 0x0e));
}

TARGET void rp_sha_ni(uint32_t state[8], const uint8_t *bytes, size_t blocks) {
  stream s = enter(state, bytes);
  for (; blocks > 0; blocks--, s.bytes += SHA_BLOCK) {
    const __m128i abef = s.abef, cdgh = s.cdgh;
#pragma GCC unroll 16
    for (int group = 0; group < 16; group++) four_rounds(&s, group);
    s.abef = _mm_add_epi32(s.abef, abef);
    s.cdgh = _mm_add_epi32(s.cdgh, cdgh);
  }
  leave(&s, state);
}

TARGET void rp_sha_ni_pair(uint32_t a[8], uint32_t b[8], const uint8_t *of_a, const uint8_t *of_b, size_t blocks) {
  stream s = enter(a, of_a), t = enter(b, of_b);
  for (; blocks > 0; blocks--, s.bytes += SHA_BLOCK, t.bytes += SHA_BLOCK) {
    const __m128i s_abef = s.abef, s_cdgh = s.cdgh, t_abef = t.abef, t_cdgh = t.cdgh;
#pragma GCC unroll 16
    for (int group = 0; group < 16; group++) {
      four_rounds(&s, group);
      four_rounds(&t, group);
    }
    s.abef = _mm_add_epi32(s.abef, s_abef);
    s.cdgh = _mm_add_epi32(s.cdgh, s_cdgh);
    t.abef = _mm_add_epi32(t.abef, t_abef);
    t.cdgh = _mm_add_epi32(t.cdgh, t_cdgh);
  }
  leave(&s, a);
  leave(&t, b);
}
#endif
