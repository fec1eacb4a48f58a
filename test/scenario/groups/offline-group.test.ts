import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { open, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { RunDeps } from '../../../src/engine/backup/context/run-context.ts';
import { runBackup, type BackupResult } from '../../../src/engine/backup/run/run-backup.ts';
import { never } from '../../../src/engine/base/abort.ts';
import { planEveryKind } from '../../../src/engine/operations/vm/plan-backup.ts';
import {
  backupOptions,
  openTestStore,
  pattern,
  restoredHashes,
  runDeps,
  startBackupLab,
  verifyErrors,
} from '../../support/backup/backup-lab.ts';
import { listPoints } from '../../../src/engine/backup/points/catalog.ts';

const MIB = 2 ** 20;

/** Two VMs that are off, with a private disk each and a shared VHDX, which is not a VHD Set. */
async function scene(t: TestContext) {
  const lab = await startBackupLab(t, { smb: true });
  const members = ['a', 'b'];
  for (const name of members) await lab.ask('add-vm', { name, disks: [{ size: 4 * MIB }] });
  const disk = { size: 8 * MIB };
  await lab.ask('add-shared-disk', { name: 'quorum', vms: members, format: 'vhdx', disk });
  await lab.ask('group-create', { name: 'cluster', members });
  await lab.write('a', 1, MIB, pattern(100_000, 1));
  await lab.write('b', 0, 0, pattern(5000, 2));
  for (const vm of members) await lab.ask('set-state', { vm, state: 'off' });
  const host = await lab.host.groups.hostOf('cluster', never);
  const store = await openTestStore(lab);
  const backUp = (onEdge: RunDeps['onEdge'] = async () => undefined): Promise<BackupResult> =>
    runBackup(
      runDeps(lab, store, { host, onEdge }),
      host.group.id,
      backupOptions(lab, { method: 'smb', pathMap: [] }),
      randomUUID(),
      never,
    );
  const file = join(lab.pathMap[0]?.local ?? '', 'Shared', 'quorum.vhdx');
  return { lab, host, store, backUp, file };
}

test('a group with a shared VHDX is read in full through SMB while its VMs are off, without a checkpoint', async (t) => {
  const { lab, host, store, backUp } = await scene(t);
  const { manifest } = await backUp();
  const shared = manifest.disks.find(({ slot }) => slot.startsWith('shared/'));
  assert.deepEqual(
    [manifest.kind, manifest.reason.code, manifest.method, manifest.referencePoint],
    ['full', 'group.offline', 'smb', null],
  );
  assert.deepEqual([shared?.method, shared?.holders?.length], ['smb', 2]);
  assert.deepEqual(await verifyErrors(store, host.group.id), []);
  const restored = await restoredHashes(lab, store, host.group.id, manifest.id);
  assert.equal(restored[shared?.number ?? -1], await lab.guestHash('b', 1));
  const { checkpoints, referencePoints } = await host.findVm('cluster', never);
  assert.deepEqual([checkpoints.length, referencePoints.length], [0, 0]);
  // The next one is a full, too, and says why.
  assert.equal((await backUp()).manifest.reason.code, 'group.offline');
});

test('while a VM that has the shared VHDX runs, the plan names it, member of the group or not', async (t) => {
  const { lab, host, store, backUp } = await scene(t);
  await lab.ask('set-state', { vm: 'b', state: 'running' });
  await assert.rejects(backUp(), { code: 'plan.disk', message: /shared VHDX.*now b is not/ });
  const options = backupOptions(lab, { method: 'smb', pathMap: [] });
  const plans = await planEveryKind(host, 'cluster', store, options, never).catch(
    (error: unknown) => error,
  );
  assert.match(String(plans), /now b is not/);
  await lab.ask('set-state', { vm: 'b', state: 'off' });
  const plan = await planEveryKind(host, 'cluster', store, options, never);
  assert.deepEqual([plan.auto.plan?.kind, plan.auto.plan?.method], ['full', 'smb']);
});

test('a VM that is started in between, or a file that changes, discards the point', async (t) => {
  const { lab, host, store, backUp, file } = await scene(t);
  const touch = async (): Promise<void> => {
    const handle = await open(file, 'r+');
    await handle.write(Buffer.from([1]), 0, 1, 4 * MIB);
    await handle.close();
  };
  const cases: readonly (readonly [() => Promise<unknown>, RegExp])[] = [
    [() => lab.ask('set-state', { vm: 'b', state: 'running' }), /b was started/],
    [touch, /quorum\.vhdx .*it was written to/],
    [() => utimes(file, new Date(), new Date(1_700_000_000_000)), /it was written to/],
    [() => open(file, 'a').then((handle) => handle.write('x').then(() => handle.close())), /bytes/],
  ];
  for (const [change, message] of cases) {
    let done = false;
    const onEdge = async (at: string): Promise<void> => {
      if (at !== 'data.written' || done) return;
      done = true;
      await change();
    };
    await assert.rejects(backUp(onEdge), { code: 'disk.source.changed', message });
    assert.ok(done);
    assert.deepEqual(await listPoints(store, host.group.id, never), [], String(message));
    await lab.ask('set-state', { vm: 'b', state: 'off' });
  }
});
