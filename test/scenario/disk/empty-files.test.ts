import assert from 'node:assert/strict';
import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../../support/files/temporary-folder.ts';
import { runCli } from '../../support/process/cli-io.ts';

test('a raw disk of 0 bytes is compared, converted and rescued', async (t) => {
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, 'none.raw'), '');
  await writeFile(join(folder, 'zeros.raw'), new Uint8Array(512));
  await writeFile(join(folder, 'data.raw'), new Uint8Array(512).fill(7));
  const disk = (...words: readonly string[]): ReturnType<typeof runCli> =>
    runCli(['disk', ...words, '--json'], { cwd: folder });
  for (const [other, equal, first] of [
    ['none.raw', true, null],
    ['zeros.raw', true, null],
    ['data.raw', false, 0],
  ] as const) {
    const { status, out } = await disk('compare', 'none.raw', other);
    assert.deepEqual(JSON.parse(out), { equal, firstDifference: first }, other);
    assert.equal(status, equal ? 0 : 1);
  }
  for (const words of [
    ['convert', 'none.raw', 'copy.raw'],
    ['rescue', 'none.raw', '--to', 'rescued.raw'],
  ]) {
    const { status, err, out } = await disk(...words);
    assert.equal(status, 0, out + err);
    assert.equal((await stat(join(folder, words.at(-1) ?? ''))).size, 0);
  }
});

test('an image file of 0 bytes is called empty', async (t) => {
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, 'disk.vhdx'), '');
  for (const command of ['info', 'check', 'hash']) {
    const { status, err } = await runCli(['disk', command, 'disk.vhdx'], { cwd: folder });
    assert.equal(status, 3);
    assert.match(err, /disk\.vhdx\s+is empty; “vhdxfile” was\s+expected/, command);
  }
});
