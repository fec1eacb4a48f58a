import assert from 'node:assert/strict';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { requests } from '../../../src/engine/api/methods.ts';
import { storedJobs } from '../../../src/engine/jobs/store/stored-jobs.ts';
import { listPoints } from '../../../src/engine/backup/points/catalog.ts';
import { delay, never } from '../../../src/engine/base/abort.ts';
import { noLog } from '../../../src/engine/base/log.ts';
import { runJob } from '../../../src/engine/jobs/run/run-job.ts';
import {
  openTestStore,
  pattern,
  restoredHashes,
  startBackupLab,
  verifyErrors,
  type BackupLab,
} from '../../support/backup/backup-lab.ts';
import { startEngine } from '../../support/process/engine-process.ts';
import {
  backupSpec,
  homeOf,
  jobInput,
  startJob,
  untilJob,
} from '../../support/process/job-process.ts';
import { refusal } from '../../support/host/refusal.ts';
import { smallDisk, type SmallDisk } from '../../support/disk/small-disk.ts';

const MIB = 2 ** 20;

async function withSmallDisk(
  t: TestContext,
  bytes: number,
): Promise<{ readonly lab: BackupLab; readonly disk: SmallDisk } | undefined> {
  const disk = await smallDisk(t, bytes);
  if (disk === undefined) {
    t.skip('a small file system cannot be mounted here');
    return undefined;
  }
  const lab = await startBackupLab(t);
  await lab.ask('add-vm', { name: 'vm', disks: [{ size: 32 * MIB }] });
  for (let at = 0; at < 16; at += 4) await lab.write('vm', 0, at * MIB, pattern(4 * MIB, at + 1));
  return { lab, disk };
}

test('a store without room for the backup refuses it before anything is made', async (t) => {
  const small = await withSmallDisk(t, 12 * MIB);
  if (small === undefined) return;
  const { lab, disk } = small;
  const { location } = await openTestStore({ ...lab, folder: disk.path });
  const job = startJob(lab, backupSpec(lab, location));
  assert.equal(await job.closed, 3, job.errors());
  const failed = await untilJob(lab, job.id, 'failed');
  assert.equal(failed.error?.code, 'store.space');
  assert.match(failed.error.message, /has [\d.]+ MiB free; this disk needs up to [\d.]+ MiB/);
  const vm = await lab.host.findVm('vm', never);
  assert.deepEqual([vm.checkpoints, vm.referencePoints], [[], []]);
});

test('a store that fills up in the middle of a backup loses nothing, and the next run works', async (t) => {
  const small = await withSmallDisk(t, 96 * MIB);
  if (small === undefined) return;
  const { lab, disk } = small;
  const store = await openTestStore({ ...lab, folder: disk.path });
  const input = jobInput(lab, backupSpec(lab, store.location));
  let filled = false;
  const progress = {
    phase: () => undefined,
    advance: () => {
      if (!filled) disk.fill();
      filled = true;
    },
    note: () => undefined,
  };
  const terminal = { log: noLog, progress, mayMakeStore: false };
  await assert.rejects(runJob(input, homeOf(lab), { terminal }, never), (error: unknown) => {
    const { code, userFixable, message } = error as {
      code: string;
      userFixable: boolean;
      message: string;
    };
    assert.deepEqual([code, userFixable], ['source.full', true]);
    assert.match(message, /there is no space left/);
    return true;
  });
  assert.ok(filled);
  disk.free();
  const vm = await lab.host.findVm('vm', never);
  assert.deepEqual([vm.checkpoints, vm.referencePoints], [[], []]);
  assert.deepEqual(await listPoints(store, vm.id, never), []);
  const again = startJob(lab, backupSpec(lab, store.location));
  assert.equal(await again.closed, 0, again.errors());
  assert.deepEqual(await verifyErrors(store, vm.id), []);
  const point = (await untilJob(lab, again.id, 'done')).result?.point ?? '';
  assert.equal((await restoredHashes(lab, store, vm.id, point))[0], await lab.guestHash('vm', 0));
});

test('where a job’s own state cannot be written, it does not start; where only its end cannot, it is written once there is room', async (t) => {
  const small = await withSmallDisk(t, 4 * MIB);
  if (small === undefined) return;
  const { lab, disk } = small;
  const store = await openTestStore(lab);
  const home = join(disk.path, 'home');
  const inFull = { ...lab, folder: disk.path };
  disk.fill();
  const refused = startJob(inFull, backupSpec(lab, store.location));
  assert.equal(await refused.closed, 3);
  assert.match(refused.errors(), /no space left.*\n\(source\.full\)/s);
  disk.free();
  const input = jobInput(lab, backupSpec(lab, store.location));
  const onEdge = async (edge: string): Promise<void> => {
    if (edge === 'committed') disk.fill();
  };
  const running = runJob(input, home, { onEdge }, never);
  const { id } = await lab.host.findVm('vm', never);
  while ((await storedJobs(store, id, never))[0]?.state !== 'done') await delay(20, never);
  disk.free();
  assert.match((await running)?.result.point ?? '', /-full$/);
  const done = await untilJob(inFull, input.id, ({ state }) => state !== 'running');
  assert.equal(done.state, 'done');
});

test('a CSV that does not fit is told of, and no part of it stays', async (t) => {
  const small = await withSmallDisk(t, 4 * MIB);
  if (small === undefined) return;
  const { lab, disk } = small;
  const engine = await startEngine(t, { home: homeOf(lab) });
  const path = join(lab.folder, 'in.csv');
  const rows = Array.from({ length: 400_000 }, (_, i) => `${i * 8192},4096`);
  await writeFile(path, `start,length\n${rows.join('\n')}\n`);
  const reference = { kind: 'csv', path, virtualSize: null } as const;
  const opening = { reference, target: null, keepIn: lab.folder, progressToken: 'p' };
  const { mapId } = await engine.request(requests.openMap, opening);
  const out = join(disk.path, 'out');
  await mkdir(out);
  const params = { mapId, frame: -1, path: join(out, 'ranges.csv'), progressToken: 'p' };
  const error = await refusal(engine, requests.mapCsv, params, 30_000);
  assert.deepEqual([error.code, error.permanent, error.userFixable], ['source.full', false, true]);
  assert.ok(error.message.includes(join(out, 'ranges.csv')), error.message);
  assert.deepEqual(await readdir(out), []);
});
