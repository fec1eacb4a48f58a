/* CRC-32C: bit by bit over a table of 16 entries, which fits a cache line, or the instruction of SSE4.2. */
#include "refpoint.h"

#include <string.h>

/* Remainders of the 16 values of a nibble, for the reflected polynomial 0x82f63b78. */
static const uint32_t NIBBLE[16] = {
    0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3, 0x61c69362, 0x7198540d,
    0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9, 0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75,
};

static uint32_t portable(uint32_t crc, const uint8_t *bytes, size_t length) {
  for (size_t i = 0; i < length; i++) {
    crc ^= bytes[i];
    crc = (crc >> 4) ^ NIBBLE[crc & 15];
    crc = (crc >> 4) ^ NIBBLE[crc & 15];
  }
  return crc;
}

#if defined(__x86_64__)
#include <immintrin.h>

__attribute__((target("sse4.2"))) static uint32_t sse42(uint32_t crc, const uint8_t *bytes, size_t length) {
  uint64_t wide = crc;
  for (; length >= 8; bytes += 8, length -= 8) {
    uint64_t value;
    memcpy(&value, bytes, sizeof value);
    wide = _mm_crc32_u64(wide, value);
  }
  uint32_t narrow = (uint32_t)wide;
  for (; length > 0; bytes++, length--) narrow = _mm_crc32_u8(narrow, *bytes);
  return narrow;
}
#endif

uint32_t rp_crc32c(uint32_t crc, const uint8_t *bytes, size_t length, uint32_t paths) {
#if defined(__x86_64__)
  if (paths & RP_SSE42) return ~sse42(~crc, bytes, length);
#else
  (void)paths;
#endif
  return ~portable(~crc, bytes, length);
}
