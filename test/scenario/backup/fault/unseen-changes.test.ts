import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { never } from '../../../../src/engine/base/abort.ts';
import { noProgress } from '../../../../src/engine/base/progress.ts';
import type { Guid } from '../../../../src/engine/base/guid.ts';
import type { PointManifest } from '../../../../src/engine/backup/manifest/manifest.ts';
import { restorePoint } from '../../../../src/engine/backup/restore/restore.ts';
import type { Store } from '../../../../src/engine/backup/store/contract/store.ts';
import {
  backup,
  openTestStore,
  pattern,
  restoredHashes,
  startBackupLab,
  type BackupLab,
} from '../../../support/backup/backup-lab.ts';

const MIB = 2 ** 20;
const SIZE = 32 * MIB;

async function assertTrue(lab: BackupLab, store: Store, manifest: PointManifest): Promise<void> {
  const restored = await restoredHashes(lab, store, manifest.vm.id, manifest.id);
  assert.equal(restored[0], await lab.guestHash(manifest.vm.name, 0), 'restores to the guest');
}

/** A VM with data in few cells, so that a sample of four reads all that is unchanged. */
async function smallVm(lab: BackupLab, name: string): Promise<Guid> {
  const { id } = await lab.ask('add-vm', { name, disks: [{ size: SIZE }] });
  await lab.write(name, 0, 4 * MIB, pattern(2 * MIB, 1));
  await lab.ask('set-state', { vm: name, state: 'off' });
  return id as Guid;
}

for (const method of ['file', 'export'] as const) {
  test(`a disk that was written while nobody tracked it is found by the sample, by ${method}`, async (t) => {
    const lab = await startBackupLab(t);
    const store = await openTestStore(lab);
    const sampled = { method, checkTracker: 'sample' } as const;
    await smallVm(lab, 'vm');
    await backup(lab, store, 'vm', sampled);
    await lab.write('vm', 0, 20 * MIB, pattern(4096, 2));
    const honest = (await backup(lab, store, 'vm', sampled)).manifest;
    assert.equal(honest.kind, 'incr');
    assert.deepEqual(honest.trackerCheck, {
      mode: 'sample',
      checkedBytes: 3 * MIB,
      disks: [
        {
          slot: 'scsi0:0',
          candidateCells: 3,
          checkedCells: 3,
          ruledOutCells: 1,
          confidence: 0.95,
        },
      ],
    });
    assert.ok((honest.disks[0]?.readBytes ?? 0) <= MIB, 'an export of the changes only');
    const base64 = pattern(4096, 3).toString('base64');
    await lab.ask('write-offline', { vm: 'vm', disk: 0, offset: 5 * MIB, base64 });
    await lab.write('vm', 0, 20 * MIB, pattern(4096, 4));
    const { manifest } = await backup(lab, store, 'vm', sampled);
    assert.equal(manifest.kind, 'full');
    assert.equal(manifest.reason.code, 'tracker.lied');
    await assertTrue(lab, store, manifest);
  });
}

test('a file that was restored over the disk is found, also where it holds less than before', async (t) => {
  const lab = await startBackupLab(t);
  const store = await openTestStore(lab);
  const sampled = { checkTracker: 'sample' } as const;
  const vmId = await smallVm(lab, 'vm');
  const { manifest: old } = await backup(lab, store, 'vm', sampled);
  const to = join(lab.folder, 'restored');
  const options = { vmId, point: old.id, disks: [], to, format: 'vhdx', force: false } as const;
  const { disks } = await restorePoint(store, options, noProgress, never);
  await lab.write('vm', 0, 12 * MIB, pattern(MIB, 2));
  assert.equal((await backup(lab, store, 'vm', sampled)).manifest.kind, 'incr');
  await lab.ask('overwrite', { vm: 'vm', disk: 0, file: disks[0]?.file ?? '' });
  await lab.write('vm', 0, 20 * MIB, pattern(4096, 3));
  const { manifest } = await backup(lab, store, 'vm', sampled);
  assert.equal(manifest.kind, 'full', 'the cell that is empty now was recorded as data');
  assert.equal(manifest.reason.code, 'tracker.lied');
  await assertTrue(lab, store, manifest);
});

test('a VM that was reverted to a checkpoint gets a full, without any check', async (t) => {
  const lab = await startBackupLab(t);
  const store = await openTestStore(lab);
  await smallVm(lab, 'vm');
  const { id } = await lab.ask('checkpoint-create', { vm: 'vm' });
  await lab.write('vm', 0, 5 * MIB, pattern(MIB, 2));
  const first = (await backup(lab, store, 'vm')).manifest;
  assert.equal(first.vm.lastAppliedSnapshot, null);
  await lab.ask('checkpoint-apply', { vm: 'vm', id });
  const { manifest } = await backup(lab, store, 'vm');
  assert.equal(manifest.kind, 'full');
  assert.equal(manifest.reason.code, 'vm.reverted');
  assert.match(manifest.vm.lastAppliedSnapshot ?? '', new RegExp(id, 'i'));
  await assertTrue(lab, store, manifest);
  // Nothing was reverted since; while a run begins, something is.
  await lab.write('vm', 0, 6 * MIB, pattern(4096, 3));
  assert.equal((await backup(lab, store, 'vm')).manifest.kind, 'incr');
  await lab.ask('checkpoint-remove', { vm: 'vm', id });
  await lab.host.waitForMerge(manifest.vm.id, { seconds: 60 }, never);
  const other = await lab.ask('checkpoint-create', { vm: 'vm' });
  await lab.write('vm', 0, 6 * MIB, pattern(4096, 4));
  await backup(lab, store, 'vm');
  const onEdge = async (edge: string): Promise<void> => {
    if (edge === 'reserved') await lab.ask('checkpoint-apply', { vm: 'vm', id: other.id });
  };
  const late = (await backup(lab, store, 'vm', {}, never, { onEdge })).manifest;
  assert.equal(late.kind, 'full');
  assert.equal(late.reason.code, 'vm.reverted');
  await assertTrue(lab, store, late);
});

test('an export whose frozen file cannot be opened here stays differential, and says that nothing was checked', async (t) => {
  const lab = await startBackupLab(t);
  const store = await openTestStore(lab);
  await smallVm(lab, 'vm');
  const [root] = lab.pathMap;
  assert.ok(root);
  // Only the folder of exports is mapped.
  await mkdir(join(root.local, 'Exports'));
  const pathMap = [{ host: lab.exportDirectory, local: join(root.local, 'Exports') }];
  const options = { method: 'export', checkTracker: 'sample', pathMap } as const;
  await backup(lab, store, 'vm', options);
  await lab.write('vm', 0, 20 * MIB, pattern(4096, 2));
  const { manifest } = await backup(lab, store, 'vm', options);
  assert.equal(manifest.kind, 'incr');
  assert.ok((manifest.disks[0]?.readBytes ?? 0) <= MIB);
  assert.ok(manifest.warnings.some(({ code }) => code === 'tracker.unchecked'));
  assert.deepEqual(manifest.trackerCheck, { mode: 'sample', checkedBytes: 0, disks: [] });
  // A check of everything takes a full export then.
  await lab.write('vm', 0, 20 * MIB, pattern(4096, 3));
  const full = (await backup(lab, store, 'vm', { ...options, checkTracker: 'full' })).manifest;
  assert.equal(full.kind, 'incr');
  assert.equal(full.trackerCheck.checkedBytes, SIZE);
  await assertTrue(lab, store, full);
});
