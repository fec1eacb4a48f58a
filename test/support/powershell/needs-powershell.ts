import type { TestOptions } from 'node:test';

/**
 * Options of a test that runs the real PowerShell, which REFPOINT_PWSH names. Skipped if there is
 * none, unless the peers are required.
 */
const named = process.env['REFPOINT_PWSH'] ?? '';
const missing = named === '' && process.env['REFPOINT_REQUIRE_PEERS'] !== '1';

export const needsPowershell: TestOptions = {
  skip: missing ? 'REFPOINT_PWSH names no PowerShell' : false,
};
