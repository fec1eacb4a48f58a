import assert from 'node:assert/strict';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { pattern, startBackupLab, type BackupLab } from '../../support/backup/backup-lab.ts';
import { runCli, type CliRun } from '../../support/process/cli-io.ts';

const MIB = 2 ** 20;

const dirOf = (lab: BackupLab): string => join(lab.folder, 'lab');

const run = (lab: BackupLab, ...words: readonly string[]): Promise<CliRun> =>
  runCli([...words, ...lab.command.options.slice(0, 4)], { env: lab.command.env });

const moveInto = (lab: BackupLab, dir: string, vm = 'web'): Promise<CliRun> =>
  runCli(['lab', 'move-vm', '--dir', dirOf(lab), '--vm', vm, '--into', dir]);

async function withVm(lab: BackupLab): Promise<string> {
  await lab.ask('add-vm', { name: 'web', disks: [{ size: 8 * MIB }] });
  await lab.write('web', 0, MIB, pattern(MIB, 1));
  await lab.ask('checkpoint-create', { vm: 'web' });
  await lab.write('web', 0, 2 * MIB, pattern(MIB, 2));
  return lab.guestHash('web', 0);
}

test('lab move-vm --into moves a VM with its disks and checkpoint into another lab, and back', async (t) => {
  const [from, into] = [await startBackupLab(t), await startBackupLab(t)];
  const hash = await withVm(from);
  for (const [left, taken] of [
    [from, into],
    [into, from],
  ] as const) {
    const moved = await moveInto(left, dirOf(taken));
    assert.equal(moved.status, 0, moved.err);
    assert.match(moved.out, /web/);
    assert.doesNotMatch((await run(left, 'vm', 'list')).out, /web/);
    assert.match((await run(taken, 'vm', 'list')).out, /web/);
    const gone = await run(left, 'vm', 'show', 'web');
    assert.match(gone.err, /\(host\.vm\.notFound\)/);
    const shown = await run(taken, 'checkpoint', 'list', 'web');
    assert.match(shown.out, /web/, shown.err);
    assert.equal(await taken.guestHash('web', 0), hash);
  }
});

test('a VM that the other lab cannot take stays where it is', async (t) => {
  const [from, into] = [await startBackupLab(t), await startBackupLab(t)];
  const hash = await withVm(from);
  const none = await moveInto(from, join(from.folder, 'nowhere'));
  assert.match(none.err, /\(lab\.notFound\)/);
  // A file where the folder of its VMs would be.
  const vms = join(into.pathMap[0]?.local ?? '', 'VMs');
  await rm(vms, { recursive: true, force: true });
  await mkdir(dirname(vms), { recursive: true });
  await writeFile(vms, '');
  const failed = await moveInto(from, dirOf(into));
  assert.notEqual(failed.status, 0);
  assert.match((await run(from, 'vm', 'list')).out, /web/);
  assert.equal(await from.guestHash('web', 0), hash);
  assert.doesNotMatch((await run(into, 'vm', 'list')).out, /web/);
  const unknown = await moveInto(from, dirOf(into), 'nobody');
  assert.notEqual(unknown.status, 0);
});
