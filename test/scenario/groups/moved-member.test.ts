import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { runBackup, type BackupResult } from '../../../src/engine/backup/run/run-backup.ts';
import type { Edge } from '../../../src/engine/backup/context/edges.ts';
import { never } from '../../../src/engine/base/abort.ts';
import { parseGuid } from '../../../src/engine/base/guid.ts';
import {
  backupOptions,
  openTestStore,
  runDeps,
  startBackupLab,
  verifyErrors,
} from '../../support/backup/backup-lab.ts';

const NODE = 'REFPOINT-LAB-2';
/** Code of the run's error by the edge at which a member moves; null: complete, with an old reference point left. */
const EDGES: Partial<Record<Edge, string | null>> = {
  'checkpoint.intended': 'host.vm.moved',
  'convert.intended': 'host.vm.moved',
  'old.marked': null,
};

test('a member that moves to another node strands nothing: once it is back, the group is backed up and clean', async (t) => {
  const lab = await startBackupLab(t, { settings: { cluster: 'REFPOINT-CLUSTER' } });
  for (const name of ['a', 'b']) {
    await lab.ask('add-vm', { name, disks: [{ size: 4 * 2 ** 20 }] });
  }
  const members = await lab.ask('list', {});
  const group = await lab.ask('group-create', { name: 'cluster', members: ['a', 'b'] });
  const store = await openTestStore(lab);
  const backUp = async (moveAt?: string): Promise<BackupResult> => {
    const host = await lab.host.groups.hostOf('cluster', never);
    const onEdge = async (edge: string): Promise<void> => {
      if (edge === moveAt) await lab.ask('move-vm', { vm: 'b', to: NODE });
    };
    const deps = runDeps(lab, store, { host, onEdge });
    return runBackup(deps, host.group.id, backupOptions(lab, {}), randomUUID(), never);
  };
  await backUp();
  for (const [edge, code] of Object.entries(EDGES)) {
    if (code === null) assert.equal((await backUp(edge)).unfinished.length, 1, edge);
    else {
      await assert.rejects(backUp(edge), (error: Error & { code?: string; data?: unknown }) => {
        assert.equal(error.code, code, `${edge}: ${error.message}`);
        const moved = members.find(({ name }) => name === 'b');
        assert.deepEqual(error.data, { vm: moved?.id, node: NODE }, edge);
        return true;
      });
    }
    await lab.ask('move-vm', { vm: 'b', to: null });
    const { manifest, unfinished } = await backUp();
    assert.equal(manifest.kind, 'incr', edge);
    assert.deepEqual(unfinished, [], edge);
    for (const vm of await lab.ask('list', {})) {
      assert.deepEqual(vm.checkpoints, [], `${edge}: ${vm.name}`);
      assert.equal(vm.referencePoints.length, 1, `${edge}: ${vm.name}`);
    }
  }
  assert.deepEqual(await verifyErrors(store, parseGuid(group.id)), []);
});
