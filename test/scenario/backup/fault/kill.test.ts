import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'node:test';
import { EDGES } from '../../../../src/engine/backup/context/edges.ts';
import { listPoints } from '../../../../src/engine/backup/points/catalog.ts';
import type { Store } from '../../../../src/engine/backup/store/contract/store.ts';
import { never } from '../../../../src/engine/base/abort.ts';
import { EngineError } from '../../../../src/engine/base/errors.ts';
import type { Guid } from '../../../../src/engine/base/guid.ts';
import {
  backup,
  clean,
  openTestStore,
  pattern,
  restoredHashes,
  startBackupLab,
  verifyErrors,
  type BackupLab,
} from '../../../support/backup/backup-lab.ts';
import { startRefpoint } from '../../../support/process/command.ts';

const MIB = 2 ** 20;

type Method = 'file' | 'export';

/** The bundled command, which ends at `edge` as if the machine had lost power. */
async function killedBackup(
  lab: BackupLab,
  store: Store,
  vm: string,
  edge: string,
  method: Method,
): Promise<void> {
  const child = startRefpoint(commandLine(lab, store, vm, method), {
    env: { ...lab.command.env, REFPOINT_KILL_AT: edge },
  });
  let errors = '';
  child.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const [status] = (await once(child, 'close')) as [number | null];
  assert.notEqual(status, 0, `the command should not have lived beyond ${edge}`);
  assert.equal(errors, '', `killed at ${edge}`);
}

function commandLine(lab: BackupLab, store: Store, vm: string, method: Method): string[] {
  const exported = method === 'export' ? ['--export-dir', lab.exportDirectory] : [];
  return ['backup', vm, '--store', store.location, '--method', method, '--consistency', 'crash']
    .concat(exported)
    .concat(lab.command.options);
}

interface Scene {
  readonly lab: BackupLab;
  readonly store: Store;
  readonly vm: string;
  readonly vmId: Guid;
  readonly foreign: string;
}

async function newScene(lab: BackupLab, store: Store, vm: string): Promise<Scene> {
  const made = await lab.ask('add-vm', { name: vm, disks: [{ size: 4 * MIB }] });
  await lab.write(vm, 0, MIB - 512, pattern(9216, vm.length));
  const consistency = 'crash';
  const { id: foreign } = await lab.ask('reference-point-create', { vm, consistency });
  return { lab, store, vm, vmId: made.id as Guid, foreign };
}

/** What must hold after `clean`, or after the next run, whatever happened before. */
async function assertTidy(scene: Scene, when: string): Promise<void> {
  const { lab, store, vm, vmId, foreign } = scene;
  const found = await lab.host.findVm(vm, never);
  assert.deepEqual(found.checkpoints, [], `${when}: no checkpoint is left`);
  const ids = found.referencePoints.map((each) => each.id);
  assert.ok(ids.includes(foreign), `${when}: the foreign reference point is untouched`);
  assert.ok(ids.length <= 2, `${when}: at most one reference point of ours: ${ids.join(' ')}`);
  const points = await listPoints(store, vmId, never);
  assert.deepEqual(
    points.filter((point) => point.state !== 'complete'),
    [],
    `${when}: no partial point`,
  );
  assert.deepEqual(await exports(lab, vmId), [], `${when}: no export is left on the host`);
  assert.deepEqual(await store.leftovers(vmId, never), [], `${when}: no temporary file`);
  const ledger = JSON.parse(
    (await readFile(join(store.location, vmId, 'ledger.json'), 'utf8').catch(() => '')) ||
      '{"intents":[],"checkpoints":[]}',
  ) as { intents: unknown[]; checkpoints: unknown[] };
  assert.deepEqual(ledger.intents, [], `${when}: no open intent`);
  assert.deepEqual(ledger.checkpoints, [], `${when}: no checkpoint in the ledger`);
}

async function exports(lab: BackupLab, vmId: Guid): Promise<string[]> {
  const [root] = lab.pathMap;
  const names = await readdir(join(root?.local ?? '', 'Exports')).catch(() => []);
  return names.filter((name) => name.toLowerCase().startsWith(vmId));
}

async function assertBacksUp(scene: Scene, method: Method, when: string): Promise<void> {
  const { lab, store, vm, vmId } = scene;
  const hash = await lab.guestHash(vm, 0);
  const { manifest } = await backup(lab, store, vm, { method });
  const restored = await restoredHashes(lab, store, vmId, manifest.id);
  assert.equal(restored[0], hash, `${when}: the next point restores equal`);
  assert.deepEqual(await verifyErrors(store, vmId), [], `${when}: every point verifies`);
}

const EXPORT_EDGES = ['export.intended', 'exported', 'staging.removed'] as const;
const CASES = [
  ...EDGES.filter((edge) => edge !== 'export.intended' && edge !== 'exported').map(
    (edge) => ({ edge, method: 'file' }) as const,
  ),
  ...EXPORT_EDGES.map((edge) => ({ edge, method: 'export' }) as const),
];

test('killed at any edge of a full or an increment, the store verifies and everything is tidied up', async (t) => {
  const lab = await startBackupLab(t);
  const store = await openTestStore(lab);
  for (const { edge, method } of CASES) {
    await t.test(`${edge} (${method})`, async () => {
      const scene = await newScene(lab, store, `vm-${edge}-${method}`);
      await killedBackup(lab, store, scene.vm, edge, method);
      assert.deepEqual(await verifyErrors(store, scene.vmId), []);
      await clean(lab, store, scene.vmId);
      await assertTidy(scene, 'cleaned after a killed full');
      await assertBacksUp(scene, method, 'after a killed full');

      await lab.write(scene.vm, 0, 2 * MIB + 512, pattern(70_656, 7));
      await killedBackup(lab, store, scene.vm, edge, method);
      assert.deepEqual(await verifyErrors(store, scene.vmId), []);
      await lab.write(scene.vm, 0, 3 * MIB, pattern(512, 8));
      await assertBacksUp(scene, method, 'after a killed increment');
      await assertTidy(scene, 'after the run that followed a killed increment');
    });
  }
});

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
  while ((await exports(lab, scene.vmId)).length === 0) {
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
