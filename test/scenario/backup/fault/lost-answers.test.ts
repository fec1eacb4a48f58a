import assert from 'node:assert/strict';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'node:test';
import type { Store } from '../../../../src/engine/backup/store/contract/store.ts';
import { never } from '../../../../src/engine/base/abort.ts';
import { EngineError } from '../../../../src/engine/base/errors.ts';
import {
  backup,
  clean,
  openTestStore,
  pattern,
  startBackupLab,
  verifyErrors,
  type BackupLab,
} from '../../../support/backup/backup-lab.ts';
import {
  assertBacksUp,
  assertTidy,
  commandLine,
  exportsOf,
  newScene,
  type Scene,
} from '../../../support/backup/killed-backup.ts';
import { startRefpoint } from '../../../support/process/command.ts';

const MIB = 2 ** 20;

/** Calls in the order of a run, and what the lab shows once it has done them. */
const CALLS = [
  { name: 'CreateSnapshot', edge: 'checkpoint.intended', checkpoints: 1, points: 2 },
  { name: 'ConvertToReferencePoint', edge: 'convert.intended', checkpoints: 0, points: 3 },
  { name: 'DestroyReferencePoint', edge: 'old.marked', checkpoints: 0, points: 2 },
] as const;

/** A VM with a full in the store, a foreign reference point, and a change since. */
async function changedScene(lab: BackupLab, store: Store): Promise<Scene> {
  const scene = await newScene(lab, store, 'busy');
  await backup(lab, store, 'busy');
  await lab.write('busy', 0, 2 * MIB, pattern(4096, 5));
  return scene;
}

for (const [last, { name }] of CALLS.entries()) {
  test(`killed between ${name} and its answer, what the host did is found and tidied up`, async (t) => {
    const lab = await startBackupLab(t);
    const store = await openTestStore(lab);
    const scene = await changedScene(lab, store);
    await lab.fault('answer.hold', 1500);
    const child = startRefpoint(commandLine(lab, store, 'busy', 'file'), { env: lab.command.env });
    const closed = once(child, 'close');
    for (const { checkpoints, points } of CALLS.slice(0, last + 1)) {
      for (;;) {
        const [vm] = await lab.ask('list', {});
        if (vm?.checkpoints.length === checkpoints && vm.referencePoints.length === points) break;
        assert.equal(child.exitCode, null, 'the command is still at it');
        await sleep(10);
      }
    }
    child.kill('SIGKILL');
    await closed;
    await lab.clearFaults();
    assert.deepEqual(await verifyErrors(store, scene.vmId), []);
    await clean(lab, store, scene.vmId);
    await assertTidy(scene, `after a kill during ${name}`);
    await assertBacksUp(scene, 'file', `after a kill during ${name}`);
  });
}

test('killed between ExportSystemDefinition and its answer, the export and the checkpoint go', async (t) => {
  const lab = await startBackupLab(t);
  const store = await openTestStore(lab);
  const scene = await changedScene(lab, store);
  await lab.fault('answer.hold', 1500);
  const child = startRefpoint(commandLine(lab, store, 'busy', 'export'), { env: lab.command.env });
  const closed = once(child, 'close');
  while ((await exportsOf(lab, scene.vmId)).length === 0) {
    assert.equal(child.exitCode, null, 'the command is still at it');
    await sleep(10);
  }
  child.kill('SIGKILL');
  await closed;
  await lab.clearFaults();
  assert.deepEqual(await verifyErrors(store, scene.vmId), []);
  await clean(lab, store, scene.vmId);
  await assertTidy(scene, 'after a kill during an export');
  await assertBacksUp(scene, 'export', 'after a kill during an export');
});

for (const { name, edge } of CALLS) {
  for (const [fault, slow] of [
    ['connection.after', 0],
    ['connection.after', 700],
    ['connection.before', 0],
  ] as const) {
    const how = fault === 'connection.before' ? 'request' : slow > 0 ? 'slow answer' : 'answer';
    test(`a lost ${how} of ${name} leaves nothing behind`, async (t) => {
      const lab = await startBackupLab(t);
      const store = await openTestStore(lab);
      const scene = await changedScene(lab, store);
      const onEdge = async (passed: string): Promise<void> => {
        if (passed !== edge) return;
        if (slow > 0) await lab.fault('job.slow', slow);
        await lab.fault(fault, undefined, 1);
      };
      const run = backup(lab, store, 'busy', {}, never, { onEdge });
      await run.catch((error: unknown) => {
        if (!(error instanceof EngineError)) throw error;
        // The checkpoint is gone because the call was carried out: that is not what went wrong.
        assert.equal(error.code, 'http.lost');
      });
      await lab.clearFaults();
      assert.deepEqual(await verifyErrors(store, scene.vmId), []);
      // What a run could not finish after its commit is the next one's.
      if (edge === 'old.marked') await clean(lab, store, scene.vmId);
      await assertTidy(scene, `after a lost ${how} of ${name}`);
      await assertBacksUp(scene, 'file', `after a lost ${how} of ${name}`);
    });
  }
}

for (const fault of ['vmms.stopped', 'rights.missing', 'vm.moved']) {
  test(`${fault} while a reference point is destroyed: an empty list does not prove that it is gone`, async (t) => {
    const lab = await startBackupLab(t);
    const store = await openTestStore(lab);
    const scene = await changedScene(lab, store);
    const onEdge = async (passed: string): Promise<void> => {
      if (passed === 'old.marked') await lab.fault(fault);
    };
    const options = { mergeWaitSeconds: 1 };
    const { unfinished } = await backup(lab, store, 'busy', options, never, { onEdge });
    assert.ok(unfinished.length > 0, 'the run tells that something is left');
    await lab.clearFaults();
    await lab.ask('move-vm', { vm: 'busy', to: null });
    await clean(lab, store, scene.vmId);
    await assertTidy(scene, `after ${fault}`);
  });
}
