/* Bitmap to ranges. Whole words of equal bits are skipped at once: bitmaps of images are mostly runs. */
#include "refpoint.h"

#include <string.h>

/* Returns the 64 bits from `at`, a multiple of 8, with bit 0 in the least significant place. */
static uint64_t bits_at(const uint8_t *bitmap, size_t at, int32_t msb_first) {
  uint64_t value;
  memcpy(&value, bitmap + at / 8, sizeof value);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  value = __builtin_bswap64(value);
#endif
  if (!msb_first) return value;
  /* Reverses the bits of each byte. */
  value = ((value >> 1) & 0x5555555555555555u) | ((value & 0x5555555555555555u) << 1);
  value = ((value >> 2) & 0x3333333333333333u) | ((value & 0x3333333333333333u) << 2);
  return ((value >> 4) & 0x0f0f0f0f0f0f0f0fu) | ((value & 0x0f0f0f0f0f0f0f0fu) << 4);
}

static int bit_at(const uint8_t *bitmap, size_t at, int32_t msb_first) {
  const unsigned place = (unsigned)(at % 8);
  return (bitmap[at / 8] >> (msb_first ? 7 - place : place)) & 1;
}

/* Returns the first bit in [at, end) that equals `wanted`; `end` if none does. */
static size_t next_bit(const uint8_t *bitmap, size_t at, size_t end, int wanted, int32_t msb_first) {
  while (at < end) {
    if (at % 8 == 0 && at + 64 <= end) {
      const uint64_t bits = bits_at(bitmap, at, msb_first);
      const uint64_t found = wanted ? bits : ~bits;
      if (found != 0) return at + (size_t)__builtin_ctzll(found);
      at += 64;
    } else if (bit_at(bitmap, at, msb_first) == wanted) {
      return at;
    } else {
      at++;
    }
  }
  return end;
}

size_t rp_bitmap_runs(const uint8_t *bitmap, size_t first, size_t end, int32_t msb_first, uint64_t *runs, size_t capacity,
                      size_t *count) {
  size_t at = first, made = 0;
  while (made < capacity && at < end) {
    const size_t start = next_bit(bitmap, at, end, 1, msb_first);
    if (start == end) {
      at = end;
      break;
    }
    at = next_bit(bitmap, start, end, 0, msb_first);
    runs[2 * made] = start;
    runs[2 * made + 1] = at;
    made++;
  }
  *count = made;
  return at < end ? at : end;
}
