import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { never } from '../../../../src/engine/base/abort.ts';
import { newGuid, parseGuid } from '../../../../src/engine/base/guid.ts';
import {
  convertGroupSnapshot,
  destroyGroupPoint,
  listGroupPoints,
} from '../../../../src/engine/hyperv/collections/group-points.ts';
import {
  createGroupSnapshot,
  destroyGroupSnapshot,
  listGroupSnapshots,
} from '../../../../src/engine/hyperv/collections/group-snapshots.ts';
import {
  defineGroup,
  findGroup,
  groupMembers,
  listGroups,
  type Group,
} from '../../../../src/engine/hyperv/collections/groups.ts';
import { startBackupLab, type BackupLab } from '../../../support/backup/backup-lab.ts';

const MIB = 2 ** 20;
const CRASH = { consistency: 'crash', guestBackup: 'copy', guestBackupType: true } as const;

/** A lab with two VMs in one group. */
async function groupLab(t: TestContext): Promise<{ lab: BackupLab; group: Group }> {
  const lab = await startBackupLab(t);
  for (const name of ['a', 'b']) await lab.ask('add-vm', { name, disks: [{ size: 4 * MIB }] });
  await lab.ask('group-create', { name: 'cluster', members: ['a', 'b'] });
  return { lab, group: await findGroup(lab.client, 'cluster', never) };
}

test('a group is defined with its members, and found by name and ID', async (t) => {
  const lab = await startBackupLab(t);
  const vms = [];
  for (const name of ['a', 'b']) {
    vms.push(parseGuid((await lab.ask('add-vm', { name, disks: [{ size: 4 * MIB }] })).id));
  }
  const id = newGuid();
  const group = await defineGroup(lab.client, 'cluster', id, vms, never);
  assert.equal(group.id, id);
  assert.deepEqual(group.reference.keys, { CollectionID: id.toUpperCase() });
  const members = await groupMembers(lab.client, group, never);
  assert.deepEqual(members.map(({ id: each }) => each).sort(), [...vms].sort());
  assert.equal((await findGroup(lab.client, id, never)).name, 'cluster');
  await assert.rejects(findGroup(lab.client, 'other', never), {
    code: 'host.group.notFound',
    message: /it has cluster/,
  });
  await defineGroup(lab.client, 'cluster', newGuid(), [], never);
  assert.equal((await listGroups(lab.client, never)).length, 2);
  await assert.rejects(findGroup(lab.client, 'cluster', never), { code: 'host.group.ambiguous' });
});

test('a group becomes one snapshot, then one reference point of all members; both keys go back', async (t) => {
  const { lab, group } = await groupLab(t);
  const made = await createGroupSnapshot(lab.client, group, CRASH, [], never);
  assert.deepEqual(
    made.checkpoints.map(({ type }) => type),
    ['backup', 'backup'],
  );
  assert.equal(new Set(made.checkpoints.map(({ vmId }) => vmId)).size, 2);
  const point = await convertGroupSnapshot(lab.client, group, made.id, [], never);
  assert.deepEqual(Object.keys(point.reference.keys).sort(), [
    'CollectionID',
    'VirtualSystemCollectionId',
  ]);
  assert.equal(point.consistency, 'crash');
  assert.ok(point.members.every(({ disks }) => (disks[0]?.rctId ?? '') !== ''));
  assert.deepEqual(await listGroupSnapshots(lab.client, group, never), []);
  const [listed, ...others] = await listGroupPoints(lab.client, group, never);
  assert.equal(listed?.id, point.id);
  assert.deepEqual(others, []);
  await destroyGroupPoint(lab.client, point.id, never);
  assert.deepEqual(await listGroupPoints(lab.client, group, never), []);
  for (const vm of ['a', 'b']) {
    assert.deepEqual((await lab.host.findVm(vm, never)).referencePoints, []);
  }
  // Another client may have removed it: that is what was asked for.
  await destroyGroupPoint(lab.client, point.id, never);
});

test('a reference point collection with one key only is not one', async (t) => {
  const { lab, group } = await groupLab(t);
  const { id } = await lab.ask('group-snapshot', { group: 'cluster', convert: true });
  const AffectedReferencePointCollection = {
    className: 'Msvm_ReferencePointCollection',
    keys: { CollectionID: id.toUpperCase() },
  };
  const { returnValue } = await lab.client.invoke(
    {
      target: {
        className: 'Msvm_CollectionReferencePointService',
        keys: { CreationClassName: 'Msvm_CollectionReferencePointService' },
      },
      method: 'DestroyReferencePoint',
      args: { AffectedReferencePointCollection },
      repeatable: false,
    },
    never,
  );
  assert.equal(returnValue, 32773);
  assert.equal((await listGroupPoints(lab.client, group, never)).length, 1);
});

test('a snapshot collection that the host only claims to have removed is not gone', async (t) => {
  const { lab, group } = await groupLab(t);
  const { id } = await createGroupSnapshot(lab.client, group, CRASH, [], never);
  await lab.fault('destroy.ignored', undefined, 1);
  await assert.rejects(destroyGroupSnapshot(lab.client, id, never), { code: 'host.notRemoved' });
  await destroyGroupSnapshot(lab.client, id, never);
  await assert.rejects(destroyGroupSnapshot(lab.client, id, never), {
    code: 'host.checkpoint.notFound',
  });
});
