import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync } from 'node:fs';
import { truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { cleanEnvironment, COMMAND, startRefpoint } from '../../support/process/command.ts';
import { temporaryFolder } from '../../support/files/temporary-folder.ts';

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

/** More than a pipe takes at once (64 KiB), in one argument: an unknown command is named in the error. */
const LONG = 'x'.repeat(120_000);

/** Runs a command into a pipe of the system whose reader takes one byte and the rest a second later. Node's own pipes hold more than 64 KiB. */
async function readLate(
  words: readonly string[],
  redirection: '' | '2>&1 >/dev/null',
): Promise<string> {
  const script = `"$0" "$@" ${redirection} | { dd bs=1 count=1 2>/dev/null; sleep 1; cat; }`;
  const args = ['-c', script, process.execPath, COMMAND, ...words];
  const { stdout } = await promisify(execFile)('sh', args, { env: cleanEnvironment() });
  return stdout;
}

// A command line of Windows has 32,767 characters at most, and no sh.
const longArguments = { skip: process.platform === 'win32' };

test('what is read late is complete, on stdout and on stderr', longArguments, async () => {
  const [json, text] = await Promise.all([
    readLate([LONG, '--json'], ''),
    readLate([LONG], '2>&1 >/dev/null'),
  ]);
  const { error } = JSON.parse(json) as { error: { message: string } };
  assert.ok(error.message.includes(LONG));
  assert.ok(text.includes(LONG) && text.trimEnd().endsWith('--help.'));
});

test(
  'a reader that stops reading ends the command with the status that it had',
  longArguments,
  async () => {
    const child = startRefpoint([LONG, '--json']);
    child.stdout?.once('data', () => child.stdout?.destroy());
    const [status] = (await once(child, 'close')) as [number];
    assert.equal(status, 2);
  },
);
