/* Checks of the test program. Every test runs once for each set of CPU features that this machine has. */
#ifndef RP_CHECK_H
#define RP_CHECK_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define CHECK(condition) \
  do { \
    if (!(condition)) { \
      fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
      exit(1); \
    } \
  } while (0)

/* A sequence of numbers that is the same in every run (xorshift64). */
static inline uint64_t next_random(uint64_t *state) {
  *state ^= *state << 13;
  *state ^= *state >> 7;
  *state ^= *state << 17;
  return *state;
}

/* Tests, each with the features that it may use. */
void test_bytes(uint32_t paths);
void test_crc32c(uint32_t paths);
void test_sha256(uint32_t paths);
void test_parts(uint32_t paths);
void test_bitmap(void);
void test_pump_copies(uint32_t paths);
void test_pump_compares(uint32_t paths);
void test_pump_refuses(void);
void test_pump_fails(void);

#endif
