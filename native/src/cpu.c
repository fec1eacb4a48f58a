/* CPU features that the library uses (Intel SDM volume 2, CPUID). */
#include "refpoint.h"

#if defined(__x86_64__)
#include <cpuid.h>

/* Whether the system saves the upper halves of the YMM registers: XCR0 bits 1 and 2. */
static int saves_ymm(void) {
  uint32_t low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return (low & 6u) == 6u;
}

uint32_t rp_cpu_paths(void) {
  uint32_t a, b, c, d, paths = 0;
  if (!__get_cpuid(1, &a, &b, &c, &d)) return 0;
  const int ssse3 = (c >> 9) & 1, sse41 = (c >> 19) & 1, sse42 = (c >> 20) & 1;
  const int osxsave = (c >> 27) & 1, avx = (c >> 28) & 1;
  if (sse42) paths |= RP_SSE42;
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return paths;
  if (osxsave && avx && ((b >> 5) & 1) && saves_ymm()) paths |= RP_AVX2;
  if (ssse3 && sse41 && ((b >> 29) & 1)) paths |= RP_SHA_NI;
  return paths;
}
#else
uint32_t rp_cpu_paths(void) { return 0; }
#endif

uint32_t rp_abi(void) { return RP_ABI; }
