import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { storeLedger } from '../../../../src/engine/backup/ledger/ledger-file.ts';
import type { Store } from '../../../../src/engine/backup/store/contract/store.ts';
import { never } from '../../../../src/engine/base/abort.ts';
import type { Guid } from '../../../../src/engine/base/guid.ts';
import { createBackupCheckpoint } from '../../../../src/engine/hyperv/checkpoints/checkpoints.ts';
import {
  backup,
  clean,
  openTestStore,
  pattern,
  startBackupLab,
  type BackupLab,
} from '../../../support/backup/backup-lab.ts';
import { startRefpoint } from '../../../support/process/command.ts';

const MIB = 2 ** 20;

async function addVm(lab: BackupLab, name: string): Promise<Guid> {
  const { id } = await lab.ask('add-vm', { name, disks: [{ size: 4 * MIB }] });
  await lab.write(name, 0, MIB, pattern(MIB, 1));
  return id as Guid;
}

/** What another product does over the same WMI: a backup checkpoint that it reads for an hour. */
async function foreignCheckpoint(lab: BackupLab, vmId: Guid): Promise<string> {
  const settings = { consistency: 'crash', guestBackup: 'copy', guestBackupType: true } as const;
  return (await createBackupCheckpoint(lab.client, vmId, settings, never)).checkpoint.id;
}

const checkpointsOf = async (lab: BackupLab, vmId: Guid): Promise<string[]> =>
  (await lab.host.listCheckpoints(vmId, never)).map(({ id }) => id);

async function killedAt(lab: BackupLab, store: Store, vm: string, edge: string): Promise<void> {
  const child = startRefpoint(
    ['backup', vm, '--store', store.location, '--consistency', 'crash', ...lab.command.options],
    { env: { ...lab.command.env, REFPOINT_KILL_AT: edge } },
  );
  await once(child, 'close');
}

test('another product’s checkpoint that appears during a call that fails is left alone', async (t) => {
  const lab = await startBackupLab(t);
  const store = await openTestStore(lab);
  const vmId = await addVm(lab, 'vm');
  let foreign = '';
  const onEdge = async (edge: string): Promise<void> => {
    if (edge !== 'checkpoint.intended') return;
    foreign = await foreignCheckpoint(lab, vmId);
    await lab.fault('job.fail', undefined, 1);
  };
  await assert.rejects(backup(lab, store, 'vm', {}, never, { onEdge }), {
    code: 'host.job.failed',
  });
  assert.deepEqual(await checkpointsOf(lab, vmId), [foreign]);
  assert.deepEqual((await storeLedger(store, vmId).load(never)).intents, []);
  assert.deepEqual(await clean(lab, store, vmId), []);
  assert.deepEqual(await checkpointsOf(lab, vmId), [foreign]);
});

test('a run that waits for a busy host, and is cancelled, leaves the checkpoint of another run of ours alone', async (t) => {
  const lab = await startBackupLab(t);
  const [first, second] = [await openTestStore(lab, 'first'), await openTestStore(lab, 'second')];
  const vmId = await addVm(lab, 'vm');
  const cancel = new AbortController();
  let finish = (): void => undefined;
  const held = new Promise<void>((resolve) => (finish = resolve));
  let running: ReturnType<typeof backup> | undefined;
  const onEdge = async (edge: string): Promise<void> => {
    if (edge !== 'checkpoint.intended') return;
    // A second run that fails early fails the test, instead of being waited for.
    await new Promise<void>((recorded, failed) => {
      running = backup(lab, second, 'vm', {}, never, {
        onEdge: async (passed) => {
          if (passed !== 'checkpoint.recorded') return;
          recorded();
          await held;
        },
      });
      running.catch(failed);
    });
    setTimeout(() => cancel.abort(), 400);
  };
  await assert.rejects(backup(lab, first, 'vm', {}, cancel.signal, { onEdge }));
  assert.deepEqual(await clean(lab, first, vmId), []);
  assert.equal((await checkpointsOf(lab, vmId)).length, 1, 'the other run still reads it');
  finish();
  assert.equal((await running)?.manifest.kind, 'full');
  assert.deepEqual(await checkpointsOf(lab, vmId), []);
});

test('clean after a kill before the host was asked touches nothing of another product', async (t) => {
  const lab = await startBackupLab(t);
  const store = await openTestStore(lab);
  const early = await addVm(lab, 'early');
  await killedAt(lab, store, 'early', 'checkpoint.intended');
  const foreign = await foreignCheckpoint(lab, early);
  const items = await clean(lab, store, early);
  assert.deepEqual(
    items.map(({ kind }) => kind),
    ['point'],
  );
  assert.deepEqual(await checkpointsOf(lab, early), [foreign]);

  const late = await addVm(lab, 'late');
  await killedAt(lab, store, 'late', 'convert.intended');
  // An administrator removes the stale checkpoint by hand, and the other product goes on.
  for (const id of await checkpointsOf(lab, late)) await lab.host.destroyCheckpoint(id, never);
  await lab.host.waitForMerge(late, { seconds: 60 }, never);
  const { id } = await lab.ask('reference-point-create', { vm: 'late', consistency: 'crash' });
  await clean(lab, store, late);
  const left = await lab.host.listReferencePoints(late, never);
  assert.deepEqual(
    left.map((each) => each.id),
    [id],
  );
});

test('a checkpoint that appeared long after an interrupted call is reported and left alone', async (t) => {
  const lab = await startBackupLab(t);
  const store = await openTestStore(lab);
  const vmId = await addVm(lab, 'vm');
  const foreign = await foreignCheckpoint(lab, vmId);
  const ledger = storeLedger(store, vmId);
  const hourAgo = new Date(Date.now() - 3_600_000).toISOString();
  const intent = {
    id: 'i1',
    kind: 'checkpoint',
    time: hourAgo,
    asked: hourAgo,
    host: lab.host.url,
    computerName: await lab.host.computerName(never),
    pointId: null,
    existing: [],
    consistency: 'crash',
    checkpointId: null,
    directory: null,
    job: null,
    disks: [],
  } as const;
  const before = await ledger.load(never);
  await ledger.save({ ...before, intents: [intent] }, never);
  const items = await clean(lab, store, vmId);
  assert.deepEqual(
    items.map(({ kind, id }) => [kind, id]),
    [['unclear', foreign]],
  );
  assert.deepEqual(await checkpointsOf(lab, vmId), [foreign]);
  assert.deepEqual((await ledger.load(never)).intents, [], 'it is decided');
});
