import assert from 'node:assert/strict';
import { mkdir, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { startBackupLab } from '../../support/backup/backup-lab.ts';
import { runCli, type CliRun } from '../../support/process/cli-io.ts';

const MIB = 2 ** 20;

test('a store that is not mounted is refused by backup, plan and restore; only asking for it makes a new one', async (t) => {
  const lab = await startBackupLab(t);
  const env = { ...lab.command.env, REFPOINT_HOME: join(lab.folder, 'home') };
  await lab.ask('add-vm', { name: 'vm', disks: [{ size: 4 * MIB }] });
  const store = join(lab.folder, 'mnt');
  const run = (...words: string[]): Promise<CliRun> => runCli([...words, '--json'], { env });
  const backup = (...more: string[]): Promise<CliRun> =>
    run('backup', 'vm', '--store', store, ...more, ...lab.command.options);
  const code = ({ out }: CliRun): string =>
    (JSON.parse(out) as { error?: { code: string } }).error?.code ?? 'done';

  const early = await backup('--existing-store');
  assert.deepEqual([early.status, code(early)], [3, 'store.absent']);
  await assert.rejects(readdir(store), { code: 'ENOENT' });
  assert.equal((await backup('--plan')).status, 0, 'a plan for a store that would be made');
  assert.equal((await backup()).status, 0);
  assert.equal((await backup('--existing-store')).status, 0);

  await rename(store, `${store}.unmounted`);
  await mkdir(store);
  for (const asked of [
    backup(),
    backup('--plan'),
    backup('--existing-store'),
    run('restore', '--store', store, '--vm', 'vm', '--to', join(lab.folder, 'out')),
    run('store', 'show', '--store', store),
    run('verify', '--store', store),
  ]) {
    const refused = await asked;
    assert.deepEqual([refused.status, code(refused)], [3, 'store.absent']);
    assert.match(refused.out, /mnt is missing: .*Check that it is mounted/);
    assert.deepEqual(await readdir(store), []);
  }
  const made = await run('store', 'create', store);
  assert.equal(made.status, 0);
  const { path, id } = JSON.parse(made.out) as { path: string; id: string };
  assert.equal(path, store);
  assert.match(id, /^[0-9a-f-]{36}$/);
  const again = await backup();
  assert.equal(again.status, 0, again.out);
  assert.equal((JSON.parse(again.out) as { kind: string }).kind, 'full');
});
