import type { TestContext } from 'node:test';
import { nativeLoops } from '../../../src/engine/native/loops/native-loops.ts';
import { absent } from '../process/peers.ts';

/** Settings that make the library run each of its implementations. */
export const CPU_PATHS = ['portable', 'avx2', 'sha-ni', 'sse42', 'all'] as const;

/** Runs work with a value of REFPOINT_NATIVE; the earlier one is back afterwards. */
export async function withNative<T>(setting: string, work: () => Promise<T>): Promise<T> {
  const before = process.env['REFPOINT_NATIVE'];
  process.env['REFPOINT_NATIVE'] = setting;
  try {
    return await work();
  } finally {
    if (before === undefined) delete process.env['REFPOINT_NATIVE'];
    else process.env['REFPOINT_NATIVE'] = before;
  }
}

/** Set by test:windows, which has put the library beside each test: it must be loaded then. */
const REQUIRED = process.env['REFPOINT_REQUIRE_NATIVE'] === '1';

/**
 * Whether the native library is built here. Where it is not, the test is skipped by name, or fails
 * when peers or the library are required.
 */
export async function hasNative(t: TestContext): Promise<boolean> {
  const loops = await withNative('all', () => Promise.resolve(nativeLoops()));
  if (!(loops instanceof Error)) return true;
  if (REQUIRED) throw loops;
  absent(t, `needs the native library: ${loops.message}`);
  return false;
}
