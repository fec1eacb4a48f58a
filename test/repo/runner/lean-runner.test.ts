import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../../support/files/temporary-folder.ts';
import { root } from '../../support/repo/source-files.ts';

/** Runs a test file as `npm test` does: without the runner's hooks. */
function runFile(path: string): { status: number | null; stdout: string } {
  const { NODE_TEST_CONTEXT: _ours, ...env } = process.env;
  const hook = join(root, 'scripts', 'lib', 'lean-runner.cjs');
  const words = ['--require', hook, '--test-reporter=tap', path];
  return spawnSync(process.execPath, words, { env, encoding: 'utf8' });
}

const LATE = `
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
test('first', () => sleep(1));
test('second', async () => {
  if (process.env.THROWS) setTimeout(() => { throw new Error('nobody waits for this'); }, 1);
  await sleep(20);
});
describe('a suite', () => { test('inside', () => sleep(1)); });
`;

test('an error that no test waits for fails its file and is quoted; tests of a suite stay in it', async (t) => {
  const path = join(await temporaryFolder(t), 'late.mjs');
  await writeFile(path, LATE);
  const whole = runFile(path);
  assert.equal(whole.status, 0, whole.stdout);
  assert.match(whole.stdout, /# Subtest: a suite\n {4}# Subtest: inside\n/);
  await writeFile(path, LATE.replace('process.env.THROWS', 'true'));
  const late = runFile(path);
  assert.equal(late.status, 1, late.stdout);
  assert.match(late.stdout, /nobody waits for this/);
});
