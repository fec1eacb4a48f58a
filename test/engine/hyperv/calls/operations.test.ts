import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Invocation } from '../../../../src/engine/cim/client.ts';
import type { CimClient } from '../../../../src/engine/cim/client.ts';
import { never } from '../../../../src/engine/base/abort.ts';
import { invoke } from '../../../../src/engine/hyperv/calls/invoke.ts';
import { encodeArguments, type Operation } from '../../../../src/engine/hyperv/calls/operation.ts';
import { COLLECTION_OPERATION } from '../../../../src/engine/hyperv/calls/collection-operations.ts';
import { OPERATION } from '../../../../src/engine/hyperv/calls/operations.ts';
import { virtualizationClasses } from '../../../../src/engine/lab/classes/virtualization-classes.ts';
import type { CimParameterDeclaration } from '../../../../src/engine/lab/wmi/repository.ts';

const OPERATIONS = Object.values<Operation>({ ...OPERATION, ...COLLECTION_OPERATION });
const CLASSES = virtualizationClasses('2025');

const typeOf = ({ type, array }: Pick<CimParameterDeclaration, 'type' | 'array'>): string =>
  array === true ? `${type}[]` : type;

test('each operation is declared as the lab declares its method: names, order and types', () => {
  assert.ok(OPERATIONS.length >= 11);
  for (const { className, method, in: given, out } of OPERATIONS) {
    const declared = CLASSES.get(className)?.methods?.find(({ name }) => name === method);
    assert.ok(declared !== undefined, `${className}.${method}`);
    const into = declared.parameters.filter(({ direction }) => direction !== 'out');
    const names = into.map(({ name }) => name).filter((name) => name in given);
    assert.deepEqual(Object.keys(given), names, `${method}: order of the parameters`);
    for (const [name, type] of Object.entries(given)) {
      const parameter = into.find((each) => each.name === name);
      assert.ok(parameter !== undefined);
      if (typeof type === 'object') {
        assert.equal(parameter.embedded, true, `${method}.${name}`);
        const { properties = [] } = CLASSES.get(type.embedded) ?? {};
        for (const [property, wanted] of Object.entries(type.properties)) {
          const found = properties.find((each) => each.name === property);
          assert.equal(found && typeOf(found), wanted, `${type.embedded}.${property}`);
        }
      } else assert.equal(typeOf(parameter), type, `${method}.${name}`);
    }
    for (const [name, type] of Object.entries(out)) {
      const parameter: CimParameterDeclaration | undefined = declared.parameters.find(
        (each) => each.name === name,
      );
      assert.ok(parameter !== undefined && parameter.direction !== 'in', `${method}.${name}`);
      assert.equal(typeOf(parameter), type, `${method}.${name}`);
    }
  }
});

test('only what changes nothing may be repeated, and what a ledger records changes something', () => {
  for (const { method, changes, repeatable, records } of OPERATIONS) {
    assert.ok(!(changes && repeatable), method);
    assert.ok(changes || !records, method);
    assert.equal(changes, !/^(Get|Query)/.test(method), method);
  }
});

test('arguments are sent in the order of the declaration, typed, without those that are undefined', () => {
  const args = encodeArguments(OPERATION.createSnapshot, {
    SnapshotType: 32768,
    SnapshotSettings: { GuestBackupType: undefined, ConsistencyLevel: 2 },
    AffectedSystem: { className: 'C', keys: {} },
  });
  assert.deepEqual(Object.entries(args), [
    ['AffectedSystem', { className: 'C', keys: {} }],
    [
      'SnapshotSettings',
      {
        embedded: {
          className: 'Msvm_VirtualSystemSnapshotSettingData',
          properties: [{ name: 'ConsistencyLevel', type: 'uint8', value: 2 }],
        },
      },
    ],
    ['SnapshotType', 32768],
  ]);
});

test('the client is told whether a call may be repeated', async () => {
  const calls: Invocation[] = [];
  const client: Pick<CimClient, 'invoke'> = {
    invoke: async (call) => {
      calls.push(call);
      return { returnValue: 0, out: new Map() };
    },
  };
  await invoke(client as CimClient, OPERATION.getVirtualDiskChanges, {}, never);
  await invoke(client as CimClient, OPERATION.destroySnapshot, {}, never);
  const told = calls.map(({ method, repeatable }) => [method, repeatable]);
  assert.deepEqual(told, [
    ['GetVirtualDiskChanges', true],
    ['DestroySnapshot', false],
  ]);
});
