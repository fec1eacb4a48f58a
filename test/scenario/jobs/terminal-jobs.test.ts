import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { JobInfo } from '../../../src/engine/api/jobs.ts';
import { requests } from '../../../src/engine/api/methods.ts';
import { listPoints } from '../../../src/engine/backup/points/catalog.ts';
import type { Store } from '../../../src/engine/backup/store/contract/store.ts';
import { delay, never } from '../../../src/engine/base/abort.ts';
import type { Guid } from '../../../src/engine/base/guid.ts';
import { isLive } from '../../../src/engine/jobs/folder/job-folder.ts';
import { openTestStore, startBackupLab, type BackupLab } from '../../support/backup/backup-lab.ts';
import { refpoint, startRefpoint } from '../../support/process/command.ts';
import { startEngine } from '../../support/process/engine-process.ts';
import { homeOf, listJobs, untilJob } from '../../support/process/job-process.ts';

const MIB = 2 ** 20;
const signals = { skip: process.platform === 'win32' };

interface Terminal {
  readonly lab: BackupLab;
  readonly store: Store;
  readonly vmId: Guid;
  readonly child: ChildProcess;
  readonly closed: Promise<number | null>;
  readonly out: () => string;
}

/** `refpoint backup vm` as in a terminal, held in the middle by the host. */
async function heldBackup(t: TestContext, words: readonly string[] = []): Promise<Terminal> {
  const lab = await startBackupLab(t);
  const { id } = await lab.ask('add-vm', { name: 'vm', disks: [{ size: 4 * MIB }] });
  const store = await openTestStore(lab);
  await lab.fault('job.hold');
  const { options, env } = lab.command;
  const child = startRefpoint(
    ['backup', 'vm', ...options, '--store', store.location, '--method', 'file', ...words],
    { env: { ...env, REFPOINT_HOME: homeOf(lab) } },
  );
  let out = '';
  child.stdout?.on('data', (chunk: Buffer) => (out += chunk.toString()));
  const closed = once(child, 'close').then(([status]) => status as number | null);
  return { lab, store, vmId: id as Guid, child, closed, out: () => out };
}

/** The only job, once it is in the middle of its work. */
async function inTheMiddle(lab: BackupLab): Promise<JobInfo> {
  for (;;) {
    const [job] = await listJobs(lab);
    if (job !== undefined && /checkpoint/i.test(job.progress?.phase ?? '')) return job;
    await delay(20, never);
  }
}

async function assertNothingLeft({ lab, store, vmId }: Terminal): Promise<void> {
  await lab.clearFaults();
  const vm = await lab.host.findVm(vmId, never);
  assert.deepEqual([vm.checkpoints, vm.referencePoints], [[], []]);
  assert.deepEqual(await listPoints(store, vmId, never), []);
}

test('a backup of a terminal is in the list of every window, with progress and log, and is cancelled there', async (t) => {
  const terminal = await heldBackup(t, ['--json']);
  const { lab, store, vmId } = terminal;
  const { id } = await inTheMiddle(lab);
  const engine = await startEngine(t, { home: homeOf(lab) });
  const [job, ...more] = await engine.request(requests.listJobs, { stores: [store.location] });
  assert.deepEqual(more, []);
  assert.ok(job !== undefined);
  assert.deepEqual(
    [job.id, job.state, job.elsewhere, job.title, job.spec.vm],
    [id, 'running', false, 'vm', vmId],
  );
  assert.match(job.progress?.phase ?? '', /checkpoint/i);
  assert.match(await readFile(job.log ?? '', 'utf8'), /Backup \(auto, method file\) of vm/);
  await engine.request(requests.cancelJob, { id });
  await lab.clearFaults();
  assert.equal(await terminal.closed, 130);
  assert.equal(
    (JSON.parse(terminal.out()) as { error: { code: string } }).error.code,
    'interrupted',
  );
  assert.equal((await untilJob(lab, id, (each) => !isLive(each))).state, 'cancelled');
  await assertNothingLeft(terminal);
});

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test(
    `${signal} cancels the job of a terminal, and the command waits until nothing is left`,
    signals,
    async (t) => {
      const terminal = await heldBackup(t);
      const { id } = await inTheMiddle(terminal.lab);
      terminal.child.kill(signal);
      // What the host has begun ends first: then it is undone.
      await untilJob(terminal.lab, id, () => true);
      await terminal.lab.clearFaults();
      assert.equal(await terminal.closed, 130);
      const [job] = await listJobs(terminal.lab);
      assert.deepEqual([job?.state, job?.error], ['cancelled', null]);
      await assertNothingLeft(terminal);
    },
  );
}

test('a terminal that is closed takes no job with it', signals, async (t) => {
  const terminal = await heldBackup(t);
  const { lab, store, vmId, child } = terminal;
  const { id, pid } = await inTheMiddle(lab);
  assert.equal(pid, child.pid);
  child.stdout?.destroy();
  child.stderr?.destroy();
  child.kill('SIGHUP');
  // It has the signal for sure once its heart has beaten again.
  const { heartbeat } = await untilJob(lab, id, () => true);
  await untilJob(lab, id, (job) => job.heartbeat !== heartbeat);
  await lab.clearFaults();
  const done = await untilJob(lab, id, (job) => !isLive(job));
  assert.deepEqual([done.state, done.error], ['done', null]);
  const exit = child.exitCode ?? ((await once(child, 'exit')) as [number | null])[0];
  assert.equal(exit, 0, 'what it printed found no reader, and that is no failure');
  const [point] = await listPoints(store, vmId, never);
  assert.equal(point?.state, 'complete');
});

test('verify, restore and export of a terminal are jobs, too, whose state names the VM', async (t) => {
  const lab = await startBackupLab(t);
  const { id: vm } = await lab.ask('add-vm', { name: 'web01', disks: [{ size: 4 * MIB }] });
  const store = await openTestStore(lab);
  const around = { env: { ...lab.command.env, REFPOINT_HOME: homeOf(lab) } };
  const run = async (...words: readonly string[]): Promise<void> => {
    const { status, stderr } = await refpoint(words, around);
    assert.equal(status, 0, stderr);
  };
  const at = ['--store', store.location];
  const host = lab.command.options.filter(
    (word, i, all) => word !== '--path-map' && all[i - 1] !== '--path-map',
  );
  await run('backup', 'web01', ...lab.command.options, ...at, '--method', 'file');
  await run('verify', ...at);
  await run('restore', ...at, '--to', join(lab.folder, 'out'));
  await run('export', 'web01', ...host, '--to', `${lab.exportDirectory}\\one`);
  const jobs = (await listJobs(lab)).toReversed();
  assert.deepEqual(
    jobs.map(({ spec, title, state }) => [spec.kind, title, spec.vm, state]),
    [
      ['backup', 'web01', vm, 'done'],
      ['verify', 'store', '', 'done'],
      ['restore', 'web01', vm, 'done'],
      ['export', 'web01', vm, 'done'],
    ],
  );
});
