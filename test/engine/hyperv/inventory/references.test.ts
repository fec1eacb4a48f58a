import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Guid } from '../../../../src/engine/base/guid.ts';
import { never } from '../../../../src/engine/base/abort.ts';
import { noLog } from '../../../../src/engine/base/log.ts';
import { storeLedger } from '../../../../src/engine/backup/ledger/ledger-file.ts';
import { rawCall } from '../../../support/backup/raw-call.ts';
import { hostComputerName } from '../../../../src/engine/hyperv/inventory/computer-name.ts';
import { listReferencePoints } from '../../../../src/engine/hyperv/inventory/reference-points.ts';
import { objectPathOf } from '../../../../src/engine/hyperv/inventory/references.ts';
import { CLASS, vmReference } from '../../../../src/engine/hyperv/wmi-classes.ts';
import { requireCheckpointReference } from '../../../../src/engine/hyperv/inventory/checkpoints.ts';
import type { CimReference } from '../../../../src/engine/cim/model.ts';
import {
  createOwnPoint,
  removePointByName,
} from '../../../../src/engine/hosts/by-hand/hand-made-points.ts';
import { ledgerOfUser } from '../../../../src/engine/hosts/by-hand/known-ledger.ts';
import {
  backup,
  openTestStore,
  pattern,
  startBackupLab,
  type BackupLab,
} from '../../../support/backup/backup-lab.ts';

const MIB = 2 ** 20;

async function labWithVm(
  t: Parameters<typeof startBackupLab>[0],
  hostVersion: '2016' | '2022' | '2025' = '2022',
): Promise<{ lab: BackupLab; vmId: Guid }> {
  const lab = await startBackupLab(t, { settings: { hostVersion } });
  const made = await lab.ask('add-vm', { name: 'vm', disks: [{ size: 4 * MIB }] });
  return { lab, vmId: made.id as Guid };
}

const pointIds = async (lab: BackupLab): Promise<string[]> =>
  (await lab.host.findVm('vm', never)).referencePoints.map(({ id }) => id);

for (const hostVersion of ['2016', '2025'] as const) {
  test(`after each backup one reference point is left on a host of the version ${hostVersion}`, async (t) => {
    const { lab } = await labWithVm(t, hostVersion);
    const store = await openTestStore(lab);
    for (let i = 0; i < 3; i++) {
      await lab.write('vm', 0, MIB, pattern(512, i));
      const { manifest, unfinished } = await backup(lab, store, 'vm');
      assert.deepEqual(unfinished, []);
      assert.deepEqual(await pointIds(lab), [manifest.referencePoint?.id]);
    }
  });
}

test('a host knows a reference point by both of its keys only', async (t) => {
  const { lab, vmId } = await labWithVm(t);
  const { client } = lab;
  await lab.ask('reference-point-create', { vm: 'vm', consistency: 'crash' });
  const [point] = await listReferencePoints(client, vmId, never);
  assert.ok(point !== undefined);
  assert.deepEqual(point.reference.keys, {
    InstanceID: point.id,
    VirtualSystemIdentifier: vmId.toUpperCase(),
  });
  const oneKey = { ...point.reference, keys: { InstanceID: point.id } };
  await assert.rejects(client.get(oneKey, never), { code: 'wsman.fault.notFound' });
  const destroy = (AffectedReferencePoint: CimReference): Promise<unknown> =>
    rawCall(
      client,
      CLASS.referencePointService,
      'DestroyReferencePoint',
      { AffectedReferencePoint },
      never,
    );
  await assert.rejects(destroy(oneKey), { code: 'host.method', message: /32773/ });
  assert.equal((await pointIds(lab)).length, 1);
  await destroy(point.reference);
  assert.deepEqual(await pointIds(lab), []);
});

test('object paths name the host itself and all keys; anything else is refused by the host', async (t) => {
  const { lab, vmId } = await labWithVm(t);
  const { client } = lab;
  await lab.ask('reference-point-create', { vm: 'vm', consistency: 'crash' });
  const [point] = await listReferencePoints(client, vmId, never);
  assert.ok(point !== undefined);
  const name = await hostComputerName(client, never);
  const base = await objectPathOf(client, point.reference, never);
  assert.ok(
    base.startsWith(`\\\\${name}\\root\\virtualization\\v2:${CLASS.referencePoint}.`),
    base,
  );
  assert.match(base, /InstanceID="[^"]+",VirtualSystemIdentifier="[^"]+"$/);
  const request = { consistency: 'crash', guestBackup: 'copy' } as const;
  const { id } = await lab.host.createBackupCheckpoint(vmId, request, never);
  const checkpoint = await requireCheckpointReference(client, id, never);
  const snapshot = await objectPathOf(client, checkpoint, never);
  const exportWith = (
    paths: { snapshot: string; base: string },
    folder: string,
  ): Promise<unknown> =>
    rawCall(
      client,
      CLASS.managementService,
      'ExportSystemDefinition',
      {
        ComputerSystem: vmReference(vmId),
        ExportDirectory: `${lab.exportDirectory}\\${folder}`,
        ExportSettingData: {
          embedded: {
            className: CLASS.exportSettings,
            properties: [
              { name: 'CopySnapshotConfiguration', type: 'uint8', value: 3 },
              { name: 'CopyVmStorage', type: 'boolean', value: true },
              { name: 'SnapshotVirtualSystem', type: 'string', value: paths.snapshot },
              { name: 'DifferentialBackupBase', type: 'string', value: paths.base },
            ],
          },
        },
      },
      never,
    );
  const refused = { code: 'host.method', message: /32773/ };
  const local = (path: string): string => path.replace(`\\\\${name}\\`, '\\\\.\\');
  const oneKey = base.replace(/,VirtualSystemIdentifier=.*$/, '');
  for (const paths of [
    { snapshot, base: oneKey },
    { snapshot, base: local(base) },
    { snapshot, base: base.replace(name, 'OTHER') },
    { snapshot: local(snapshot), base },
    { snapshot: snapshot.replace('virtualization', 'cimv2'), base },
  ]) {
    await assert.rejects(exportWith(paths, 'refused'), refused, JSON.stringify(paths));
  }
  const order = { checkpointId: id, directory: `${lab.exportDirectory}\\full` };
  await lab.host.exportCheckpoint(vmId, { ...order, baseReferencePointId: null }, never);
  const without = { snapshot: snapshot.slice(`\\\\${name}\\`.length), base: '' };
  await exportWith(without, 'no-host');
});

test('a reference point that the host still lists is not recorded as gone, and the next run removes it', async (t) => {
  const { lab, vmId } = await labWithVm(t);
  const store = await openTestStore(lab);
  const first = await backup(lab, store, 'vm');
  await lab.fault('destroy.ignored', undefined, 1);
  const second = await backup(lab, store, 'vm');
  const old = first.manifest.referencePoint?.id;
  const current = second.manifest.referencePoint?.id;
  assert.deepEqual(
    second.unfinished.map(({ code }) => code),
    ['host.notRemoved'],
  );
  assert.deepEqual(await pointIds(lab), [old, current]);
  const { referencePoints } = await storeLedger(store, vmId).load(never);
  assert.equal(referencePoints.find(({ id }) => id === old)?.state, 'replaced');
  const third = await backup(lab, store, 'vm');
  assert.deepEqual(third.unfinished, []);
  assert.deepEqual(await pointIds(lab), [third.manifest.referencePoint?.id]);
});

test('“removed” is said by hand only once the host no longer lists it', async (t) => {
  const { lab, vmId } = await labWithVm(t);
  const ledger = ledgerOfUser(lab.folder, vmId);
  const vm = await lab.host.findVm('vm', never);
  const { id } = await createOwnPoint(lab.host, vm, ledger, 'crash', noLog, never);
  const now = await lab.host.findVm('vm', never);
  await lab.fault('destroy.ignored', undefined, 1);
  await assert.rejects(removePointByName(lab.host, now, id, [ledger], false, never), {
    code: 'host.notRemoved',
  });
  assert.equal((await ledger.load(never)).referencePoints[0]?.state, 'current');
  const request = { consistency: 'crash', guestBackup: 'copy' } as const;
  const checkpoint = await lab.host.createBackupCheckpoint(vmId, request, never);
  await lab.fault('destroy.ignored', undefined, 1);
  await assert.rejects(lab.host.destroyCheckpoint(checkpoint.id, never), {
    code: 'host.notRemoved',
  });
  await lab.host.destroyCheckpoint(checkpoint.id, never);
  await assert.rejects(lab.host.destroyCheckpoint(checkpoint.id, never), {
    code: 'host.checkpoint.notFound',
  });
  await removePointByName(lab.host, now, id, [ledger], false, never);
  assert.deepEqual(await pointIds(lab), []);
});
