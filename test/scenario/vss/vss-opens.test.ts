import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { readFile, readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { openTestStore } from '../../support/backup/backup-lab.ts';
import { cleanEnvironment, COMMAND } from '../../support/process/command.ts';
import { peer } from '../../support/process/peers.ts';
import { powershellOr, startVssLab } from '../../support/vss/vss-lab.ts';

const execute = promisify(execFile);

/**
 * A call that opened something, with the path that the system resolved: `openat(…) = 3</path>`, or its end
 * if that of another thread came between.
 */
const OPENED = /^\d+\s+(?:open(?:at2?)?\(|<\.\.\. open(?:at2?)? resumed>).*= \d+<(.*)>$/;

/**
 * The command may reach the live folders here, since the path map shows them. The system itself tells what
 * it opened, whichever way the program took.
 */
test('once the set is made, the command opens no file of the live VM folders, only those in the copies', async (t) => {
  const powershell = powershellOr(t);
  const strace = peer(t, 'strace');
  if (powershell === undefined || strace === undefined) return;
  if (spawnSync(strace, ['-o', '/dev/null', 'true']).status !== 0) {
    t.skip('this system lets no program trace another one');
    return;
  }
  const lab = await startVssLab(t, powershell, ['one', 'two']);
  const store = await openTestStore(lab);
  const traces = join(lab.folder, 'traces');
  const words = ['backup', '--all', '--method', 'vss', '--store', store.location];
  await execute(
    strace,
    ['-f', '-y', '-s', '4096', '-e', 'trace=open,openat,openat2', '-o', traces, process.execPath]
      .concat(COMMAND, words)
      .concat(lab.command.options),
    { env: { ...cleanEnvironment(), ...lab.command.env }, maxBuffer: 2 ** 26 },
  );
  const opened = (await readFile(traces, 'utf8')).split('\n').flatMap((line) => {
    const path = OPENED.exec(line)?.[1];
    return path === undefined ? [] : [path];
  });
  const dir = await realpath(join(lab.folder, 'lab'));
  const below = (folder: string): string[] =>
    opened.filter((path) => path.startsWith(`${join(dir, folder)}/`));
  // Every disk of both VMs, in the copies of both volumes; the configuration, too.
  const copies = new Set(below('shadows'));
  assert.equal([...copies].filter((path) => path.endsWith('.vhdx')).length, 4, [...copies].join());
  assert.ok([...copies].some((path) => /\.vmcx$/i.test(path)));
  const live = (await readdir(dir)).filter((name) => name !== 'shadows' && name !== 'windows');
  assert.ok(live.includes('host'), live.join());
  assert.deepEqual(
    live.flatMap((name) => below(name)),
    [],
  );
});
