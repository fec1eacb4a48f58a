import type { TestOptions } from 'node:test';

/**
 * Options of a test that runs the real PowerShell, which REFPOINT_PWSH names: it is a tool of .NET,
 * which not every machine can install. Skipped without one.
 */
export const needsPowershell: TestOptions = {
  skip: (process.env['REFPOINT_PWSH'] ?? '') === '' ? 'REFPOINT_PWSH names no PowerShell' : false,
};
