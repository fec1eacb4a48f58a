import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import type { Guid } from '../../../src/engine/base/guid.ts';
import { never } from '../../../src/engine/base/abort.ts';
import {
  backup,
  openTestStore,
  pattern,
  restoredHashes,
  startBackupLab,
  verifyErrors,
  type BackupLab,
} from '../../support/backup/backup-lab.ts';

const MIB = 2 ** 20;
/** Nothing is mounted. */
const SMB = { method: 'auto', pathMap: [] } as const;

/** Writes a file where Hyper-V keeps the configuration of a checkpoint; the lab has none. */
async function configurationOf(lab: BackupLab, id: Guid): Promise<void> {
  const [checkpoint] = await lab.host.listCheckpoints(id, never);
  const [file] = await lab.host.configurationFiles(checkpoint?.id ?? '', never);
  const [root] = lab.pathMap;
  assert.ok(file !== undefined && root !== undefined);
  const local = join(root.local, ...file.path.slice(root.host.length).split('\\'));
  await mkdir(dirname(local), { recursive: true });
  await writeFile(local, 'configuration');
}

test('a disk with a checkpoint of an administrator is read through the parents that the host reports', async (t) => {
  const lab = await startBackupLab(t, { smb: true });
  const store = await openTestStore(lab);
  await lab.ask('add-vm', { name: 'vm', disks: [{ size: 8 * MIB }] });
  const { id } = await lab.host.findVm('vm', never);
  await lab.write('vm', 0, 0, pattern(MIB, 1));
  for (let at = 1; at <= 2; at++) {
    await lab.ask('checkpoint-create', { vm: 'vm' });
    await lab.write('vm', 0, at * MIB, pattern(MIB, at + 1));
  }
  const { manifest } = await backup(lab, store, 'vm', SMB);
  assert.equal(manifest.method, 'smb');
  const restored = await restoredHashes(lab, store, id, manifest.id);
  assert.equal(restored[0], await lab.guestHash('vm', 0));
});

test('two disks are read from the host’s file server: a full, and an increment that reads only what changed', async (t) => {
  const lab = await startBackupLab(t, { smb: true });
  const store = await openTestStore(lab);
  await lab.ask('add-vm', { name: 'vm', disks: [{ size: 16 * MIB }, { size: 8 * MIB }] });
  const { id } = await lab.host.findVm('vm', never);
  await lab.write('vm', 0, MIB, pattern(3 * MIB, 1));
  await lab.write('vm', 1, 0, pattern(MIB, 2));
  const onEdge = async (edge: string): Promise<void> => {
    if (edge === 'checkpoint.recorded') await configurationOf(lab, id);
  };
  const full = await backup(lab, store, 'vm', SMB, never, { onEdge });
  assert.equal(full.manifest.kind, 'full');
  assert.equal(full.manifest.method, 'smb');
  const reason = full.manifest.methodReason?.evidence ?? {};
  // On Windows a path without a mapping is one of this computer, where it is missing.
  const why = process.platform === 'win32' ? /^path\.missing/ : /^path\.unmapped/;
  assert.match(String(reason['file']), why);
  assert.match(String(reason['scsi0:1']), /^\\\\127\.0\.0\.1\\C\$\\Lab\\VMs\\/);
  assert.deepEqual(full.manifest.warnings, []);
  const server = { server: '127.0.0.1', dialect: '3.1.1', signing: 'AES-128-GMAC' };
  assert.deepEqual(full.protection, [{ ...server, cipher: 'AES-128-GCM', sealed: true }]);
  const names = full.manifest.configFiles.map(({ file }) => file);
  assert.ok(
    names.some((name) => name.endsWith('.vmcx')),
    names.join(),
  );
  const before = [await lab.guestHash('vm', 0), await lab.guestHash('vm', 1)];
  await lab.write('vm', 0, 6 * MIB, pattern(MIB, 3));
  await lab.write('vm', 1, 2 * MIB, pattern(64 * 1024, 4));
  const { manifest } = await backup(lab, store, 'vm', { ...SMB, method: 'smb' });
  assert.equal(manifest.kind, 'incr');
  assert.deepEqual(
    manifest.disks.map(({ readBytes }) => readBytes),
    [MIB, 64 * 1024],
  );
  const after = [await lab.guestHash('vm', 0), await lab.guestHash('vm', 1)];
  const hashes = async (point: string): Promise<string[]> =>
    Object.values(await restoredHashes(lab, store, id, point));
  assert.deepEqual(await hashes(full.manifest.id), before);
  assert.deepEqual(await hashes(manifest.id), after);
  assert.deepEqual(await verifyErrors(store, id), []);
});
