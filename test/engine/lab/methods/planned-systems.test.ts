import assert from 'node:assert/strict';
import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { test, type TestContext } from 'node:test';
import { delay, never } from '../../../../src/engine/base/abort.ts';
import type { CimReference } from '../../../../src/engine/cim/model.ts';
import {
  createCheckpoint,
  destroyCheckpoint,
} from '../../../../src/engine/lab/model/checkpoints.ts';
import {
  called,
  embedded,
  plannedReference,
  settingsOf,
  storageOf,
  textIn,
  vmReference,
} from '../../../support/host/lab-calls.ts';
import { servedLab, type ServedLab } from '../../../support/host/served-lab.ts';

const FILE = 'C:\\Lab\\Import\\web.vmcx';
const DISK = 'C:\\Lab\\Import\\disk0.vhdx';

/** A lab whose VM was copied as a backup does: configuration and disk of a checkpoint. */
async function copied(t: TestContext): Promise<ServedLab> {
  const served = await servedLab(t);
  const { lab } = served;
  const [vm] = lab.vms;
  assert.ok(vm !== undefined);
  const made = await createCheckpoint(lab, vm, { type: 'recovery', consistency: 2 }, never);
  const frozen = lab.local(made.disks[0]?.path ?? '');
  const configuration = lab.local(
    `C:\\Lab\\VMs\\${vm.id.toUpperCase()}\\Snapshots\\${made.id.toUpperCase()}.vmcx`,
  );
  await mkdir(dirname(lab.local(FILE)), { recursive: true });
  await cp(configuration, lab.local(FILE));
  await cp(frozen, lab.local(DISK));
  await destroyCheckpoint(lab, vm, made, never);
  return served;
}

async function imported(served: ServedLab): Promise<CimReference> {
  const { state } = await called(served, 'ImportSystemDefinition', {
    SystemDefinitionFile: FILE,
    GenerateNewSystemIdentifier: true,
  });
  assert.equal(state, 7);
  const [planned] = await served.query('SELECT * FROM Msvm_PlannedComputerSystem');
  return plannedReference(textIn(planned?.properties, 'Name'));
}

test('a configuration becomes a planned VM with an ID of its own, and then a VM that starts', async (t) => {
  const served = await copied(t);
  const planned = await imported(served);
  const id = planned.keys['Name'] ?? '';
  assert.notEqual(id.toLowerCase(), served.lab.vms[0]?.id);
  assert.equal((await served.query('SELECT * FROM Msvm_ComputerSystem')).length, 2);
  const settings = await settingsOf(served, id);
  assert.equal(settings.get('VirtualSystemType'), 'Microsoft:Hyper-V:System:Planned');
  const [disk] = await storageOf(served, id);
  const change = { InstanceID: disk?.get('InstanceID'), HostResource: [DISK] };
  const changed = await called(served, 'ModifyResourceSettings', {
    ResourceSettings: [embedded('Msvm_StorageAllocationSettingData', change)],
  });
  assert.equal(changed.state, 7);
  const name = { InstanceID: settings.get('InstanceID'), ElementName: 'web (restored)' };
  const renamed = await called(served, 'ModifySystemSettings', {
    SystemSettings: embedded('Msvm_VirtualSystemSettingData', name),
  });
  assert.equal(renamed.state, 7);
  const valid = await called(served, 'ValidatePlannedSystem', { PlannedSystem: planned });
  assert.deepEqual([valid.state, valid.errors], [7, []]);
  const real = await called(served, 'RealizePlannedSystem', { PlannedSystem: planned });
  assert.equal(real.state, 7);
  assert.deepEqual(await served.query('SELECT * FROM Msvm_PlannedComputerSystem'), []);
  const now = await settingsOf(served, id);
  assert.equal(now.get('VirtualSystemType'), 'Microsoft:Hyper-V:System:Realized');
  assert.equal(now.get('ElementName'), 'web (restored)');
  const start = { RequestedState: 2 };
  const started = await called(served, 'RequestStateChange', start, vmReference(id));
  assert.equal(started.state, 7);
});

test('validation finds missing and used disks and missing switches; realizing fails with the same', async (t) => {
  const served = await copied(t);
  const planned = await imported(served);
  const validate = () => called(served, 'ValidatePlannedSystem', { PlannedSystem: planned });
  const used = await validate();
  assert.equal(used.state, 32768);
  assert.match(used.errors[0] ?? '', /“web” uses it \(0x80070020\)/);
  const [disk] = await storageOf(served, planned.keys['Name'] ?? '');
  const at = (HostResource: readonly string[]) =>
    called(served, 'ModifyResourceSettings', {
      ResourceSettings: [
        embedded('Msvm_StorageAllocationSettingData', {
          InstanceID: disk?.get('InstanceID'),
          HostResource,
        }),
      ],
    });
  await at(['C:\\Lab\\Import\\missing.vhdx']);
  const vm = served.lab.systems.find((each) => each.planned === true);
  const adapter = vm?.adapters?.[0];
  assert.ok(adapter !== undefined);
  Object.assign(adapter, { switchId: 'A0000000-0000-4000-8000-000000000000', switchName: 'Far' });
  const missing = await validate();
  assert.equal(missing.state, 32768);
  assert.match(missing.errors[0] ?? '', /missing\.vhdx cannot be opened/);
  assert.match(missing.errors[1] ?? '', /switch “Far” cannot be found/);
  const real = await called(served, 'RealizePlannedSystem', { PlannedSystem: planned });
  assert.deepEqual([real.state, real.errors], [10, missing.errors]);
  const scalar = await called(served, 'ModifyResourceSettings', {
    ResourceSettings: [
      embedded('Msvm_StorageAllocationSettingData', {
        InstanceID: disk?.get('InstanceID'),
        HostResource: DISK,
      }),
    ],
  });
  assert.equal(scalar.returnValue, 32773);
});

test('what cannot be imported fails with a code, and leaves nothing', async (t) => {
  const served = await copied(t);
  const { lab } = served;
  const load = (SystemDefinitionFile: string, GenerateNewSystemIdentifier = true) =>
    called(served, 'ImportSystemDefinition', { SystemDefinitionFile, GenerateNewSystemIdentifier });
  assert.equal((await load('C:\\Lab\\Import\\web.xml')).returnValue, 32773);
  assert.equal((await load('D:\\web.vmcx')).errorCode, 32769);
  assert.match((await load('C:\\Lab\\none.vmcx')).errors[0] ?? '', /0x80070002/);
  await writeFile(lab.local('C:\\Lab\\Import\\other.vmcx'), 'something else\n');
  assert.match((await load('C:\\Lab\\Import\\other.vmcx')).errors[0] ?? '', /0x8007000D/);
  // The VM exists, so its own ID cannot be used again.
  assert.equal((await load(FILE, false)).errorCode, 32775);
  Object.assign(lab.state, { hostVersion: '2016' });
  assert.match((await load(FILE)).errors[0] ?? '', /version 9\.0; .* up to 8\.0/);
  assert.deepEqual(await served.query('SELECT * FROM Msvm_PlannedComputerSystem'), []);
});

test('a planned VM is named by both keys; it cannot start, and destroying it leaves its disks', async (t) => {
  const served = await copied(t);
  const planned = await imported(served);
  const { className, keys } = planned;
  const nameOnly = { className, keys: { Name: keys['Name'] ?? '' } };
  const validated = await called(served, 'ValidatePlannedSystem', { PlannedSystem: nameOnly });
  assert.equal(validated.returnValue, 32773);
  const id = keys['Name'] ?? '';
  await assert.rejects(
    called(served, 'RequestStateChange', { RequestedState: 2 }, vmReference(id)),
    { code: 'wsman.fault.notFound' },
  );
  const snapshots = { PlannedSystem: planned, SnapshotFolder: 'C:\\Lab\\Import' };
  assert.equal((await called(served, 'ImportSnapshotDefinitions', snapshots)).returnValue, 32770);
  const nobody = { ...snapshots, PlannedSystem: vmReference(id) };
  assert.equal((await called(served, 'ImportSnapshotDefinitions', nobody)).returnValue, 32773);
  const gone = await called(served, 'DestroySystem', { AffectedSystem: planned });
  assert.equal(gone.state, 7);
  assert.deepEqual(await served.query('SELECT * FROM Msvm_PlannedComputerSystem'), []);
  // The VM that it was imported from still starts with its disk.
  const [vm] = served.lab.vms;
  const stop = { RequestedState: 3 };
  const destroy = () =>
    called(served, 'DestroySystem', { AffectedSystem: vmReference(vm?.id ?? '') });
  const running = await destroy();
  assert.equal(running.returnValue, 32775);
  await called(served, 'RequestStateChange', stop, vmReference(vm?.id ?? ''));
  // Its checkpoint is still being merged.
  while ((await destroy()).returnValue === 32775) await delay(20, never);
  assert.equal(served.lab.vms.length, 0);
  await rm(served.lab.local(vm?.disks[0]?.files[0] ?? ''));
});
