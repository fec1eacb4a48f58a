import assert from 'node:assert/strict';
import { test } from 'node:test';
import { never } from '../../../../../src/engine/base/abort.ts';
import type { WireAction, WireOperation } from '../../../../../src/engine/lab/wsman/wire-faults.ts';
import { all, smallHost, type SmallHost } from '../../../../support/host/small-host.ts';
import { SmallRepository, VM_ID } from '../../../../support/host/small-repository.ts';
import { assertInTime } from '../../../../support/process/in-time.ts';

const service = {
  className: 'Msvm_Service',
  keys: { CreationClassName: 'Msvm_Service' },
};
const vm = {
  className: 'Msvm_ComputerSystem',
  keys: { CreationClassName: 'Msvm_ComputerSystem', Name: VM_ID },
};
const VMS = 500;

/** A host that answers one request of a kind with a fault, before it is done or (`after`) instead of its answer. */
async function faulty(
  t: Parameters<typeof smallHost>[0],
  kind: WireOperation['kind'],
  action: WireAction,
  when: 'before' | 'after' = 'before',
): Promise<{ host: SmallHost; kinds: string[]; repository: SmallRepository }> {
  const kinds: string[] = [];
  const repository = new SmallRepository(VMS);
  let struck = false;
  const strike = (operation: WireOperation): WireAction => {
    if (struck || operation.kind !== kind) return 'pass';
    struck = true;
    return action;
  };
  const host = await smallHost(t, repository, {
    faults: {
      before: async (operation) => {
        kinds.push(operation.kind);
        return when === 'before' ? strike(operation) : 'pass';
      },
      after: async (operation) => (when === 'after' ? strike(operation) : 'pass'),
    },
  });
  return { host, kinds, repository };
}

for (const action of ['quota', 'unavailable', 'timeout', 'drop'] as const) {
  test(`a read that is answered “${action}” once is sent again after a pause`, async (t) => {
    const identify = await faulty(t, 'identify', action);
    await identify.host.client().identify(never);
    const get = await faulty(t, 'get', action);
    const begun = performance.now();
    await get.host.client().get(vm, never);
    assert.ok(performance.now() - begun >= 200, 'there was a pause');
    assert.deepEqual(get.kinds, ['get', 'get']);
    for (const kind of ['enumerate', 'pull'] as const) {
      const { host } = await faulty(t, kind, action);
      const rows = await all(host.client().enumerate('Msvm_ComputerSystem', never));
      const names = rows.map((row) => row.properties.get('Name'));
      assert.equal(names.length, VMS + 2);
      assert.equal(new Set(names).size, VMS + 2);
    }
  });
}

test('a batch whose answer was lost begins the enumeration anew: nothing is left out or given twice', async (t) => {
  const { host, kinds } = await faulty(t, 'pull', 'drop', 'after');
  const rows = await all(host.client().enumerate('Msvm_ComputerSystem', never));
  assert.equal(new Set(rows.map((row) => row.properties.get('Name'))).size, VMS + 2);
  assert.equal(rows.length, VMS + 2);
  assert.equal(kinds.filter((kind) => kind === 'enumerate').length, 2);
});

test('a call that changes something is repeated after a quota fault only: that alone proves that nothing was done', async (t) => {
  const quota = await faulty(t, 'invoke', 'quota');
  assert.equal(
    (
      await quota.host
        .client()
        .invoke({ target: service, method: 'Echo', args: {}, repeatable: false }, never)
    ).returnValue,
    4096,
  );
  assert.equal(quota.repository.calls.length, 1);
  for (const [action, code] of [
    ['unavailable', 'http.unavailable'],
    ['timeout', 'wsman.fault.timedOut'],
    ['drop', 'http.lost'],
  ] as const) {
    const { host, kinds } = await faulty(t, 'invoke', action);
    await assert.rejects(
      host.client().invoke({ target: service, method: 'Echo', args: {}, repeatable: false }, never),
      { code },
    );
    assert.deepEqual(kinds, ['invoke'], action);
  }
});

test('repeating ends with the time that a request has, and the last answer is told', async (t) => {
  const kinds: string[] = [];
  let action: WireAction = 'quota';
  const host = await smallHost(t, new SmallRepository(), {
    faults: {
      before: async ({ kind }) => {
        kinds.push(kind);
        return action;
      },
    },
  });
  const client = host.client({ timeoutSeconds: 1 });
  const begun = performance.now();
  await assert.rejects(client.get(vm, never), { code: 'wsman.fault.quota', permanent: false });
  assertInTime(performance.now() - begun, 1500);
  assert.ok(kinds.length >= 2 && kinds.length <= 4, `${kinds.length} requests`);
  action = 'unavailable';
  await assert.rejects(client.get(vm, never), (error: Error) => {
    assert.match(error.message, /503/);
    assert.doesNotMatch(error.message, /Check that WinRM listens/);
    return true;
  });
});

test('what is refused for good is not asked again', async (t) => {
  const { host, kinds } = await faulty(t, 'get', 'denied');
  await assert.rejects(host.client().get(vm, never), { code: 'wsman.fault.accessDenied' });
  assert.deepEqual(kinds, ['get']);
});

test('cancelling ends the pause before a repetition', async (t) => {
  const controller = new AbortController();
  const host = await smallHost(t, new SmallRepository(), {
    faults: { before: async () => 'unavailable' },
  });
  const waiting = host.client().get(vm, controller.signal);
  setTimeout(() => controller.abort(new Error('enough')), 100);
  const begun = performance.now();
  await assert.rejects(waiting, { message: 'enough' });
  assert.ok(performance.now() - begun < 5000);
});
