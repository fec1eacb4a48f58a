import assert from 'node:assert/strict';
import { test } from 'node:test';
import { never } from '../../../../src/engine/base/abort.ts';
import { listVirtualMachines } from '../../../../src/engine/hyperv/inventory/vm-list.ts';
import { LAB_LANGUAGES } from '../../../../src/engine/lab/texts/languages.ts';
import { all } from '../../../support/host/small-host.ts';
import { servedLab } from '../../../support/host/served-lab.ts';

test('a host in any language has the same VMs, and its own captions and faults', async (t) => {
  const seen = new Map<string, string>();
  for (const language of LAB_LANGUAGES) {
    const served = await servedLab(t, { language });
    const rows = await all(served.client.enumerate('Msvm_ComputerSystem', never));
    const captions = JSON.stringify(rows.map((row) => row.properties.get('Caption')));
    assert.ok(
      rows.some((row) => row.properties.get('Description') === 'Microsoft Virtual Machine'),
    );
    const listed = await listVirtualMachines(served.client, true, never);
    assert.deepEqual(
      listed.map((vm) => vm.name),
      ['web'],
    );
    const missing = { className: 'Msvm_VirtualSystemSettingData', keys: { InstanceID: 'none' } };
    const error = await served.client.get(missing, never).then(
      () => assert.fail('there is no such object'),
      (refused: unknown) => refused as Error & { code: string },
    );
    assert.equal(error.code, 'wsman.fault.notFound', language);
    seen.set(captions, error.message);
  }
  assert.equal(seen.size, 3, 'captions differ');
  assert.equal(new Set(seen.values()).size, 3, 'texts of faults differ');
});
