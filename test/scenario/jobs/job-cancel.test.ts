import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { BackupOptions } from '../../../src/engine/api/backup.ts';
import type { JobInfo, JobSpec } from '../../../src/engine/api/jobs.ts';
import type { Edge } from '../../../src/engine/backup/context/edges.ts';
import { userLedger } from '../../../src/engine/backup/ledger/ledger-file.ts';
import { listPoints } from '../../../src/engine/backup/points/catalog.ts';
import type { Store } from '../../../src/engine/backup/store/contract/store.ts';
import { delay, never } from '../../../src/engine/base/abort.ts';
import type { Guid } from '../../../src/engine/base/guid.ts';
import { JobFolder } from '../../../src/engine/jobs/folder/job-folder.ts';
import { runJob } from '../../../src/engine/jobs/run/run-job.ts';
import {
  backup,
  backupOptions,
  openTestStore,
  pattern,
  restoredHashes,
  startBackupLab,
  verifyErrors,
  type BackupLab,
} from '../../support/backup/backup-lab.ts';
import { ALL_CASES } from '../../support/process/all-cases.ts';
import {
  askToCancel,
  homeOf,
  jobInput,
  startJob,
  untilJob,
} from '../../support/process/job-process.ts';

const MIB = 2 ** 20;

/** Runs a job that is asked to stop when it passes `at`, and goes on once it has heard of it. */
async function cancelledAt(
  lab: BackupLab,
  spec: JobSpec,
  at: Edge | undefined,
): Promise<{ readonly job: JobInfo; readonly passed: readonly Edge[] }> {
  const input = jobInput(lab, spec);
  const folder = new JobFolder(homeOf(lab), input.id);
  const passed: Edge[] = [];
  const onEdge = async (edge: Edge): Promise<void> => {
    passed.push(edge);
    if (edge !== at) return;
    await folder.askToCancel();
    while ((await folder.readState())?.stopping !== true) await delay(20, never);
  };
  await runJob(input, homeOf(lab), { onEdge }, never);
  const job = await untilJob(lab, input.id, ({ state }) => state !== 'running');
  return { job, passed };
}

/** Nothing is on the host that no committed point needs, and the store holds only whole points. */
async function assertTidy(lab: BackupLab, store: Store, vmId: Guid, when: string): Promise<void> {
  const vm = await lab.host.findVm(vmId, never);
  assert.deepEqual(vm.checkpoints, [], when);
  const points = await listPoints(store, vmId, never);
  assert.ok(
    points.every(({ state }) => state === 'complete'),
    when,
  );
  const newest = points.findLast((point) => point.state === 'complete');
  const needed = newest?.manifest.referencePoint?.id;
  const found = vm.referencePoints.map(({ id }) => id);
  assert.deepEqual(found, needed === undefined ? [] : [needed], when);
  assert.deepEqual(await verifyErrors(store, vmId, true), [], when);
}

/** Edges of exports alone: a run that reads exports is cancelled at each. */
const OF_EXPORTS: readonly Edge[] = ['export.intended', 'exported', 'staging.removed'];

/** @param every N: the run is cancelled at one of N edges. With REFPOINT_ALL_CASES=1, at all of them */
async function cancelEverywhere(
  t: TestContext,
  change: Partial<BackupOptions>,
  every: number,
): Promise<void> {
  const lab = await startBackupLab(t);
  const add = async (name: string): Promise<Guid> => {
    const { id } = await lab.ask('add-vm', { name, disks: [{ size: 8 * MIB }] });
    await lab.write(name, 0, MIB, pattern(65_536, 1));
    return id as Guid;
  };
  const vmId = await add('vm');
  await add('probe');
  const store = await openTestStore(lab);
  const options = backupOptions(lab, change);
  const spec = (vm: string): JobSpec => ({
    kind: 'backup',
    host: lab.target.url,
    vm,
    store: store.location,
    options,
  });
  let cancelled = 0;
  for (const kind of ['full', 'incr'] as const) {
    const { passed, job: whole } = await cancelledAt(lab, spec('probe'), undefined);
    assert.match(whole.result?.point ?? '', kind === 'full' ? /-full$/ : /-incr$/);
    const commit = passed.indexOf('committed');
    assert.ok(commit >= 8);
    for (const [i, edge] of passed.entries()) {
      // Before it, nothing is begun; after it, the run is over.
      if (edge === 'preflight' || edge === 'merged') continue;
      // The first point that is committed ends the fulls.
      if (kind === 'full' && i > commit) break;
      const isChosen = i % every === 0 || i === commit || OF_EXPORTS.includes(edge);
      if (!ALL_CASES && !isChosen) continue;
      const when = `${kind}, cancelled at ${edge}`;
      await lab.write('vm', 0, 2 * MIB, pattern(4096, i + 2));
      const { job } = await cancelledAt(lab, spec('vm'), edge);
      cancelled++;
      assert.equal(job.error, null, when);
      if (i < commit) assert.equal(job.state, 'cancelled', when);
      else {
        // The point is there, and that is said; what it replaces may be left to the next run.
        assert.equal(job.state, 'done', when);
        assert.match(job.result?.point ?? '', /-(full|incr)$/, when);
        const next = await cancelledAt(lab, spec('vm'), undefined);
        assert.equal(next.job.state, 'done', when);
      }
      await assertTidy(lab, store, vmId, when);
    }
  }
  t.diagnostic(`${options.method}: cancelled at ${cancelled} edges, nothing was left`);
  assert.ok(cancelled >= (ALL_CASES ? 25 : 25 / every), `${cancelled} edges`);
  const { job } = await cancelledAt(lab, spec('vm'), undefined);
  const restored = await restoredHashes(lab, store, vmId, job.result?.point ?? '');
  assert.equal(restored[0], await lab.guestHash('vm', 0));
  assert.deepEqual(await verifyErrors(store, vmId), []);
}

test('a backup that is cancelled at any edge leaves nothing, or its whole point', async (t) => {
  await cancelEverywhere(t, { method: 'file' }, 2);
});

test('one that reads exports, too', async (t) => {
  await cancelEverywhere(t, { method: 'export' }, 3);
});

test('an export, a restore and a verification that are cancelled leave nothing', async (t) => {
  const lab = await startBackupLab(t);
  const { id } = await lab.ask('add-vm', { name: 'vm', disks: [{ size: 64 * MIB }] });
  for (let at = 0; at < 64; at += 4) await lab.write('vm', 0, at * MIB, pattern(4 * MIB, at + 1));
  const store = await openTestStore(lab);
  const { manifest } = await backup(lab, store, 'vm');
  await lab.fault('job.slow', 60_000);
  const directory = `${lab.exportDirectory}\\one`;
  const exporting = startJob(lab, {
    kind: 'export',
    host: lab.target.url,
    vm: 'vm',
    directory,
    since: null,
  });
  await untilJob(lab, exporting.id, ({ progress }) => progress !== null);
  await askToCancel(lab, exporting.id);
  assert.equal(await exporting.closed, 130, exporting.errors());
  await lab.clearFaults();
  const vm = await lab.host.findVm('vm', never);
  assert.deepEqual(vm.checkpoints, []);
  assert.deepEqual((await userLedger(homeOf(lab), id as Guid).load(never)).checkpoints, []);

  const to = join(lab.folder, 'out');
  const common = { store: store.location, vm: 'vm' };
  const restoring = startJob(lab, {
    kind: 'restore',
    ...common,
    point: manifest.id,
    disks: [],
    to,
    format: 'raw',
    force: false,
  });
  // It is asked to stop before it is known to have begun: whenever it hears of it, it stops.
  await untilJob(lab, restoring.id, () => true);
  await askToCancel(lab, restoring.id);
  const status = await restoring.closed;
  const ended = await untilJob(lab, restoring.id, ({ state }) => state !== 'running');
  if (ended.state === 'cancelled') {
    assert.equal(status, 130);
    assert.deepEqual(await readdir(to).catch(() => []), []);
  } else assert.equal(ended.state, 'done');

  const verifying = startJob(lab, { kind: 'verify', ...common, points: [], quick: false });
  await untilJob(lab, verifying.id, () => true);
  await askToCancel(lab, verifying.id);
  await verifying.closed;
  const verified = await untilJob(lab, verifying.id, ({ state }) => state !== 'running');
  assert.ok(['cancelled', 'done'].includes(verified.state), JSON.stringify(verified.error));
  assert.deepEqual(await verifyErrors(store, id as Guid), []);
});
