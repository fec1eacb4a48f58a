/* The test program: prints what it tried. It is built with sanitizers, so that a wrong access ends it. */
#include "check.h"
#include "refpoint.h"

int main(void) {
  const uint32_t machine = rp_cpu_paths();
  int sets = 0;
  CHECK(rp_abi() == RP_ABI);
  for (uint32_t paths = 0; paths <= (RP_AVX2 | RP_SHA_NI | RP_SSE42); paths++) {
    if ((paths & ~machine) != 0) continue;
    test_bytes(paths);
    test_crc32c(paths);
    test_sha256(paths);
    test_parts(paths);
    sets++;
  }
  /* The pump only passes the features on. */
  test_pump_copies(0);
  test_pump_copies(machine);
  test_pump_compares(machine);
  test_bitmap();
  test_pump_refuses();
  test_pump_fails();
  printf("%d sets of CPU features of %u\n", sets, (unsigned)machine);
  return 0;
}
