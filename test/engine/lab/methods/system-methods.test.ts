import assert from 'node:assert/strict';
import { test } from 'node:test';
import { delay, never } from '../../../../src/engine/base/abort.ts';
import type { Argument } from '../../../../src/engine/cim/client.ts';
import { isCimReference, type CimReference } from '../../../../src/engine/cim/model.ts';
import { servedLab, type ServedLab } from '../../../support/host/served-lab.ts';

const system = ({ lab }: ServedLab): CimReference => ({
  className: 'Msvm_ComputerSystem',
  keys: { CreationClassName: 'Msvm_ComputerSystem', Name: lab.vms[0]?.id.toUpperCase() ?? '' },
});

async function call(
  { client }: ServedLab,
  target: CimReference,
  method: string,
  args: Readonly<Record<string, Argument>>,
): Promise<{ returnValue: number; job: CimReference | undefined }> {
  const result = await client.invoke({ target, method, args, repeatable: false }, never);
  const job = result.out.get('Job');
  return { returnValue: result.returnValue, job: isCimReference(job) ? job : undefined };
}

/** Waits for a job and returns its state. */
async function ended({ client }: ServedLab, job: CimReference | undefined): Promise<string> {
  assert.ok(job !== undefined);
  for (;;) {
    const state = String(Number((await client.get(job, never)).properties.get('JobState')));
    if (Number(state) >= 7) return state;
    await delay(10, never);
  }
}

async function stateOf(served: ServedLab): Promise<number> {
  const { properties } = await served.client.get(system(served), never);
  return Number(properties.get('EnabledState'));
}

test('a VM is stopped, started, paused, resumed and saved by jobs; other changes are invalid transitions', async (t) => {
  const served = await servedLab(t);
  const request = (RequestedState: number): ReturnType<typeof call> =>
    call(served, system(served), 'RequestStateChange', { RequestedState });
  for (const [requested, state] of [
    [9, 9],
    [2, 2],
    [6, 6],
    [2, 2],
    [11, 2],
    [3, 3],
  ] as const) {
    const { returnValue, job } = await request(requested);
    assert.equal(returnValue, 4096, `${requested}`);
    assert.equal(await ended(served, job), '7');
    assert.equal(await stateOf(served), state);
  }
  assert.equal((await request(9)).returnValue, 4097);
  assert.equal((await request(10)).returnValue, 4097);
  assert.equal((await request(99)).returnValue, 32773);
});

test('the name alone does not name a VM, and the host does not change its state so', async (t) => {
  const served = await servedLab(t);
  const { Name = '' } = system(served).keys;
  const target = { className: 'Msvm_ComputerSystem', keys: { Name } };
  await assert.rejects(call(served, target, 'RequestStateChange', { RequestedState: 3 }), {
    code: 'wsman.fault.notFound',
  });
  const host = {
    className: 'Msvm_ComputerSystem',
    keys: { CreationClassName: 'Msvm_ComputerSystem', Name: served.lab.state.machineName },
  };
  const { returnValue } = await call(served, host, 'RequestStateChange', { RequestedState: 3 });
  assert.equal(returnValue, 32770);
  assert.equal(await stateOf(served), 2);
});

test('a guest shuts down through its component, found by association, while it runs', async (t) => {
  const served = await servedLab(t);
  const { keys } = system(served);
  const components = await served.query(
    `ASSOCIATORS OF {Msvm_ComputerSystem.CreationClassName='Msvm_ComputerSystem',Name='${keys['Name']}'} WHERE AssocClass = Msvm_SystemDevice ResultClass = Msvm_ShutdownComponent`,
  );
  const [component] = components;
  assert.ok(component !== undefined && components.length === 1);
  const target = {
    className: 'Msvm_ShutdownComponent',
    keys: Object.fromEntries(
      ['CreationClassName', 'DeviceID', 'SystemCreationClassName', 'SystemName'].map((key) => [
        key,
        component.properties.get(key) as string,
      ]),
    ),
  };
  const args = { Force: true, Reason: 'maintenance' };
  assert.equal((await call(served, target, 'InitiateShutdown', args)).returnValue, 0);
  assert.equal(await stateOf(served), 3);
  assert.equal((await call(served, target, 'InitiateShutdown', args)).returnValue, 32775);
});

test('summaries are objects of their class, of the settings that are asked for', async (t) => {
  const served = await servedLab(t);
  await served.perform('add-vms', { name: 'other', count: 3, sizes: [2 ** 20] });
  const service = {
    className: 'Msvm_VirtualSystemManagementService',
    keys: { CreationClassName: 'Msvm_VirtualSystemManagementService' },
  };
  const summaries = async (args: Readonly<Record<string, Argument>>): Promise<string[]> => {
    const { out } = await served.client.invoke(
      { target: service, method: 'GetSummaryInformation', args, repeatable: true },
      never,
    );
    const rows = [out.get('SummaryInformation') ?? []].flat();
    return rows.map((row) => {
      assert.ok(typeof row === 'object' && row !== null && 'className' in row);
      assert.equal(row.className, 'Msvm_SummaryInformation');
      assert.ok('properties' in row);
      const name = row.properties.get('ElementName');
      const state = row.properties.get('EnabledState');
      assert.ok(typeof name === 'string' && typeof state === 'string');
      return `${name} ${state}`;
    });
  };
  const RequestedInformation = [1, 100];
  assert.equal((await summaries({ RequestedInformation })).length, 4);
  const InstanceID = `Microsoft:${served.lab.vms[0]?.id.toUpperCase()}`;
  const SettingData = [{ className: 'Msvm_VirtualSystemSettingData', keys: { InstanceID } }];
  assert.deepEqual(await summaries({ SettingData, RequestedInformation }), ['web 2']);
});
