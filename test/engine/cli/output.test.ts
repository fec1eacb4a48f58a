import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { cleanEnvironment, COMMAND } from '../../support/command.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const MIB = 2 ** 20;

/** A device on which nothing has room; Linux has one. */
const FULL = '/dev/full';
const full = { skip: process.platform === 'win32' || !existsSync(FULL) };

/** What the command says on stderr where its output goes to a full disk. */
function intoFull(words: readonly string[]): { status: number | null; stderr: string } {
  const out = openSync(FULL, 'w');
  try {
    const stdio = ['ignore', out, 'pipe'] as const;
    const env = cleanEnvironment();
    const run = spawnSync(process.execPath, [COMMAND, ...words], { stdio: [...stdio], env });
    return { status: run.status, stderr: run.stderr.toString() };
  } finally {
    closeSync(out);
  }
}

for (const words of [['read'], ['info'], ['info', '--json'], ['map', '--json']]) {
  test(`disk ${words.join(' ')} into a full disk says why it failed`, full, async (t) => {
    const file = join(await temporaryFolder(t), 'disk.raw');
    await writeFile(file, 'data');
    await truncate(file, 3 * MIB);
    const { status, stderr } = intoFull(['disk', words[0] ?? '', file, ...words.slice(1)]);
    assert.equal(status, 3);
    assert.equal(
      stderr,
      'Cannot write to stdout: there is no space left (ENOSPC).\n(output.write)\n',
    );
  });
}
