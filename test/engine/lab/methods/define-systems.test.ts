import assert from 'node:assert/strict';
import { cp, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { test } from 'node:test';
import {
  called,
  embedded,
  rowsOf,
  settingsOf,
  textIn,
  vmReference,
} from '../../../support/host/lab-calls.ts';
import { servedLab, type ServedLab } from '../../../support/host/served-lab.ts';

const RASD = 'Msvm_ResourceAllocationSettingData';
const SASD = 'Msvm_StorageAllocationSettingData';
const VSSD = 'Msvm_VirtualSystemSettingData';
const DISK = 'C:\\Lab\\Given\\disk.vhdx';

/** A lab with a free image, and a VM that was just defined. */
async function defined(served: ServedLab, generation: 1 | 2): Promise<string> {
  const { lab } = served;
  const [web] = lab.vms;
  await mkdir(dirname(lab.local(DISK)), { recursive: true });
  await called(served, 'RequestStateChange', { RequestedState: 3 }, vmReference(web?.id ?? ''));
  await cp(lab.local(web?.disks[0]?.files[0] ?? ''), lab.local(DISK));
  const { state } = await called(served, 'DefineSystem', {
    SystemSettings: embedded(VSSD, {
      ElementName: 'web',
      VirtualSystemSubType: `Microsoft:Hyper-V:SubType:${generation}`,
      ConfigurationDataRoot: 'C:\\Lab\\Given',
    }),
    ResourceSettings: [],
  });
  assert.equal(state, 7);
  // Two VMs may have the same name.
  const vms = await served.query(`SELECT * FROM Msvm_ComputerSystem WHERE ElementName='web'`);
  const id = vms
    .map((each) => textIn(each.properties, 'Name'))
    .find((each) => each.toLowerCase() !== web?.id);
  assert.ok(id !== undefined);
  return id;
}

function add(served: ServedLab, id: string, className: string, values: Record<string, unknown>) {
  return called(served, 'AddResourceSettings', {
    AffectedConfiguration: { className: VSSD, keys: { InstanceID: `Microsoft:${id}` } },
    ResourceSettings: [embedded(className, values)],
  });
}

const pathTo = ({ lab }: ServedLab, className: string, instanceId: string): string =>
  `\\\\${lab.state.machineName}\\root\\virtualization\\v2:${className}.InstanceID="${instanceId.replaceAll('\\', '\\\\')}"`;

const drive = (parent: string, slot: number) => ({
  ResourceType: 17,
  ResourceSubType: 'Microsoft:Hyper-V:Synthetic Disk Drive',
  Parent: parent,
  AddressOnParent: String(slot),
});
const disk = (parent: string, file: string) => ({
  ResourceType: 31,
  ResourceSubType: 'Microsoft:Hyper-V:Virtual Hard Disk',
  Parent: parent,
  HostResource: [file],
});

test('a defined VM of generation 2 gets a controller, a drive and a disk one after the other, and starts', async (t) => {
  const served = await servedLab(t);
  const id = await defined(served, 2);
  assert.equal((await rowsOf(served, RASD, id)).length, 0);
  const scsi = {
    ResourceType: 6,
    ResourceSubType: 'Microsoft:Hyper-V:Synthetic SCSI Controller',
  };
  assert.equal((await add(served, id, RASD, scsi)).state, 7);
  const [controller] = await rowsOf(served, RASD, id);
  const parent = pathTo(served, RASD, textIn(controller, 'InstanceID'));
  const wrongHost = parent.replace(served.lab.state.machineName, 'OTHER');
  assert.equal((await add(served, id, RASD, drive(wrongHost, 0))).errorCode, 32773);
  assert.equal((await add(served, id, RASD, drive(parent, 1))).state, 7);
  assert.equal((await add(served, id, RASD, drive(parent, 1))).errorCode, 32773);
  const [driveRow] = (await rowsOf(served, RASD, id)).filter(
    (row) => Number(row.get('ResourceType')) === 17,
  );
  const driveId = textIn(driveRow, 'InstanceID');
  assert.match(driveId, /\\0\\1\\D$/);
  const missing = disk(pathTo(served, RASD, driveId), 'C:\\Lab\\Given\\none.vhdx');
  assert.match((await add(served, id, SASD, missing)).errors[0] ?? '', /0x80070002/);
  assert.equal((await add(served, id, SASD, disk(parent, DISK))).errorCode, 32773);
  const good = disk(pathTo(served, RASD, driveId), DISK);
  assert.equal((await add(served, id, SASD, good)).state, 7);
  const [file] = await rowsOf(served, SASD, id);
  assert.match(textIn(file, 'InstanceID'), /\\0\\1\\L$/);
  // The drive stays as long as its disk.
  const reference = (className: string, InstanceID: string) => ({
    className,
    keys: { InstanceID },
  });
  const early = { ResourceSettings: [reference(RASD, driveId)] };
  assert.match((await called(served, 'RemoveResourceSettings', early)).errors[0] ?? '', /80041001/);
  const start = { RequestedState: 2 };
  assert.equal((await called(served, 'RequestStateChange', start, vmReference(id))).state, 7);
  assert.equal((await add(served, id, RASD, scsi)).returnValue, 32775);
});

test('a VM of generation 1 has IDE controllers, and no settings of a firmware', async (t) => {
  const served = await servedLab(t);
  const id = await defined(served, 1);
  const controllers = await rowsOf(served, RASD, id);
  assert.deepEqual(
    controllers.map((row) => [Number(row.get('ResourceType')), row.get('Address')]),
    [
      [5, '0'],
      [5, '1'],
    ],
  );
  const parent = pathTo(served, RASD, textIn(controllers[1], 'InstanceID'));
  assert.equal((await add(served, id, RASD, drive(parent, 2))).errorCode, 32773);
  assert.equal((await add(served, id, RASD, drive(parent, 1))).state, 7);
  const change = (values: Record<string, unknown>) =>
    called(served, 'ModifySystemSettings', {
      SystemSettings: embedded(VSSD, { InstanceID: `Microsoft:${id}`, ...values }),
    });
  assert.equal((await change({ SecureBootEnabled: false })).errorCode, 32773);
  assert.equal((await change({ Version: '9.0' })).state, 10);
  assert.equal((await change({ Notes: ['kept', 'dropped'], BootOrder: [2, 3, 1, 0] })).state, 7);
  const settings = await settingsOf(served, id);
  assert.deepEqual([settings.get('Notes')].flat(), ['kept']);
  assert.deepEqual([settings.get('BootOrder')].flat().map(Number), [2, 3, 1, 0]);
});

test('memory, processors and adapters of a VM that is off are changed; a wrong switch is refused', async (t) => {
  const served = await servedLab(t);
  const id = await defined(served, 2);
  const modify = (className: string, values: Record<string, unknown>) =>
    called(served, 'ModifyResourceSettings', { ResourceSettings: [embedded(className, values)] });
  for (const [className, quantity] of [
    ['Msvm_ProcessorSettingData', 4],
    ['Msvm_MemorySettingData', 4096],
  ] as const) {
    const [row] = await rowsOf(served, className, id);
    const change = { InstanceID: row?.get('InstanceID'), VirtualQuantity: quantity };
    assert.equal((await modify(className, change)).state, 7);
    const [now] = await rowsOf(served, className, id);
    assert.equal(Number(now?.get('VirtualQuantity')), quantity);
  }
  const PORT = 'Msvm_SyntheticEthernetPortSettingData';
  const ALLOCATION = 'Msvm_EthernetPortAllocationSettingData';
  const port = {
    ResourceType: 10,
    ResourceSubType: 'Microsoft:Hyper-V:Synthetic Ethernet Port',
    Address: '00155D010203',
    StaticMacAddress: true,
  };
  assert.equal((await add(served, id, PORT, { ...port, Address: 'no' })).errorCode, 32773);
  assert.equal((await add(served, id, PORT, port)).state, 7);
  const [adapter] = await rowsOf(served, PORT, id);
  assert.equal(adapter?.get('Address'), '00155D010203');
  const [found] = await served.query('SELECT * FROM Msvm_VirtualEthernetSwitch');
  const { machineName } = served.lab.state;
  const switchPath = (name: string): string =>
    `\\\\${machineName}\\root\\virtualization\\v2:Msvm_VirtualEthernetSwitch.CreationClassName="Msvm_VirtualEthernetSwitch",Name="${name}"`;
  const connection = (name: string) => ({
    ResourceType: 33,
    ResourceSubType: 'Microsoft:Hyper-V:Ethernet Connection',
    Parent: pathTo(served, PORT, textIn(adapter, 'InstanceID')),
    HostResource: [switchPath(name)],
  });
  assert.equal((await add(served, id, ALLOCATION, connection('nobody'))).errorCode, 32773);
  assert.equal(
    (await add(served, id, ALLOCATION, connection(textIn(found?.properties, 'Name')))).state,
    7,
  );
  const [connected] = await rowsOf(served, ALLOCATION, id);
  assert.equal(Number(connected?.get('EnabledState')), 2);
  const off = { InstanceID: connected?.get('InstanceID'), EnabledState: 3 };
  assert.equal((await modify(ALLOCATION, off)).state, 7);
  const [later] = await rowsOf(served, ALLOCATION, id);
  assert.equal(Number(later?.get('EnabledState')), 3);
});

test('a VM whose disk is missing or in use does not start', async (t) => {
  const served = await servedLab(t);
  const [web] = served.lab.vms;
  assert.ok(web !== undefined);
  await called(served, 'RequestStateChange', { RequestedState: 3 }, vmReference(web.id));
  const start = () =>
    called(served, 'RequestStateChange', { RequestedState: 2 }, vmReference(web.id));
  const [file] = web.disks;
  assert.ok(file !== undefined);
  const own = file.files;
  file.files = ['C:\\Lab\\gone.vhdx'];
  assert.match((await start()).errors[0] ?? '', /0x80070002/);
  file.files = own;
  assert.equal((await start()).state, 7);
});
