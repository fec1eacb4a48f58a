import assert from 'node:assert/strict';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'node:test';
import { storeLedger, userLedger } from '../../../../src/engine/backup/ledger/ledger-file.ts';
import { noLog } from '../../../../src/engine/base/log.ts';
import { never } from '../../../../src/engine/base/abort.ts';
import type { Guid } from '../../../../src/engine/base/guid.ts';
import {
  createOwnPoint,
  removePointByName,
} from '../../../../src/engine/hosts/by-hand/hand-made-points.ts';
import { ledgerOfStore } from '../../../../src/engine/hosts/by-hand/known-ledger.ts';
import {
  backup,
  openTestStore,
  startBackupLab,
  type BackupLab,
} from '../../../support/backup/backup-lab.ts';
import { refpointJson, startRefpoint } from '../../../support/process/command.ts';

const MIB = 2 ** 20;

interface Cleaned {
  readonly items: readonly { readonly kind: string; readonly id: string }[];
}

interface Point {
  readonly id: string;
  readonly owner: string;
}

/** Runs the command with this test's own folder for the user's ledger. */
function environment(lab: BackupLab): { env: Record<string, string> } {
  return { env: { ...lab.command.env, REFPOINT_HOME: lab.folder } };
}

/** Kills `refpoint ARGS` once the lab shows what its call made, before the answer arrives. */
async function killedDuring(
  lab: BackupLab,
  args: readonly string[],
  made: { readonly checkpoints: number; readonly points: number },
): Promise<void> {
  await lab.fault('answer.hold', 60_000);
  const hostOptions = lab.command.options.slice(0, 4);
  const child = startRefpoint([...args, ...hostOptions], environment(lab));
  const closed = once(child, 'close');
  for (;;) {
    const [vm] = await lab.ask('list', {});
    if (vm?.checkpoints.length === made.checkpoints && vm.referencePoints.length === made.points)
      break;
    assert.equal(child.exitCode, null, 'the command is still at it');
    await sleep(10);
  }
  child.kill('SIGKILL');
  await closed;
  await lab.clearFaults();
}

test('killed while it exports, the checkpoint is found and destroyed by clean without a store', async (t) => {
  const lab = await startBackupLab(t);
  await lab.ask('add-vm', { name: 'vm', disks: [{ size: 4 * MIB }] });
  const foreign = await lab.ask('reference-point-create', { vm: 'vm', consistency: 'crash' });
  await killedDuring(lab, ['export', 'vm', '--to', `${lab.exportDirectory}\\one`], {
    checkpoints: 1,
    points: 1,
  });
  const clean = ['clean', 'vm', ...lab.command.options];
  const planned = await refpointJson<Cleaned>([...clean, '--dry-run'], environment(lab));
  assert.deepEqual(
    planned.items.map(({ kind }) => kind),
    ['checkpoint'],
  );
  assert.equal(
    (await lab.host.findVm('vm', never)).checkpoints.length,
    1,
    'a dry run does nothing',
  );
  const cleaned = await refpointJson<Cleaned>(clean, environment(lab));
  assert.deepEqual(cleaned.items, planned.items);
  const vm = await lab.host.findVm('vm', never);
  assert.deepEqual(vm.checkpoints, []);
  assert.deepEqual(
    vm.referencePoints.map(({ id }) => id),
    [foreign.id],
  );
  assert.deepEqual((await refpointJson<Cleaned>(clean, environment(lab))).items, []);
});

const LIST = (lab: BackupLab): string[] => [
  ...['point', 'list', 'vm'],
  ...lab.command.options.slice(0, 4),
];

test('killed before the host answers, a point that may be another product’s is reported and left alone', async (t) => {
  const lab = await startBackupLab(t);
  await lab.ask('add-vm', { name: 'vm', disks: [{ size: 4 * MIB }] });
  await killedDuring(lab, ['point', 'create', 'vm'], { checkpoints: 0, points: 1 });
  const before = await refpointJson<Point[]>(LIST(lab), environment(lab));
  const clean = ['clean', 'vm', ...lab.command.options];
  const { items } = await refpointJson<Cleaned>(clean, environment(lab));
  assert.deepEqual(
    items.map(({ kind }) => kind),
    ['unclear'],
  );
  assert.deepEqual(await refpointJson<Point[]>(LIST(lab), environment(lab)), before);
  assert.deepEqual(
    before.map(({ owner }) => owner),
    ['foreign'],
  );
});

test('killed while the host makes a point, clean finds it by its job and makes it known as ours', async (t) => {
  const lab = await startBackupLab(t);
  const { id } = await lab.ask('add-vm', { name: 'vm', disks: [{ size: 4 * MIB }] });
  await lab.fault('job.slow', 700, 1);
  const hostOptions = lab.command.options.slice(0, 4);
  const child = startRefpoint(['point', 'create', 'vm', ...hostOptions], environment(lab));
  const closed = once(child, 'close');
  const ledger = userLedger(lab.folder, id as Guid);
  for (;;) {
    const job = (await ledger.load(never)).intents[0]?.job ?? null;
    if (job !== null) break;
    assert.equal(child.exitCode, null, 'the command is still at it');
    await sleep(5);
  }
  child.kill('SIGKILL');
  await closed;
  await lab.ask('reference-point-create', { vm: 'vm', consistency: 'crash' });
  await refpointJson(['clean', 'vm', ...lab.command.options], environment(lab));
  const after = await refpointJson<Point[]>(LIST(lab), environment(lab));
  assert.deepEqual(after.map(({ owner }) => owner).sort(), ['foreign', 'ours']);
});

test('the ledger of a store is not changed by hand while a backup holds it', async (t) => {
  const lab = await startBackupLab(t);
  const made = await lab.ask('add-vm', { name: 'vm', disks: [{ size: 4 * MIB }] });
  const store = await openTestStore(lab);
  const vmId = made.id as Guid;
  const ledger = ledgerOfStore(store, vmId);
  const point = await createOwnPoint(lab.host, await vmOf(lab), ledger, 'crash', noLog, never);
  let tried = 0;
  const { manifest } = await backup(lab, store, 'vm', {}, never, {
    onEdge: async (edge) => {
      if (edge !== 'data.written') return;
      const vm = await vmOf(lab);
      for (const attempt of [
        () => createOwnPoint(lab.host, vm, ledger, 'crash', noLog, never),
        () => removePointByName(lab.host, vm, point.id, [ledger], false, never),
      ]) {
        await assert.rejects(attempt, { code: 'lease.held' });
        tried++;
      }
    },
  });
  assert.equal(tried, 2);
  const known = await storeLedger(store, vmId).load(never);
  assert.deepEqual(
    known.referencePoints.map(({ id, state }) => [id, state]),
    [
      [point.id, 'current'],
      [manifest.referencePoint?.id, 'current'],
    ],
  );
  await removePointByName(lab.host, await vmOf(lab), point.id, [ledger], false, never);
  const left = (await vmOf(lab)).referencePoints.map(({ id }) => id);
  assert.deepEqual(left, [manifest.referencePoint?.id], 'that of the backup is untouched');
});

test('a point by hand that fails leaves the reference points of the backups of its store alone', async (t) => {
  const lab = await startBackupLab(t);
  const made = await lab.ask('add-vm', { name: 'vm', disks: [{ size: 4 * MIB }] });
  const store = await openTestStore(lab);
  const { manifest } = await backup(lab, store, 'vm');
  await lab.fault('job.fail', undefined, 1);
  const ledger = ledgerOfStore(store, made.id as Guid);
  await assert.rejects(createOwnPoint(lab.host, await vmOf(lab), ledger, 'crash', noLog, never), {
    code: 'host.job.failed',
  });
  const vm = await vmOf(lab);
  assert.deepEqual(
    vm.referencePoints.map(({ id }) => id),
    [manifest.referencePoint?.id],
  );
  assert.deepEqual((await ledger.load(never)).intents, []);
  assert.equal((await backup(lab, store, 'vm')).manifest.kind, 'incr');
});

const vmOf = (lab: BackupLab) => lab.host.findVm('vm', never);
