import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../../support/files/temporary-folder.ts';

test('a command whose modules are missing fails with 3, since 1 means that the answer is no', async (t) => {
  const file = join(await temporaryFolder(t), 'cli.cjs');
  copyFileSync(join('src', 'engine', 'cli', 'cli.cjs'), file);
  const { status, stderr } = spawnSync(process.execPath, [file, 'verify'], { encoding: 'utf8' });
  assert.equal(status, 3, stderr);
  assert.match(stderr, /^Cannot load the command: .*main\.mjs/);
});
