import assert from 'node:assert/strict';
import { test } from 'node:test';
import { never } from '../../../../src/engine/base/abort.ts';
import type { Guid } from '../../../../src/engine/base/guid.ts';
import { rawCall } from '../../../support/backup/raw-call.ts';
import type { CimClient } from '../../../../src/engine/cim/client.ts';
import { WmiRecord } from '../../../../src/engine/hyperv/wmi-record.ts';
import { CLASS, vmReference } from '../../../../src/engine/hyperv/wmi-classes.ts';
import { requireCheckpointReference } from '../../../../src/engine/hyperv/inventory/checkpoints.ts';
import { objectPathOf } from '../../../../src/engine/hyperv/inventory/references.ts';
import {
  backup,
  openTestStore,
  pattern,
  restoredHashes,
  startBackupLab,
  verifyErrors,
} from '../../../support/backup/backup-lab.ts';

const MIB = 2 ** 20;

/** Whether the host merges the disks of a VM, as its settings say. */
async function mergingEnabled(client: CimClient, vmId: Guid): Promise<boolean> {
  const wql = `SELECT * FROM ${CLASS.diskMergeSettings} WHERE InstanceID LIKE 'Microsoft:${vmId.toUpperCase()}%'`;
  for await (const instance of client.query(wql, never)) {
    return new WmiRecord(instance).number('EnabledState') !== 0;
  }
  throw new Error('The VM has no settings of merging');
}

for (const hostVersion of ['2016', '2022', '2025'] as const) {
  test(`a host of the version ${hostVersion} is backed up, its foreign reference point is left`, async (t) => {
    const lab = await startBackupLab(t, { settings: { hostVersion } });
    const made = await lab.ask('add-vm', { name: 'vm', disks: [{ size: 4 * MIB }] });
    const vmId = made.id as Guid;
    const foreign = await lab.ask('reference-point-create', { vm: 'vm', consistency: 'crash' });
    const store = await openTestStore(lab);
    await lab.write('vm', 0, MIB, pattern(5000, 1));
    for (const kind of ['full', 'incr', 'incr'] as const) {
      await lab.write('vm', 0, 2 * MIB, pattern(3000, kind.length));
      const hash = await lab.guestHash('vm', 0);
      const { manifest } = await backup(lab, store, 'vm', { consistency: 'application' });
      assert.equal(manifest.kind, kind, manifest.reason.text);
      assert.equal(manifest.consistency.achieved, 'application');
      assert.equal((await restoredHashes(lab, store, vmId, manifest.id))[0], hash);
      const vm = await lab.host.findVm('vm', never);
      const ids = vm.referencePoints.map(({ id }) => id);
      assert.deepEqual(ids, [foreign.id, manifest.referencePoint?.id]);
    }
    assert.deepEqual(await verifyErrors(store, vmId), []);
  });
}

test('a reference point without RCT ids makes the next run a full that says so, not a failure', async (t) => {
  const lab = await startBackupLab(t, { settings: { hostVersion: '2025' } });
  await lab.ask('add-vm', { name: 'vm', disks: [{ size: 4 * MIB }] });
  const store = await openTestStore(lab);
  await lab.fault('rct.lost');
  await backup(lab, store, 'vm');
  await lab.clearFaults();
  const { manifest } = await backup(lab, store, 'vm');
  assert.equal(manifest.kind, 'full');
  assert.notEqual(manifest.reason.code, 'first');
  assert.equal((await backup(lab, store, 'vm')).manifest.kind, 'incr');
});

test('merging that an export of another product left off is switched on, so that nothing piles up', async (t) => {
  const lab = await startBackupLab(t);
  const made = await lab.ask('add-vm', { name: 'vm', disks: [{ size: 4 * MIB }] });
  const vmId = made.id as Guid;
  const { client } = lab;
  const request = { consistency: 'crash', guestBackup: 'copy' } as const;
  const theirs = await lab.host.createBackupCheckpoint(vmId, request, never);
  const checkpoint = await requireCheckpointReference(client, theirs.id, never);
  const path = await objectPathOf(client, checkpoint, never);
  const embedded = {
    className: CLASS.exportSettings,
    properties: [
      { name: 'InstanceID', type: 'string', value: `Microsoft:${vmId.toUpperCase()}` },
      { name: 'CopySnapshotConfiguration', type: 'uint8', value: 3 },
      { name: 'CopyVmStorage', type: 'boolean', value: false },
      {
        name: 'SnapshotVirtualSystem',
        type: 'string',
        value: path,
      },
    ],
  } as const;
  const args = {
    ComputerSystem: vmReference(vmId),
    ExportDirectory: `${lab.exportDirectory}\\theirs`,
    ExportSettingData: { embedded },
  };
  await rawCall(client, CLASS.managementService, 'ExportSystemDefinition', args, never);
  await lab.host.destroyCheckpoint(theirs.id, never);
  assert.equal(await mergingEnabled(client, vmId), false);
  const store = await openTestStore(lab);
  await lab.write('vm', 0, MIB, pattern(5000, 1));
  const hash = await lab.guestHash('vm', 0);
  const { manifest } = await backup(lab, store, 'vm');
  assert.equal(await mergingEnabled(client, vmId), true);
  assert.equal((await restoredHashes(lab, store, vmId, manifest.id))[0], hash);
  const vm = await lab.host.findVm('vm', never);
  assert.deepEqual(vm.checkpoints, []);
  assert.doesNotMatch(vm.disks[0]?.path ?? '', /\.avhdx$/i, 'the disk is merged');
});
