import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { runCli, type CliRun } from '../../../support/process/cli-io.ts';
import { cleanEnvironment, COMMAND } from '../../../support/process/command.ts';
import { temporaryFolder } from '../../../support/files/temporary-folder.ts';

const windows = process.platform === 'win32';

const ADD = ['add-vm', '--name', 'web', '--size', '4M'];
const READING = [
  ['list'],
  ['fault', '--list'],
  ['write', '--vm', 'web', '--random', '1'],
  ['checkpoint', '--vm', 'web'],
  ['resize', '--vm', 'web', '--size', '8M'],
  ['reference-point', '--vm', 'web'],
  ['state', '--vm', 'web', '--to', 'off'],
];
const lab = (words: readonly string[], dir: string): Promise<CliRun> =>
  runCli(['lab', ...words, '--dir', dir]);

/** One sentence and a code: no fault of ours, no stack. */
function assertRefused(run: CliRun, text: RegExp, what: string): void {
  assert.equal(run.status, 3, what);
  assert.match(run.err, /^[^\n]+\n\([a-z]+\.[a-zA-Z]+\)\n$/, what);
  assert.match(run.err, text, what);
}

test('a lab command whose folder is a file says so', async (t) => {
  const file = join(await temporaryFolder(t), 'file');
  await writeFile(file, 'x');
  const sample = ['add-vm', '--name', 'web', '--sample'];
  for (const words of [['start'], ADD, sample, ...READING]) {
    const run = await lab(words, file);
    assertRefused(run, /file: it is a file, not a folder\./, words.join(' '));
    const below = await lab(words, join(file, 'a', 'b'));
    assertRefused(below, /[ab]: \S*file is a file, not a folder\./, words.join(' '));
  }
});

test('a name that is too long is refused as that', { skip: windows }, async (t) => {
  const dir = join(await temporaryFolder(t), 'n'.repeat(300));
  for (const words of [['start'], ADD, ...READING]) {
    assertRefused(await lab(words, dir), /the name is too long/, words.join(' '));
  }
});

test('a folder named by mistake stays as it is', async (t) => {
  const folder = await temporaryFolder(t);
  for (const words of READING) {
    const typo = await lab(words, join(folder, 'typo'));
    assertRefused(typo, /There is no lab in \S+typo\.\n\(lab\.notFound\)/, words.join(' '));
    assertRefused(await lab(words, folder), /There is no lab in/, words.join(' '));
  }
  assert.deepEqual(await readdir(folder), []);
  assert.equal((await lab(ADD, join(folder, 'new'))).status, 0);
  assert.match((await lab(['list'], join(folder, 'new'))).out, /^web /);
});

test('a file to write that is not there is named', async (t) => {
  const folder = await temporaryFolder(t);
  await lab(ADD, join(folder, 'lab'));
  const words = ['write', '--vm', 'web', '--file', join(folder, 'no.bin')];
  assertRefused(await lab(words, join(folder, 'lab')), /no\.bin: it does not exist/, 'write');
});

for (const words of [['list'], ADD, ['start']]) {
  const proc = { skip: windows || !existsSync('/proc/self'), timeout: 60_000 };
  test(`lab ${words[0]} below /proc ends`, proc, () => {
    const args = [COMMAND, 'lab', ...words, '--dir', '/proc/nosuch/x'];
    const env = cleanEnvironment();
    const limit = { timeout: 20_000, killSignal: 'SIGKILL' } as const;
    const run = spawnSync(process.execPath, args, { env, encoding: 'utf8', ...limit });
    assert.equal(run.status, 3);
    assert.match(
      run.stderr,
      /There is no lab in|\/proc does not allow a folder “nosuch” \(ENOENT\)/,
    );
  });
}
