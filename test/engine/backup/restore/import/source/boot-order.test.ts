import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  bootDevices,
  bootEntries,
} from '../../../../../../src/engine/backup/restore/import/source/boot-order.ts';

const VM = '0D7F3B5E-0000-4000-8000-000000000001';
const DRIVE = 'AAAAAAAA-0000-4000-8000-000000000002\\0\\1\\D';
const PORT = 'BBBBBBBB-0000-4000-8000-000000000003';

const path = (part: string, twice = true): string => {
  const id = `Microsoft:${VM}\\${part}`;
  const text = twice ? id.replaceAll('\\', '\\\\') : id;
  return `\\\\HV\\root\\virtualization\\v2:Msvm_BootSourceSettingData.InstanceID="${text}"`;
};
/** A device as its checkpoint names it: the owner is another one. */
const device = (part: string) => ({
  className: 'Msvm_ResourceAllocationSettingData',
  properties: { InstanceID: `Microsoft:CHECKPOINT\\${part}` },
});
const source = (part: string, type: string, place: string, name: string) => ({
  className: 'Msvm_BootSourceSettingData',
  properties: {
    InstanceID: `Microsoft:${VM}\\${part}`,
    BootSourceType: type,
    FirmwareDevicePath: place,
    BootSourceDescription: name,
  },
});

const rows = [
  device(DRIVE),
  device(PORT),
  source(`${DRIVE}\\B`, '1', '\\Scsi(0x0,0x1)', 'EFI SCSI Device'),
  source(`${PORT}\\B`, '2', '\\MAC(1)', 'EFI Network'),
  source('F1\\F', '3', '\\Scsi(0x0,0x1)\\HD(1)\\x.efi', 'Windows Boot Manager'),
  source('F2\\F', '3', '\\Scsi(0x0,0x10)\\HD(1)\\x.efi', 'Gone'),
];
const named = (BootSourceOrder: string | readonly string[], type = 2) => ({
  system: { VirtualSystemSubType: `Microsoft:Hyper-V:SubType:${type}`, BootSourceOrder },
  rows,
});

test('a boot order is that of its devices, however the host writes the paths', () => {
  for (const twice of [true, false]) {
    const order = [path(`${PORT}\\B`, twice), path(`${DRIVE.toLowerCase()}\\b`, twice)];
    assert.deepEqual(bootDevices(named(order)), [PORT.toLowerCase(), DRIVE.toLowerCase()]);
    assert.deepEqual(bootDevices(named(order[0] ?? '')), [PORT.toLowerCase()]);
    assert.deepEqual(bootDevices(named(order, 1)), [], 'generation 1 has none');
  }
});

test('a file takes the place of its drive, which may follow itself; one of another drive has none', () => {
  const order = ['F2\\F', 'F1\\F', `${PORT}\\B`, `${DRIVE}\\B`].map((part) => path(part));
  assert.deepEqual(bootDevices(named(order)), [DRIVE.toLowerCase(), PORT.toLowerCase()]);
  const files = bootEntries(named(order)).filter(({ isFile }) => isFile);
  assert.deepEqual(
    files.map(({ name, device: at }) => [name, at]),
    [
      ['Gone', undefined],
      ['Windows Boot Manager', DRIVE.toLowerCase()],
    ],
  );
});

test('texts that name no source, and very many, name no device', () => {
  const hostile = ['', '"', 'InstanceID=""', 'InstanceID="Microsoft:x"', `\\B`, path('..\\..\\B')];
  assert.deepEqual(bootDevices(named(hostile)), []);
  const many = Array.from({ length: 100_000 }, () => path(`${DRIVE}\\B`));
  assert.equal(bootEntries(named(many)).length, 256);
  assert.deepEqual(bootDevices(named(many)), [DRIVE.toLowerCase()]);
});
