import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WmiRecord } from '../../../../src/engine/hyperv/wmi-record.ts';
import {
  called,
  embedded,
  rowsOf,
  settingsOf,
  textIn,
  vmReference,
} from '../../../support/host/lab-calls.ts';
import { servedLab, type ServedLab } from '../../../support/host/served-lab.ts';

const VSSD = 'Msvm_VirtualSystemSettingData';
const SOURCE = 'Msvm_BootSourceSettingData';

/** BootSourceOrder of a VM. */
async function orderOf(served: ServedLab, id: string): Promise<readonly string[]> {
  const properties = await settingsOf(served, id);
  return new WmiRecord({ className: VSSD, properties }).texts('BootSourceOrder');
}

const setOrder = (served: ServedLab, id: string, BootSourceOrder: readonly string[]) =>
  called(served, 'ModifySystemSettings', {
    SystemSettings: embedded(VSSD, {
      InstanceID: `Microsoft:${id.toUpperCase()}`,
      BootSourceOrder,
    }),
  });

test('a boot order names sources of its own VM, each once, and anything else changes nothing', async (t) => {
  const served = await servedLab(t);
  await served.perform('add-vm', { name: 'other', disks: [{ size: 8 * 2 ** 20 }] });
  await served.perform('add-vm', { name: 'old', generation: 1, disks: [] });
  const [web = '', other = '', old = ''] = served.lab.vms.map(({ id }) => id);
  const order = await orderOf(served, web);
  assert.equal(order.length, 2);
  assert.match(
    order[0] ?? '',
    /^\\\\.*:Msvm_BootSourceSettingData\.InstanceID=".*\\\\0\\\\0\\\\D\\\\B"$/,
  );
  const [disk = '', adapter = ''] = order;
  const foreign = await orderOf(served, other);
  const rasd = disk.replace(SOURCE, 'Msvm_ResourceAllocationSettingData').replace(/\\\\B"$/, '"');
  for (const wrong of [
    [foreign[0] ?? ''],
    [adapter, disk.replace('0\\\\0\\\\D', '0\\\\7\\\\D')],
    [disk, disk],
    [rasd],
    [disk.replace(served.lab.state.machineName, 'ELSEWHERE')],
    [textIn((await rowsOf(served, SOURCE, web))[0], 'InstanceID')],
  ]) {
    assert.equal((await setOrder(served, web, wrong)).errorCode, 32773, wrong.join(' '));
    assert.deepEqual(await orderOf(served, web), order);
  }
  assert.equal((await setOrder(served, old, [disk])).errorCode, 32773);
  assert.equal((await setOrder(served, web, [adapter, disk])).state, 7);
  assert.deepEqual(await orderOf(served, web), [adapter, disk]);
});

test('drives, adapters and files are sources, and each names its device', async (t) => {
  const served = await servedLab(t);
  const id = served.lab.vms[0]?.id ?? '';
  const location = '\\EFI\\Microsoft\\Boot\\bootmgfw.efi';
  const bootFile = { name: 'Windows Boot Manager', location, disk: 0 };
  await served.perform('set-firmware', { vm: 'web', tpm: true, bootFile });
  const rows = await rowsOf(served, SOURCE, id);
  assert.deepEqual(
    rows.map((row) => [Number(row.get('BootSourceType')), row.get('OtherLocation')]),
    [
      [3, location],
      [1, ''],
      [2, ''],
    ],
  );
  const drive = textIn(rows[1], 'FirmwareDevicePath');
  assert.ok(textIn(rows[0], 'FirmwareDevicePath').startsWith(`${drive}\\`));
  const source = `{${SOURCE}.InstanceID='${textIn(rows[1], 'InstanceID').replaceAll('\\', '\\\\')}'}`;
  const [device] = await served.query(
    `ASSOCIATORS OF ${source} WHERE AssocClass = Msvm_LogicalIdentity`,
  );
  assert.match(textIn(device?.properties, 'InstanceID'), /\\0\\0\\D$/);
  const of = `{${VSSD}.InstanceID='Microsoft:${id.toUpperCase()}'}`;
  const linked = await served.query(
    `ASSOCIATORS OF ${of} WHERE AssocClass = Msvm_BootSourceComponent ResultClass = ${SOURCE}`,
  );
  assert.equal(linked.length, 3);
  const [security] = await rowsOf(served, 'Msvm_SecuritySettingData', id);
  assert.equal(security?.get('TpmEnabled'), 'true');
  // An entry that the guest registers goes first; the order lasts as long as the VM.
  const order = await orderOf(served, id);
  assert.equal((await setOrder(served, id, order.toReversed())).state, 7);
  await served.perform('set-firmware', { vm: 'web', bootFile: { ...bootFile, name: 'ubuntu' } });
  assert.deepEqual((await orderOf(served, id)).slice(1), order.toReversed());
  await called(served, 'RequestStateChange', { RequestedState: 3 }, vmReference(id));
});
