import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { randomUUID } from 'node:crypto';
import type { JobInfo } from '../../../src/engine/api/jobs.ts';
import { delay, never } from '../../../src/engine/base/abort.ts';
import {
  backup,
  clean,
  openTestStore,
  startBackupLab,
  verifyErrors,
} from '../../support/backup/backup-lab.ts';
import { runJob } from '../../../src/engine/jobs/run/run-job.ts';
import { startRefpoint } from '../../support/process/command.ts';
import {
  askToCancel,
  backupSpec,
  homeOf,
  jobInput,
  listJobs,
  startJob,
  untilJob,
} from '../../support/process/job-process.ts';

const MIB = 2 ** 20;

test('a job of its own process backs up, verifies and restores, and its state says what came of it', async (t) => {
  const lab = await startBackupLab(t);
  await lab.ask('add-vm', { name: 'vm', disks: [{ size: 8 * MIB }] });
  await lab.write('vm', 0, MIB, Buffer.alloc(4096, 7));
  const store = join(lab.folder, 'store');
  // A job may run unattended: it never makes a store, so that one that is not mounted is not begun anew.
  const refused = startJob(lab, backupSpec(lab, store));
  assert.equal(await refused.closed, 3, refused.errors());
  const { error } = await untilJob(lab, refused.id, 'failed');
  assert.equal(error?.code, 'store.absent');
  assert.match(error.message, /is missing: .*Check that it is mounted/);
  assert.equal(existsSync(store), false);
  await rm(join(lab.folder, 'home'), { recursive: true });
  await openTestStore(lab);
  const made = startJob(lab, backupSpec(lab, store));
  assert.equal(await made.closed, 0, made.errors());
  const [done] = await listJobs(lab);
  assert.equal(done?.id, made.id);
  assert.equal(done.state, 'done');
  assert.match(done.result?.point ?? '', /-full$/);
  const verified = startJob(lab, { kind: 'verify', store, vm: 'vm', points: [], quick: false });
  assert.equal(await verified.closed, 0, verified.errors());
  const to = join(lab.folder, 'out');
  const point = done.result?.point ?? '';
  const restore = {
    kind: 'restore',
    store,
    vm: 'vm',
    point,
    disks: [],
    to,
    format: 'raw',
    force: false,
  } as const;
  const restored = startJob(lab, restore);
  assert.equal(await restored.closed, 0, restored.errors());
  const end = (await listJobs(lab)).find((job) => job.id === restored.id);
  assert.equal(end?.result?.files.length, 1);
  assert.equal((await readdir(to)).length, 1);
  const again = startJob(lab, restore);
  assert.equal(await again.closed, 3, again.errors());
  const failed = (await listJobs(lab)).find((job) => job.id === again.id);
  assert.equal(failed?.state, 'failed');
  assert.match(failed.error?.message ?? '', /exists/);
});

test('no file that a job leaves holds the password', async (t) => {
  const lab = await startBackupLab(t);
  await lab.ask('add-vm', { name: 'vm', disks: [{ size: 4 * MIB }] });
  await openTestStore(lab);
  const job = startJob(lab, backupSpec(lab, join(lab.folder, 'store')));
  assert.equal(await job.closed, 0, job.errors());
  const wrong = startJob(
    { ...lab, target: { ...lab.target, password: 'Wr0ng-Secret' } },
    backupSpec(lab, join(lab.folder, 'store')),
  );
  assert.equal(await wrong.closed, 3, wrong.errors());
  let files = 0;
  for (const root of ['home', 'store']) {
    for (const entry of await readdir(join(lab.folder, root), {
      recursive: true,
      withFileTypes: true,
    })) {
      if (!entry.isFile()) continue;
      const bytes = await readFile(join(entry.parentPath, entry.name));
      files++;
      for (const secret of ['Lab-Pa55word', 'Wr0ng-Secret']) {
        assert.equal(bytes.includes(secret), false, `${entry.name} holds the password`);
        const base64 = Buffer.from(`Administrator:${secret}`).toString('base64');
        assert.equal(bytes.includes(base64), false, `${entry.name} holds the credential`);
      }
    }
  }
  assert.ok(files >= 8, `${files} files were looked at`);
});

test('a job that is asked to stop is cancelled and leaves nothing', async (t) => {
  const lab = await startBackupLab(t);
  await lab.ask('add-vm', { name: 'vm', disks: [{ size: 4 * MIB }] });
  await lab.fault('job.slow', 5000);
  const store = await openTestStore(lab);
  const job = startJob(lab, backupSpec(lab, store.location));
  await untilJob(lab, job.id, 'running');
  await askToCancel(lab, job.id);
  await untilJob(lab, job.id, ({ stopping, state }) => stopping || state !== 'running');
  // What it takes back need not wait.
  await lab.clearFaults();
  assert.equal(await job.closed, 130, job.errors());
  const ended = (await listJobs(lab)).find((each) => each.id === job.id);
  assert.deepEqual([ended?.state, ended?.stopping, ended?.error], ['cancelled', false, null]);
  const vm = await lab.host.findVm('vm', never);
  assert.deepEqual([vm.checkpoints, vm.referencePoints], [[], []]);
});

test('a job whose process died shows as interrupted; cleaning tidies up and the job can be run again', async (t) => {
  const lab = await startBackupLab(t);
  await lab.ask('add-vm', { name: 'vm', disks: [{ size: 4 * MIB }] });
  const store = await openTestStore(lab);
  const { manifest } = await backup(lab, store, 'vm');
  await lab.fault('job.slow', 3000);
  const job = startJob(lab, backupSpec(lab, store.location));
  const seen = await untilJob(lab, job.id, 'running');
  assert.equal(seen.elsewhere, false);
  // The host is at work on its checkpoint, and will make it although nobody waits for it any more.
  while ((await lab.host.findVm('vm', never)).operation === null) await delay(20, never);
  job.kill();
  await job.closed;
  await untilJob(lab, job.id, 'interrupted');
  await lab.clearFaults();
  await clean(lab, store, manifest.vm.id);
  assert.deepEqual(await verifyErrors(store, manifest.vm.id), []);
  const again = startJob(lab, backupSpec(lab, store.location));
  assert.equal(await again.closed, 0, again.errors());
});

test('a job elsewhere is seen through the store while it runs, with who runs it', async (t) => {
  const lab = await startBackupLab(t);
  await lab.ask('add-vm', { name: 'vm', disks: [{ size: 4 * MIB }] });
  const store = await openTestStore(lab);
  await lab.fault('job.slow', 2000);
  const input = jobInput(lab, backupSpec(lab, store.location));
  const running = runJob(input, homeOf(lab), {}, never);
  let seen: readonly JobInfo[] = [];
  // The store learns the VM's name with its first point, and the holder with the lease.
  while (typeof seen[0]?.owner !== 'string' || seen[0].title !== 'vm') {
    seen = await listJobs(lab, [store.location], join(lab.folder, 'nobody'));
    await delay(20, never);
  }
  assert.deepEqual(
    seen.map(({ elsewhere, state, spec, title }) => [elsewhere, state, spec.kind, title]),
    [[true, 'running', 'backup', 'vm']],
  );
  assert.equal(seen[0]?.machine, hostname());
  await lab.clearFaults();
  await running;
  assert.deepEqual(await listJobs(lab, [store.location], join(lab.folder, 'nobody')), []);
});

test('a store that is not there and a state that is none do not hide the other jobs', async (t) => {
  const lab = await startBackupLab(t);
  await lab.ask('add-vm', { name: 'vm', disks: [{ size: 4 * MIB }] });
  const job = startJob(lab, {
    kind: 'verify',
    store: '/nowhere',
    vm: 'vm',
    points: [],
    quick: true,
  });
  assert.equal(await job.closed, 3, job.errors());
  await mkdir(join(lab.folder, 'home', 'jobs', randomUUID()));
  const all = await listJobs(lab, [join(lab.folder, 'no-store')]);
  assert.deepEqual(
    all.map(({ id, state }) => [id, state]),
    [[job.id, 'failed']],
  );
});

test('what is no job is refused without repeating it', async (t) => {
  const lab = await startBackupLab(t);
  for (const text of ['', '{', '[]', '{"version":2}', '{"password":"hunter2"}']) {
    const child = startRefpoint(['job'], { env: { REFPOINT_HOME: lab.folder } }, 'pipe');
    child.stdin?.end(text);
    let err = '';
    child.stderr?.on('data', (chunk: Buffer) => (err += chunk.toString()));
    const [status] = (await once(child, 'close')) as [number];
    assert.equal(status, 3);
    assert.match(err, /\(job\.input\)/);
    assert.doesNotMatch(err, /hunter2/);
  }
});
