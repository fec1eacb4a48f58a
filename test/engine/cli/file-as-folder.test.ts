import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { startBackupLab } from '../../support/backup/backup-lab.ts';
import { runCli } from '../../support/process/cli-io.ts';

test('backup and restore say that a file is no folder, and leave it as it is', async (t) => {
  const lab = await startBackupLab(t);
  const env = { ...lab.command.env, REFPOINT_HOME: join(lab.folder, 'home') };
  await lab.ask('add-vm', { name: 'web', disks: [{ size: 4 * 2 ** 20 }] });
  const file = join(lab.folder, 'file');
  await writeFile(file, 'mine');
  const refuses = async (words: readonly string[], path: string, why: string): Promise<void> => {
    const { status, err } = await runCli(words, { env });
    assert.equal(err, `Cannot make the folder ${path}: ${why}.\n(source.notFolder)\n`);
    assert.equal(status, 3);
    assert.equal(await readFile(file, 'utf8'), 'mine');
  };
  const below = join(file, 'a');
  const itself = 'it is a file, not a folder';
  const above = `${file} is a file, not a folder`;
  const backup = ['backup', 'web', '--consistency', 'crash', ...lab.command.options];
  await refuses([...backup, '--store', file], file, itself);
  await refuses([...backup, '--store', below], below, above);
  const store = join(lab.folder, 'store');
  assert.equal((await runCli([...backup, '--store', store], { env })).status, 0);
  const restore = ['restore', '--store', store, '--vm', 'web'];
  await refuses([...restore, '--to', file], file, itself);
  await refuses([...restore, '--to', file, '--force'], file, itself);
  await refuses([...restore, '--to', below], below, above);
});
