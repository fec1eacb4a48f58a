import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { BackupHost } from '../../../../src/engine/backup/host/host.ts';
import { cleanVm } from '../../../../src/engine/backup/recovery/clean.ts';
import { never } from '../../../../src/engine/base/abort.ts';
import { isEngineError } from '../../../../src/engine/base/errors.ts';
import type { Guid } from '../../../../src/engine/base/guid.ts';
import type { CimClient } from '../../../../src/engine/cim/client.ts';
import { cimInstance } from '../../../../src/engine/cim/model.ts';
import { wsmanError } from '../../../../src/engine/net/wsman/faults/wsman-errors.ts';
import {
  backup,
  hostOver,
  openTestStore,
  runDeps,
  startBackupLab,
  type BackupLab,
} from '../../../support/backup/backup-lab.ts';

const NODE = 'REFPOINT-LAB-2';

/** An object with some of its members replaced; the others keep their own `this`. */
function changed<T extends object>(target: T, changes: Partial<T>): T {
  return new Proxy(target, {
    get: (_, key) => {
      const value: unknown = Reflect.get(key in changes ? changes : target, key);
      return typeof value === 'function' ? (value as () => unknown).bind(target) : value;
    },
  });
}

/** A client of a host that lists the VM and its objects until it has moved to another node. */
function movable(
  client: CimClient,
  vmId: Guid,
  state: { moved: boolean; readonly asked: string[]; readonly owner: string },
) {
  const gone = (): Error =>
    wsmanError('wsman.fault.notFound', 'no instance has exactly these keys');
  async function* rows<T>(given: () => AsyncIterable<T>): AsyncGenerator<T> {
    if (!state.moved) yield* given();
  }
  return changed<CimClient>(client, {
    query: async function* (wql, signal) {
      if (typeof wql !== 'string') {
        const PrivateProperties = cimInstance('MSCluster_Property', { VmID: vmId.toUpperCase() });
        yield cimInstance('MSCluster_Resource', { OwnerNode: state.owner, PrivateProperties });
        return;
      }
      yield* rows(() => client.query(wql, signal));
    },
    queryWithReferences: (wql, signal) => rows(() => client.queryWithReferences(wql, signal)),
    associators: (query, signal) => rows(() => client.associators(query, signal)),
    get: (reference, signal) =>
      state.moved ? Promise.reject(gone()) : client.get(reference, signal),
    invoke: (call, signal) => {
      if (!state.moved) return client.invoke(call, signal);
      state.asked.push(call.method);
      return Promise.reject(gone());
    },
  });
}

/** A backup during which the VM moves, right after an edge. */
async function movedBackup(t: TestContext, edge: string, owner = NODE) {
  const lab = await startBackupLab(t);
  await lab.ask('add-vm', { name: 'vm', disks: [{ size: 8 * 2 ** 20 }] });
  const { id } = await lab.host.identifyVm('vm', never);
  const store = await openTestStore(lab);
  const state = { moved: false, asked: [] as string[], owner };
  const host = hostOver(movable(lab.client, id, state), lab.target);
  const onEdge = async (passed: string): Promise<void> => {
    state.moved ||= passed === edge;
  };
  const run = backup({ ...lab, host }, store, 'vm', {}, never, { onEdge });
  return { lab, store, id, run, state, old: host };
}

async function backupCheckpoints(lab: BackupLab, id: Guid): Promise<string[]> {
  const all = await lab.host.listCheckpoints(id, never);
  return all.filter(({ type }) => type === 'backup').map((each) => each.id);
}

for (const edge of ['checkpoint.recorded', 'data.written'] as const) {
  test(`a VM that moves after ${edge} ends the backup with the node that has it`, async (t) => {
    const { lab, store, id, run, state, old } = await movedBackup(t, edge);
    await assert.rejects(run, (error) => {
      assert.ok(isEngineError(error, 'host.vm.moved'), String(error));
      assert.deepEqual(error.data, { vm: id, node: NODE });
      assert.match(
        error.message,
        new RegExp(`left this host during the backup and is on ${NODE} now`),
      );
      return true;
    });
    // Not asked again for what failed, and never for a second checkpoint.
    assert.ok(state.asked.length <= 1, state.asked.join());
    assert.ok(!state.asked.includes('CreateSnapshot'));

    // The VM took its checkpoint along. The old node neither has it nor forgets it.
    const [checkpoint, ...rest] = await backupCheckpoints(lab, id);
    assert.ok(checkpoint !== undefined && rest.length === 0);
    const cleanOn = (host: BackupHost) =>
      cleanVm({ ...runDeps(lab, store), host }, id, { dryRun: false, pathMap: lab.pathMap }, never);
    await assert.rejects(cleanOn(old), { code: 'host.vm.notFound' });

    // Another host that is not a node of the cluster leaves alone what was made elsewhere.
    const other = { computerName: async () => NODE };
    await cleanOn(changed<BackupHost>(lab.host, { ...other, clusterNodes: async () => [] }));
    assert.deepEqual(await backupCheckpoints(lab, id), [checkpoint]);

    const nodes = ['REFPOINT-LAB', NODE];
    const items = await cleanOn(
      changed<BackupHost>(lab.host, { ...other, clusterNodes: async () => nodes }),
    );
    assert.deepEqual(
      items.filter(({ kind }) => kind === 'checkpoint').map((each) => each.id),
      [checkpoint],
    );
    assert.deepEqual(await backupCheckpoints(lab, id), []);
  });
}

test('a lab whose VM moves while its disks are read: the run ends, and the VM is clean once it is back', async (t) => {
  const lab = await startBackupLab(t, { settings: { cluster: 'REFPOINT-CLUSTER' } });
  await lab.ask('add-vm', { name: 'vm', disks: [{ size: 8 * 2 ** 20 }] });
  const { id } = await lab.host.identifyVm('vm', never);
  assert.equal((await lab.host.listVms(never))[0]?.node, 'REFPOINT-LAB');
  const store = await openTestStore(lab);
  const onEdge = async (edge: string): Promise<void> => {
    if (edge === 'data.written') await lab.ask('move-vm', { vm: 'vm', to: NODE });
  };
  await assert.rejects(backup(lab, store, 'vm', {}, never, { onEdge }), {
    code: 'host.vm.moved',
    message: new RegExp(`is on ${NODE} now`),
  });
  await lab.ask('move-vm', { vm: 'vm', to: null });
  const [checkpoint] = await backupCheckpoints(lab, id);
  const items = await cleanVm(
    runDeps(lab, store),
    id,
    { dryRun: false, pathMap: lab.pathMap },
    never,
  );
  assert.ok(items.some(({ kind, id: cleaned }) => kind === 'checkpoint' && cleaned === checkpoint));
  assert.deepEqual(await backupCheckpoints(lab, id), []);
});

test('a VM that the cluster reports on this host did not move, although the host does not list it', async (t) => {
  const { run } = await movedBackup(t, 'checkpoint.recorded', 'refpoint-lab');
  await assert.rejects(run, (error) => {
    assert.ok(error instanceof Error && !isEngineError(error, 'host.vm.moved'), String(error));
    return true;
  });
});

test('a failure of a VM that is still there keeps its own error', async (t) => {
  const lab = await startBackupLab(t);
  await lab.ask('add-vm', { name: 'vm', disks: [{ size: 8 * 2 ** 20 }] });
  const store = await openTestStore(lab);
  await lab.fault('job.fail', 32768, 1);
  await assert.rejects(backup(lab, store, 'vm'), { code: 'host.job.failed' });
});
