/* SHA-256 of parts of an open file, or of memory. */
#include "platform.h"
#include "sha256.h"

/* Parts that are read before they are hashed. */
#define MOST 64

static int valid(rp_file file, size_t size, const uint64_t *places, size_t count) {
  for (size_t i = 0; i < count; i++) {
    const uint64_t start = places[2 * i], end = places[2 * i + 1];
    if (end < start || end > INT64_MAX || end - start > size) return 0;
    if (file == RP_NO_FILE && end > size) return 0;
  }
  return 1;
}

/* Number of parts from the first on that follow each other without a gap, up to `most` parts and `size` bytes. */
static size_t neighbours(const uint64_t *places, size_t most, size_t size) {
  size_t n = 1;
  while (n < most && places[2 * n] == places[2 * n - 1] && places[2 * n + 1] - places[0] <= size) n++;
  return n;
}

uint32_t rp_hash_parts(rp_file file, uint8_t *bytes, size_t size, const uint64_t *places, size_t count, uint8_t *digests,
                       uint32_t paths) {
  sha_message messages[MOST];
  if (!valid(file, size, places, count)) return RP_EINVAL;
  for (size_t i = 0; i < count;) {
    size_t n = 0, used = 0;
    while (n < MOST && i + n < count) {
      const uint64_t *part = places + 2 * (i + n);
      size_t run = 1, at = (size_t)part[0];
      if (file != RP_NO_FILE) {
        if (part[1] - part[0] > size - used) break;
        const size_t left = count - i - n < MOST - n ? count - i - n : MOST - n;
        run = neighbours(part, left, size - used);
        const size_t length = (size_t)(part[2 * run - 1] - part[0]);
        const rp_outcome read = rp_read_fully(file, bytes + used, length, part[0]);
        if (read.error != RP_OK) return read.error;
        at = used;
        used += length;
      }
      for (size_t k = 0; k < run; k++, n++) {
        const uint64_t *each = part + 2 * k;
        const size_t length = (size_t)(each[1] - each[0]);
        messages[n] = (sha_message){bytes + at + (size_t)(each[0] - part[0]), length, digests + RP_DIGEST * (i + n)};
      }
    }
    rp_sha_messages(messages, n, paths);
    i += n;
  }
  return RP_OK;
}
