import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import readline from 'node:readline';
import { test, type TestContext } from 'node:test';
import type { JobSpec } from '../../../src/engine/api/jobs.ts';
import { requests } from '../../../src/engine/api/methods.ts';
import { delay, never } from '../../../src/engine/base/abort.ts';
import { isLive } from '../../../src/engine/jobs/folder/job-folder.ts';
import { afterwards } from '../../support/checks/afterwards.ts';
import {
  openTestStore,
  restoredHashes,
  startBackupLab,
  verifyErrors,
  type BackupLab,
} from '../../support/backup/backup-lab.ts';
import { cleanEnvironment } from '../../support/process/command.ts';
import { hasEnded, startEngine } from '../../support/process/engine-process.ts';
import {
  backupSpec,
  homeOf,
  jobInput,
  startJob,
  untilJob,
} from '../../support/process/job-process.ts';

const MIB = 2 ** 20;
/** What runs TypeScript and has a `vscode`; under Wine there is neither. */
const sources = { skip: process.platform === 'win32' };

/** The job of a parent that leads a group of processes, as a window's extension host may. */
async function startedByAnother(
  t: TestContext,
  lab: BackupLab,
  spec: JobSpec,
): Promise<{ readonly id: string; readonly parent: number }> {
  const hook = './test/support/vscode-hook.mjs';
  const args = ['--no-warnings', '--import', hook, 'test/support/process/start-job-parent.ts'];
  const child = spawn(process.execPath, args, {
    detached: true,
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...cleanEnvironment(), REFPOINT_HOME: homeOf(lab) },
  });
  const exited = once(child, 'exit');
  child.stdin.end(JSON.stringify(jobInput(lab, spec)));
  const lines = readline.createInterface({ input: child.stdout });
  afterwards(t, async () => {
    child.kill('SIGKILL');
    lines.close();
    await exited;
  });
  const [id] = (await once(lines, 'line')) as [string];
  return { id, parent: child.pid ?? 0 };
}

test(
  'a job outlives the extension host that started it, its group of processes, and the engine',
  sources,
  async (t) => {
    const lab = await startBackupLab(t);
    await lab.ask('add-vm', { name: 'vm', disks: [{ size: 4 * MIB }] });
    const store = await openTestStore(lab);
    await lab.fault('job.hold');
    const engine = await startEngine(t, { home: homeOf(lab) });
    const { id, parent } = await startedByAnother(t, lab, backupSpec(lab, store.location));
    const [seen] = await engine.request(requests.listJobs, { stores: [] });
    // It may wait still: then the process that waits with it outlives its parent.
    assert.deepEqual(
      [seen?.id, seen !== undefined && isLive(seen), seen?.elsewhere],
      [id, true, false],
    );
    process.kill(-parent, 'SIGKILL');
    engine.process.kill('SIGKILL');
    while (!hasEnded(parent)) await delay(20, never);
    await untilJob(lab, id, 'running');
    // Another window, another engine: it sees the job, how its heart beats, and that nothing is wrong with it.
    const other = await startEngine(t, { home: homeOf(lab) });
    const beats = new Set<string>();
    while (beats.size < 3) {
      const [job] = await other.request(requests.listJobs, { stores: [store.location] });
      assert.deepEqual([job?.id, job?.state, job?.elsewhere], [id, 'running', false]);
      beats.add(job?.heartbeat ?? '');
      await delay(50, never);
    }
    await lab.clearFaults();
    const done = await untilJob(lab, id, ({ state }) => state !== 'running');
    assert.deepEqual([done.state, done.error], ['done', null]);
  },
);

test('another window cancels a job that it did not start', sources, async (t) => {
  const lab = await startBackupLab(t);
  await lab.ask('add-vm', { name: 'vm', disks: [{ size: 4 * MIB }] });
  const store = await openTestStore(lab);
  await lab.fault('job.slow', 60_000);
  const { id } = await startedByAnother(t, lab, backupSpec(lab, store.location));
  const other = await startEngine(t, { home: homeOf(lab) });
  await other.request(requests.cancelJob, { id });
  const ended = await untilJob(lab, id, (job) => !isLive(job));
  assert.deepEqual([ended.state, ended.error], ['cancelled', null]);
  await lab.clearFaults();
  const vm = await lab.host.findVm('vm', never);
  assert.deepEqual([vm.checkpoints, vm.referencePoints], [[], []]);
});

test('of two backups of one VM into one store, the second says who holds it, and the first goes on', async (t) => {
  const lab = await startBackupLab(t);
  await lab.ask('add-vm', { name: 'vm', disks: [{ size: 4 * MIB }] });
  await lab.ask('add-vm', { name: 'other', disks: [{ size: 4 * MIB }] });
  const store = await openTestStore(lab);
  await lab.fault('job.hold');
  const first = startJob(lab, backupSpec(lab, store.location));
  const engine = await startEngine(t, { home: join(lab.folder, 'nobody') });
  // Known to a window of somebody else by the lease: by then the first holds it.
  for (;;) {
    const [job] = await engine.request(requests.listJobs, { stores: [store.location] });
    if (typeof job?.owner === 'string') break;
    await delay(20, never);
  }
  const second = startJob(lab, backupSpec(lab, store.location));
  assert.equal(await second.closed, 3, second.errors());
  const refused = await untilJob(lab, second.id, 'failed');
  assert.equal(refused.error?.code, 'lease.held');
  const message = refused.error.message;
  assert.ok(message.includes(`process ${first.process.pid}`), message);
  assert.ok(message.includes(`job ${first.id}`), message);
  await lab.clearFaults();
  // Another VM of the store is nobody's business.
  const other = startJob(lab, backupSpec(lab, store.location, 'other'));
  assert.equal(await other.closed, 0, other.errors());
  assert.equal(await first.closed, 0, first.errors());
  const { id } = await lab.host.findVm('vm', never);
  assert.deepEqual(await verifyErrors(store, id), []);
  const point = (await untilJob(lab, first.id, 'done')).result?.point ?? '';
  const restored = await restoredHashes(lab, store, id, point);
  assert.equal(restored[0], await lab.guestHash('vm', 0));
});
