import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { test, type TestContext } from 'node:test';
import { never } from '../../../../src/engine/base/abort.ts';
import type { Guid } from '../../../../src/engine/base/guid.ts';
import { cleanVm } from '../../../../src/engine/backup/recovery/clean.ts';
import type { Store } from '../../../../src/engine/backup/store/contract/store.ts';
import type { Progress } from '../../../../src/engine/base/progress.ts';
import { noProgress } from '../../../../src/engine/base/progress.ts';
import { queryDiskChanges } from '../../../../src/engine/hyperv/tracking/change-tracking.ts';
import {
  backup,
  clean,
  openTestStore,
  pattern,
  restoredHashes,
  runDeps,
  startBackupLab,
  verifyErrors,
  type BackupLab,
} from '../../../support/backup/backup-lab.ts';

const MIB = 2 ** 20;

async function scene(t: TestContext): Promise<{ lab: BackupLab; store: Store; vmId: Guid }> {
  const lab = await startBackupLab(t);
  const made = await lab.ask('add-vm', { name: 'vm', disks: [{ size: 8 * MIB }] });
  const store = await openTestStore(lab);
  await lab.write('vm', 0, MIB, pattern(MIB, 1));
  return { lab, store, vmId: made.id as Guid };
}

async function assertRestores(lab: BackupLab, store: Store, vmId: Guid, id: string): Promise<void> {
  assert.equal((await restoredHashes(lab, store, vmId, id))[0], await lab.guestHash('vm', 0));
}

test('a merge that does not end is a warning of a complete backup, and the lease is free meanwhile', async (t) => {
  const { lab, store, vmId } = await scene(t);
  await lab.fault('merge.stuck');
  const phases: string[] = [];
  const progress: Progress = { ...noProgress, phase: (name) => void phases.push(name) };
  const run = backup(lab, store, 'vm', { mergeWaitSeconds: 2 }, never, { progress });
  while (!phases.some((name) => name.startsWith('Merging on the host: '))) await sleep(10);
  // Another writer of this VM's folder need not wait for the merge.
  const options = { dryRun: false, pathMap: lab.pathMap, mergeWaitSeconds: 0 };
  const items = await cleanVm(runDeps(lab, store), vmId, options, never);
  assert.deepEqual(
    items.map(({ kind }) => kind),
    ['left'],
  );
  const { manifest, unfinished } = await run;
  assert.deepEqual(
    unfinished.map(({ code }) => code),
    ['host.merge.stuck'],
  );
  assert.match(unfinished[0]?.message ?? '', /\.avhdx within 2 s/);
  assert.match(
    phases.find((name) => name.startsWith('Merging on the host: ')) ?? '',
    /one disk, \d s of at most 2 s/,
  );
  await assertRestores(lab, store, vmId, manifest.id);
  await lab.clearFaults();
  assert.deepEqual((await clean(lab, store, vmId)).length, 0);
});

test('a file that a merge left behind does not refuse the next backup: the chain is read through it', async (t) => {
  const { lab, store, vmId } = await scene(t);
  await lab.fault('merge.left', undefined, 1);
  const first = await backup(lab, store, 'vm', { mergeWaitSeconds: 0 });
  assert.equal(first.unfinished[0]?.code, 'host.merge.stuck');
  await lab.write('vm', 0, 3 * MIB, pattern(5000, 2));
  const second = await backup(lab, store, 'vm', { mergeWaitSeconds: 0 });
  assert.equal(second.manifest.kind, 'incr', second.manifest.reason.text);
  assert.ok(second.manifest.warnings.some(({ code }) => code === 'host.merge.stuck'));
  const vm = await lab.host.findVm('vm', never);
  assert.match(vm.disks[0]?.path ?? '', /\.avhdx$/i);
  await assertRestores(lab, store, vmId, second.manifest.id);
  const full = await backup(lab, store, 'vm', { mergeWaitSeconds: 0, kind: 'full' });
  await assertRestores(lab, store, vmId, full.manifest.id);
  assert.deepEqual(await verifyErrors(store, vmId), []);
});

test('merge settings that cannot be read, and a job whose results cannot be asked for, end nothing', async (t) => {
  const { lab, store, vmId } = await scene(t);
  await lab.fault('merge.settings');
  await lab.fault('associators.fail');
  await backup(lab, store, 'vm');
  await lab.write('vm', 0, 3 * MIB, pattern(5000, 2));
  const { manifest, unfinished } = await backup(lab, store, 'vm');
  assert.equal(manifest.kind, 'incr');
  assert.deepEqual(unfinished, []);
  const { referencePoints } = await lab.host.findVm('vm', never);
  assert.deepEqual(
    referencePoints.map(({ id }) => id),
    [manifest.referencePoint?.id],
  );
  await assertRestores(lab, store, vmId, manifest.id);
});

test('a tracker that answers with a job is asked again after it; only a job that fails makes a full', async (t) => {
  const { lab, store, vmId } = await scene(t);
  await backup(lab, store, 'vm');
  await lab.fault('tracker.async');
  await lab.write('vm', 0, 3 * MIB, pattern(5000, 2));
  const second = await backup(lab, store, 'vm');
  assert.equal(second.manifest.kind, 'incr', second.manifest.reason.text);
  assert.ok((second.manifest.disks[0]?.readBytes ?? 0) < MIB);
  await assertRestores(lab, store, vmId, second.manifest.id);
  const { disks, referencePoints } = await lab.host.findVm('vm', never);
  const rctId = referencePoints[0]?.disks[0]?.rctId ?? '';
  const query = { path: disks[0]?.path ?? '', rctId, offset: 0, length: MIB };
  await lab.fault('job.fail', 32768, 1);
  await assert.rejects(queryDiskChanges(lab.client, query, never), {
    code: 'host.tracking',
    message: /a fault was asked for/,
  });
});

test('only a failure that names the guest is one of consistency; others do not freeze the guest twice', async (t) => {
  const { lab, store, vmId } = await scene(t);
  const request = { consistency: 'application', guestBackup: 'copy' } as const;
  await lab.fault('job.fail', 32773, 1);
  await assert.rejects(lab.host.createBackupCheckpoint(vmId, request, never), {
    code: 'host.job.failed',
  });
  await lab.fault('consistency.fail', undefined, 1);
  await assert.rejects(lab.host.createBackupCheckpoint(vmId, request, never), {
    code: 'host.consistency',
  });
  await lab.fault('job.fail', 32773, 1);
  await assert.rejects(backup(lab, store, 'vm', { consistency: 'default' }), {
    code: 'host.job.failed',
  });
  await lab.fault('consistency.fail', undefined, 1);
  const { manifest } = await backup(lab, store, 'vm', { consistency: 'default' });
  assert.equal(manifest.consistency.achieved, 'crash');
});
