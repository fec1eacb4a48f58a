import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Set by scripts/test-e2e.mjs, which installs what they name. */
function given(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Error(`${name} is not set: npm run test:e2e`);
  return value;
}

export const ROOT = dirname(dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url))))));
/** Screenshots and logs of what failed, results of the suites; made anew by each run. */
export const OUT = join(ROOT, 'build', 'e2e');

export const CODE_SERVER = given('REFPOINT_E2E_CODE_SERVER');
export const TOOLS = given('REFPOINT_E2E_TOOLS');
export const CHROMIUM = given('REFPOINT_E2E_CHROMIUM');
/** An extension of the tests' own, which shows what Windows has. */
export const AID = join(ROOT, 'test', 'e2e', 'support', 'aid');
/** Of this platform; made for the stories that install it. */
export const VSIX = process.env['REFPOINT_E2E_VSIX'] ?? '';
export const CLI = join(ROOT, 'dist', 'cli.cjs');
/** REFPOINT_E2E_SLOW=6 makes the browser six times slower: what a test took for granted shows. */
export const SLOWER = Number(process.env['REFPOINT_E2E_SLOW'] ?? 1);
