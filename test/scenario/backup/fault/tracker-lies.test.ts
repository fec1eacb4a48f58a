import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isEngineError } from '../../../../src/engine/base/errors.ts';
import { never } from '../../../../src/engine/base/abort.ts';
import type { PointManifest } from '../../../../src/engine/backup/manifest/manifest.ts';
import {
  backup,
  openTestStore,
  pattern,
  pointFiles,
  restoredHashes,
  startBackupLab,
  verifyErrors,
  type BackupLab,
} from '../../../support/backup/backup-lab.ts';
import type { Store } from '../../../../src/engine/backup/store/contract/store.ts';

const MIB = 2 ** 20;
const SIZE = 16 * MIB;

/** A VM with a full, and three changes since, of which one is the last of the disk. */
async function changedVm(lab: BackupLab, store: Store): Promise<void> {
  await lab.ask('add-vm', { name: 'vm', disks: [{ size: SIZE }] });
  await lab.write('vm', 0, MIB, pattern(6 * MIB, 1));
  await backup(lab, store, 'vm');
  await lab.write('vm', 0, 2 * MIB + 1024, pattern(100_352, 2));
  await lab.write('vm', 0, 2 * MIB + 200_704, pattern(512, 5));
  await lab.write('vm', 0, 5 * MIB, Buffer.alloc(MIB));
  await lab.write('vm', 0, SIZE - 512, pattern(512, 3));
}

async function assertTrue(lab: BackupLab, store: Store, manifest: PointManifest): Promise<void> {
  const restored = await restoredHashes(lab, store, manifest.vm.id, manifest.id);
  assert.equal(
    restored[0],
    await lab.guestHash('vm', 0),
    'the point restores to what the guest has',
  );
  assert.deepEqual(await verifyErrors(store, manifest.vm.id), []);
}

const HARMLESS = [
  { fault: 'tracker.repeat', warning: 'tracker.overlap' },
  { fault: 'tracker.overlap', warning: 'tracker.overlap' },
  { fault: 'tracker.overshoot', warning: 'tracker.overshoot' },
  { fault: 'tracker.short', warning: undefined },
  { fault: 'tracker.shorten', warning: 'tracker.outside' },
] as const;

for (const { fault, warning } of HARMLESS) {
  test(`${fault}: the increment is right all the same`, async (t) => {
    const lab = await startBackupLab(t);
    const store = await openTestStore(lab);
    await changedVm(lab, store);
    await lab.fault(fault);
    const { manifest } = await backup(lab, store, 'vm');
    await lab.clearFaults();
    assert.equal(manifest.kind, 'incr', manifest.reason.text);
    const codes = manifest.warnings.map((each) => each.code);
    if (warning === undefined) assert.deepEqual(codes, []);
    else assert.ok(codes.includes(warning), `${warning} is among ${codes.join(' ')}`);
    await assertTrue(lab, store, manifest);
  });
}

test('tracker.limit: a tracker that refuses long windows is asked for shorter ones', async (t) => {
  const lab = await startBackupLab(t);
  const store = await openTestStore(lab);
  await lab.ask('add-vm', { name: 'vm', disks: [{ size: 200 * MIB }] });
  await backup(lab, store, 'vm');
  await lab.write('vm', 0, 64 * MIB - 512, pattern(1024, 1));
  await lab.write('vm', 0, 199 * MIB, pattern(1024, 2));
  await lab.fault('tracker.limit', 64 * MIB);
  const { manifest } = await backup(lab, store, 'vm');
  assert.equal(manifest.kind, 'incr', manifest.reason.text);
  await assertTrue(lab, store, manifest);
});

for (const { fault, code } of [
  { fault: 'tracker.beyond', code: 'tracker.lied' },
  { fault: 'tracker.stall', code: 'tracker.lied' },
  { fault: 'tracker.error', code: 'tracker.refused' },
] as const) {
  test(`${fault}: the run becomes a full, says why, and the next one is an increment again`, async (t) => {
    const lab = await startBackupLab(t);
    const store = await openTestStore(lab);
    await changedVm(lab, store);
    await lab.fault(fault);
    const { manifest } = await backup(lab, store, 'vm');
    await lab.clearFaults();
    assert.equal(manifest.kind, 'full');
    assert.equal(manifest.parent, null);
    assert.match(manifest.id, /-full$/, 'the id says what the point is');
    assert.equal(manifest.reason.code, code);
    assert.ok(manifest.warnings.some((each) => each.code === code));
    const files = await pointFiles(store, manifest.vm.id, manifest.id);
    assert.deepEqual(
      files.filter((name) => name.endsWith('.avhdx')),
      [],
    );
    await assertTrue(lab, store, manifest);
    await lab.write('vm', 0, 9 * MIB, pattern(512, 4));
    const next = await backup(lab, store, 'vm');
    assert.equal(next.manifest.kind, 'incr');
    await assertTrue(lab, store, next.manifest);
  });

  test(`${fault}: where an incremental was asked for by name, the run fails and leaves nothing`, async (t) => {
    const lab = await startBackupLab(t);
    const store = await openTestStore(lab);
    await changedVm(lab, store);
    await lab.fault(fault);
    await assert.rejects(backup(lab, store, 'vm', { kind: 'incremental' }), (error: unknown) =>
      isEngineError(error, code),
    );
    const vm = await lab.host.findVm('vm', never);
    assert.deepEqual(vm.checkpoints, []);
    assert.equal(vm.referencePoints.length, 1, 'the one of the full is still there');
  });
}

for (const method of ['file', 'export'] as const) {
  test(`tracker.drop: --check-tracker full finds the omission, by ${method}`, async (t) => {
    const lab = await startBackupLab(t);
    const store = await openTestStore(lab);
    await changedVm(lab, store);
    await lab.fault('tracker.drop');
    const { manifest } = await backup(lab, store, 'vm', { method, checkTracker: 'full' });
    await lab.clearFaults();
    assert.equal(manifest.kind, 'full');
    assert.equal(manifest.reason.code, 'tracker.lied');
    assert.match(manifest.id, /-full$/);
    const files = await pointFiles(store, manifest.vm.id, manifest.id);
    assert.deepEqual(
      files.filter((name) => name.includes('avhdx')),
      [],
    );
    assert.deepEqual(
      files.filter((name) => name.includes('changes')),
      [],
    );
    await assertTrue(lab, store, manifest);
  });
}

test('a check of the tracker finds nothing where it is honest, and says how much it read', async (t) => {
  const lab = await startBackupLab(t);
  const store = await openTestStore(lab);
  await changedVm(lab, store);
  const { manifest } = await backup(lab, store, 'vm', { checkTracker: 'full' });
  assert.equal(manifest.kind, 'incr');
  const { mode, checkedBytes, disks } = manifest.trackerCheck;
  assert.deepEqual([mode, checkedBytes, disks?.[0]?.checkedCells], ['full', SIZE, SIZE / MIB]);
  await lab.write('vm', 0, 9 * MIB, pattern(512, 4));
  const sampled = await backup(lab, store, 'vm', { checkTracker: 'sample', method: 'export' });
  assert.equal(sampled.manifest.kind, 'incr');
  assert.ok(sampled.manifest.trackerCheck.checkedBytes > 0, 'a check that was asked for is made');
  await assertTrue(lab, store, sampled.manifest);
});

test('of two disks, only the one whose tracker lied is read in full', async (t) => {
  const lab = await startBackupLab(t);
  const store = await openTestStore(lab);
  await lab.ask('add-vm', { name: 'vm', disks: [{ size: SIZE }, { size: SIZE }] });
  await lab.write('vm', 0, MIB, pattern(MIB, 1));
  await lab.write('vm', 1, MIB, pattern(MIB, 2));
  const first = await backup(lab, store, 'vm');
  await lab.write('vm', 1, 3 * MIB, pattern(512, 3));
  await lab.fault('tracker.stall', undefined, 1);
  const { manifest } = await backup(lab, store, 'vm');
  assert.deepEqual(
    manifest.disks.map((disk) => disk.kind),
    ['full', 'incr'],
  );
  assert.equal(manifest.kind, 'incr');
  assert.equal(manifest.parent, first.manifest.id);
  assert.equal(manifest.disks[0]?.reason.code, 'tracker.lied');
  await assertTrue(lab, store, manifest);
});
