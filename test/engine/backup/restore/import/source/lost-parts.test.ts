import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  lostParts,
  lostText,
} from '../../../../../../src/engine/backup/restore/import/source/lost-parts.ts';

const row = (className: string, properties: Readonly<Record<string, string>>) => {
  return { className, properties };
};

const hardware = {
  system: {
    BootSourceOrder: ['a:Msvm_BootSourceSettingData.InstanceID="Microsoft:VM\\AAAA\\0\\0\\D\\B"'],
  },
  rows: [
    row('Msvm_SecuritySettingData', { TpmEnabled: 'True' }),
    row('Msvm_ResourceAllocationSettingData', {
      ResourceSubType: 'Microsoft:Hyper-V:Synthetic DVD Drive',
    }),
    row('Msvm_ResourceAllocationSettingData', {
      ResourceSubType: 'Microsoft:Hyper-V:Synthetic SCSI Controller',
    }),
  ],
};

test('a VM that is made of its settings loses boot order, TPM and devices, and each is named', () => {
  const lost = lostParts({ configuration: [], hardware });
  assert.deepEqual(lost, [
    { code: 'bootOrder', name: 'aaaa\\0\\0\\d\\b' },
    { code: 'tpm', name: '' },
    { code: 'device', name: 'Synthetic DVD Drive' },
  ]);
  assert.match(lost.map(lostText).join('\n'), /boot entry.*TPM.*“Synthetic DVD Drive”/s);
});

test('with its configuration files, or without boot sources, nothing is named', () => {
  const configuration = [{ name: 'a.vmcx', bytes: new Uint8Array() }];
  assert.deepEqual(lostParts({ configuration, hardware }), []);
  const plain = { system: {}, rows: [] };
  assert.deepEqual(lostParts({ configuration: [], hardware: plain }), []);
});
