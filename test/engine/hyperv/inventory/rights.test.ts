import assert from 'node:assert/strict';
import { test } from 'node:test';
import { never } from '../../../../src/engine/base/abort.ts';
import type { CimClass, CimClient } from '../../../../src/engine/cim/client.ts';
import { cimInstance } from '../../../../src/engine/cim/model.ts';
import { featureRights, serviceOutcomes } from '../../../../src/engine/hyperv/inventory/rights.ts';
import type { FeatureRight } from '../../../../src/engine/api/windows/rights.ts';
import { faultError } from '../../../../src/engine/net/wsman/faults/fault.ts';

type Says = 'visible' | 'empty' | number;

const fault = (number: number): Error =>
  faultError({ subcode: 'AccessDenied', number, status: 0, text: 'Zugriff verweigert' }, 'x');

/** A client whose answer to each class, and to a method, is given. */
function account(says: (className: string) => Says, call: number = 32779) {
  const called: string[] = [];
  const client: Pick<CimClient, 'enumerate' | 'invoke'> = {
    async *enumerate(from: string | CimClass) {
      const className = typeof from === 'string' ? from : from.className;
      const answer = says(className);
      if (typeof answer === 'number') throw fault(answer);
      if (answer === 'visible') yield cimInstance(className, {});
    },
    invoke: async ({ method }) => {
      called.push(method);
      if (call > 0x10000 || call === 5) throw fault(call);
      return { returnValue: call, out: new Map() };
    },
  };
  const rights = async (): Promise<FeatureRight[]> => {
    const all = client as CimClient;
    return featureRights(all, await serviceOutcomes(all, never), never);
  };
  return { rights, called };
}

const notClustered = (says: Says) => (className: string) =>
  className.startsWith('MSCluster') ? 0x8004100e : says;
const missingOf = (rights: readonly FeatureRight[], feature: string) =>
  rights.find((each) => each.feature === feature)?.missing;

test('an administrator of Hyper-V has every right; a host outside of a cluster has no row for it', async () => {
  const { rights, called } = account(notClustered('visible'));
  const found = await rights();
  assert.deepEqual(
    found.map(({ feature, ok }) => [feature, ok]),
    ['inventory', 'checkpoints', 'referencePoints', 'changeTracking', 'export'].map((name) => [
      name,
      true,
    ]),
  );
  // Only a method that reads is called.
  assert.deepEqual(called, ['GetVirtualHardDiskSettingData']);
});

test('empty answers prove nothing: every reason is named, and no method is called', async () => {
  const { rights, called } = account(notClustered('empty'));
  const found = await rights();
  assert.deepEqual(missingOf(found, 'inventory'), ['hyperVAdministrators', 'tokenFilter', 'vmms']);
  assert.ok(found.every(({ ok }) => !ok));
  assert.deepEqual(called, []);
});

test('WinRM, WMI, a missing role and an old host are told apart by number', async () => {
  const of = async (number: number) => missingOf(await account(() => number).rights(), 'inventory');
  assert.deepEqual(await of(5), ['winrm', 'tokenFilter']);
  assert.deepEqual(await of(0x80041003), ['wmiNamespace', 'hyperVAdministrators']);
  assert.deepEqual(await of(0x80338105), ['wmiNamespace', 'hyperVAdministrators']);
  assert.deepEqual(await of(0x8004100e), ['hyperVRole']);
  const old = account((name) =>
    name === 'Msvm_VirtualSystemReferencePointService' ? 0x80041010 : 'visible',
  );
  const rights = await old.rights();
  assert.deepEqual(missingOf(rights, 'referencePoints'), ['server2016']);
  assert.deepEqual(missingOf(rights, 'checkpoints'), []);
});

test('an account that may read but not call methods is found out', async () => {
  for (const [call, missing] of [
    [5, 'winrmExecute'],
    [0x80041003, 'wmiNamespace'],
    [32769, 'hyperVAdministrators'],
  ] as const) {
    const rights = await account(notClustered('visible'), call).rights();
    assert.deepEqual(missingOf(rights, 'inventory'), []);
    assert.equal(missingOf(rights, 'checkpoints')?.[0], missing);
    assert.equal(missingOf(rights, 'export')?.[0], missing);
  }
});

test('a node of a cluster has a row, which says whether its namespace may be read', async () => {
  const visible = await account(() => 'visible').rights();
  assert.deepEqual(missingOf(visible, 'cluster'), []);
  const refused = account((name) => (name.startsWith('MSCluster') ? 0x80041003 : 'visible'));
  assert.deepEqual(missingOf(await refused.rights(), 'cluster'), ['clusterNamespace']);
});
