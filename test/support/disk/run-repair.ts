import assert from 'node:assert/strict';
import type { Repaired } from '../../../src/engine/api/disk-check.ts';
import { runCli } from '../process/cli-io.ts';

/** Runs `disk repair`. Returns its document and its exit status, 0 or 1. */
export async function repair(
  file: string,
  ...more: readonly string[]
): Promise<Repaired & { readonly status: number }> {
  const { out, err, status } = await runCli(['disk', 'repair', file, '--json', ...more]);
  assert.ok(status === 0 || status === 1, `${out}${err}`);
  return { status, ...(JSON.parse(out) as Repaired) };
}

export const codes = (steps: readonly { readonly code: string }[]): string[] =>
  steps.map(({ code }) => code);
