import assert from 'node:assert/strict';
import { test } from 'node:test';
import { never } from '../../../../src/engine/base/abort.ts';
import type { CimClient } from '../../../../src/engine/cim/client.ts';
import { CimError } from '../../../../src/engine/cim/cim-errors.ts';
import { equals, select } from '../../../../src/engine/cim/wql.ts';
import { all } from '../../../support/host/small-host.ts';
import {
  comparableInstance,
  comparableReferenced,
  comparableReferences,
  comparableRows,
} from '../../../support/cim/same-host.ts';
import { needsPowershell } from '../../../support/powershell/needs-powershell.ts';
import { powershellLab } from '../../../support/powershell/powershell-lab.ts';

const VM = 'Msvm_ComputerSystem';

test('both transports tell the same about a host', needsPowershell, async (t) => {
  const { client, lab } = await powershellLab(t);
  const clients: readonly CimClient[] = [client(), lab.client];
  const both = async (read: (each: CimClient) => Promise<unknown>): Promise<unknown> => {
    const [shell, wsman] = await Promise.all(clients.map(read));
    assert.deepEqual(shell, wsman);
    return shell;
  };
  const classes = [VM, 'Msvm_StorageAllocationSettingData', 'Msvm_VirtualSystemSnapshotService'];
  for (const name of classes) {
    const rows = await both((each) =>
      comparableReferenced(each.enumerateWithReferences(name, never)),
    );
    assert.ok((rows as readonly unknown[]).length > 0, name);
    await both((each) => comparableRows(each.enumerate(name, never)));
    await both((each) => comparableReferences(each.enumerateReferences(name, never)));
  }
  await both((each) =>
    comparableReferenced(each.queryWithReferences(select(VM, equals('ElementName', 'web')), never)),
  );
  await both((each) =>
    comparableRows(
      each.enumerate({ namespace: 'root/cimv2', className: 'Win32_OperatingSystem' }, never),
    ),
  );

  const [vm] = await all(
    lab.client.queryWithReferences(select(VM, equals('ElementName', 'web')), never),
  );
  assert.ok(vm !== undefined);
  const object = vm.reference;
  await both(async (each) => comparableInstance(await each.get(object, never)));
  const settings = { object, resultClass: 'Msvm_VirtualSystemSettingData' };
  const found = await both((each) => comparableReferenced(each.associators(settings, never)));
  assert.ok((found as readonly unknown[]).length > 0);
});

test('refusals have the same kind over both transports', needsPowershell, async (t) => {
  const { client, lab } = await powershellLab(t);
  const shell = client();
  const kinds = async (each: CimClient): Promise<string[]> => {
    const gone = { className: VM, keys: { CreationClassName: VM, Name: 'no-such-vm' } };
    return [
      await kindOf(all(each.enumerate('Msvm_NoSuchClass', never))),
      await kindOf(all(each.enumerate({ namespace: 'root/nowhere', className: VM }, never))),
      await kindOf(all(each.query('SELECT nonsense', never))),
      await kindOf(each.get(gone, never)),
    ];
  };
  assert.deepEqual(await kinds(shell), ['noClass', 'noNamespace', 'badQuery', 'notFound']);
  assert.deepEqual((await kinds(lab.client)).at(-1), 'notFound');
});

test('names of every kind arrive unchanged', needsPowershell, async (t) => {
  const { client, lab } = await powershellLab(t);
  const shell = client();
  const names = [
    `it's "quoted" ‘single’ “double” ‚low‛ \``,
    '$(New-Item /tmp/refpoint-was-here) `$env:PATH; exit',
    '%PATH% & whoami | Out-Null # <!-- -->',
    '2026-01-02T03:04:05Z',
    '/Date(0)/',
    'größer 漢字 👩‍💻 \u00a0',
    'two\nlines\r\nand a\ttab',
  ];
  for (const name of names) await lab.perform('add-vm', { name, disks: [{ size: 2 ** 20 }] });
  const rows = await all(shell.enumerate(VM, never));
  const found = rows.map(({ properties }) => properties.get('ElementName'));
  for (const name of names) {
    assert.ok(found.includes(name), JSON.stringify(name));
    const selected = await all(shell.query(select(VM, equals('ElementName', name)), never));
    assert.equal(selected[0]?.properties.get('ElementName'), name);
  }
});

async function kindOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    assert.ok(error instanceof CimError, String(error));
    return error.kind;
  }
  return 'no error';
}
