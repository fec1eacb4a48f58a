/* SHA-256 inside of the library (FIPS 180-4, section 6.2): the compression function in each implementation. */
#ifndef RP_SHA256_H
#define RP_SHA256_H

#include <stddef.h>
#include <stdint.h>

/* Bytes of a message block, section 5.2.1. */
#define SHA_BLOCK 64u
/* Messages that the AVX2 implementation hashes at once. */
#define SHA_LANES 8

/* Constants of section 4.2.2, and the initial hash value of section 5.3.3. */
extern const uint32_t rp_sha_k[64];
extern const uint32_t rp_sha_initial[8];

/* Absorbs `blocks` blocks of one message into its state. */
void rp_sha_portable(uint32_t state[8], const uint8_t *bytes, size_t blocks);

/* A message, and the 32 bytes that receive its digest. */
typedef struct {
  const uint8_t *bytes;
  size_t length;
  uint8_t *digest;
} sha_message;

/* Hashes messages of any length; neighbours of equal length together. */
void rp_sha_messages(const sha_message *messages, size_t count, uint32_t paths);

#if defined(__x86_64__)
void rp_sha_ni(uint32_t state[8], const uint8_t *bytes, size_t blocks);
/* Two messages of equal length: their steps interleave, since one alone waits for the latency of its instructions. */
void rp_sha_ni_pair(uint32_t a[8], uint32_t b[8], const uint8_t *of_a, const uint8_t *of_b, size_t blocks);
/* Eight messages of equal length, one in each lane of a vector. */
void rp_sha_avx2(uint32_t states[SHA_LANES][8], const uint8_t *const bytes[SHA_LANES], size_t blocks);
#endif

#endif
