import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { test } from 'node:test';
import { restorePoint } from '../../../src/engine/backup/restore/restore.ts';
import { runBackup } from '../../../src/engine/backup/run/run-backup.ts';
import { never } from '../../../src/engine/base/abort.ts';
import { noProgress } from '../../../src/engine/base/progress.ts';
import {
  backupOptions,
  openTestStore,
  pattern,
  runDeps,
  startBackupLab,
} from '../../support/backup/backup-lab.ts';
import { peer } from '../../support/process/peers.ts';

const MIB = 2 ** 20;
const SIZE = 16 * MIB;

test('a file system that lay on a shared disk is whole after a restore, full and increment: qemu-img and e2fsck agree', async (t) => {
  const peers = ['qemu-img', 'mke2fs', 'debugfs', 'e2fsck'].map((name) => peer(t, name));
  const [qemu = '', mke2fs = '', debugfs = '', e2fsck = ''] = peers.map((each) => each ?? '');
  if (peers.includes(undefined)) return;
  const lab = await startBackupLab(t, { smb: true });
  const run = (program: string, ...args: string[]): string =>
    execFileSync(program, args, { stdio: 'pipe', encoding: 'utf8' });
  const files = join(lab.folder, 'files');
  mkdirSync(files);
  writeFileSync(join(files, 'log.bin'), pattern(MIB, 1));
  writeFileSync(join(files, 'name with spaces.txt'), 'first\n');
  const first = join(lab.folder, 'first.raw');
  writeFileSync(first, '');
  truncateSync(first, SIZE);
  run(mke2fs, '-q', '-F', '-t', 'ext4', '-d', files, first);
  for (const name of ['a', 'b']) await lab.ask('add-vm', { name, disks: [{ size: 4 * MIB }] });
  const disk = { vms: ['a', 'b'], format: 'vhds', disk: { size: SIZE } } as const;
  await lab.ask('add-shared-disk', { name: 'quorum', ...disk });
  await lab.ask('group-create', { name: 'cluster', members: ['a', 'b'] });
  const host = await lab.host.groups.hostOf('cluster', never);
  const store = await openTestStore(lab);

  // The second state is made beside the lab; a guest writes the differences.
  const second = join(lab.folder, 'second.raw');
  copyFileSync(first, second);
  writeFileSync(join(files, 'added.bin'), pattern(300_000, 2));
  run(debugfs, '-w', '-R', `write ${join(files, 'added.bin')} added.bin`, second);
  run(debugfs, '-w', '-R', 'rm log.bin', second);
  for (const [vm, image, kind] of [
    ['a', first, 'full'],
    ['b', second, 'incr'],
  ] as const) {
    await lab.ask('write-raw', { vm, disk: 1, image });
    const options = backupOptions(lab);
    const { manifest } = await runBackup(
      runDeps(lab, store, { host }),
      host.group.id,
      options,
      randomUUID(),
      never,
    );
    const shared = manifest.disks.find(({ slot }) => slot.startsWith('shared/'));
    assert.equal(shared?.kind, kind);
    for (const format of ['raw', 'vhdx'] as const) {
      const to = join(lab.folder, `restored-${kind}-${format}`);
      const wanted = { vmId: host.group.id, point: manifest.id, disks: [shared.slot], to, format };
      const { disks } = await restorePoint(store, { ...wanted, force: false }, noProgress, never);
      const [{ file } = { file: '' }] = disks;
      assert.match(run(qemu, 'compare', '-f', format, '-F', 'raw', file, image), /identical/);
      if (format === 'raw') run(e2fsck, '-fn', file);
    }
    // The images of the store are a chain that other programs read as they are.
    const own = join(store.location, host.group.id, manifest.id, shared?.file ?? '');
    if (kind === 'full') assert.match(run(qemu, 'compare', own, image), /identical/);
  }
});
