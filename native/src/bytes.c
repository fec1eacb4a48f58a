/* Zero scan and block compare. */
#include "refpoint.h"

#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>

/* Returns the number of leading bytes, a multiple of 128, of which every group is zero. */
__attribute__((target("avx2"))) static size_t zero_groups_avx2(const uint8_t *bytes, size_t length) {
  size_t at = 0;
  for (; at + 128 <= length; at += 128) {
    const __m256i *v = (const __m256i *)(bytes + at);
    const __m256i low = _mm256_or_si256(_mm256_loadu_si256(v), _mm256_loadu_si256(v + 1));
    const __m256i high = _mm256_or_si256(_mm256_loadu_si256(v + 2), _mm256_loadu_si256(v + 3));
    const __m256i all = _mm256_or_si256(low, high);
    if (!_mm256_testz_si256(all, all)) return at;
  }
  return at;
}

/* Returns the number of leading bytes, a multiple of 64, of which every group is equal. */
__attribute__((target("avx2"))) static size_t equal_groups_avx2(const uint8_t *a, const uint8_t *b, size_t length) {
  size_t at = 0;
  for (; at + 64 <= length; at += 64) {
    const __m256i x0 = _mm256_loadu_si256((const __m256i *)(a + at));
    const __m256i y0 = _mm256_loadu_si256((const __m256i *)(b + at));
    const __m256i x1 = _mm256_loadu_si256((const __m256i *)(a + at + 32));
    const __m256i y1 = _mm256_loadu_si256((const __m256i *)(b + at + 32));
    const __m256i all = _mm256_or_si256(_mm256_xor_si256(x0, y0), _mm256_xor_si256(x1, y1));
    if (!_mm256_testz_si256(all, all)) return at;
  }
  return at;
}
#endif

static uint64_t word(const uint8_t *bytes) {
  uint64_t value;
  memcpy(&value, bytes, sizeof value);
  return value;
}

int32_t rp_is_zero(const uint8_t *bytes, size_t length, uint32_t paths) {
  size_t at = 0;
#if defined(__x86_64__)
  if (paths & RP_AVX2) at = zero_groups_avx2(bytes, length);
#else
  (void)paths;
#endif
  for (; at + 32 <= length; at += 32) {
    if (word(bytes + at) | word(bytes + at + 8) | word(bytes + at + 16) | word(bytes + at + 24)) return 0;
  }
  for (; at < length; at++) {
    if (bytes[at] != 0) return 0;
  }
  return 1;
}

size_t rp_first_difference(const uint8_t *a, const uint8_t *b, size_t length, uint32_t paths) {
  size_t at = 0;
#if defined(__x86_64__)
  if (paths & RP_AVX2) at = equal_groups_avx2(a, b, length);
#else
  (void)paths;
#endif
  while (at + 8 <= length && word(a + at) == word(b + at)) at += 8;
  while (at < length && a[at] == b[at]) at++;
  return at;
}
