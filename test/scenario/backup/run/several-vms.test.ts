import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { startBackupLab, type BackupLab } from '../../../support/backup/backup-lab.ts';
import { runCli, type CliRun } from '../../../support/process/cli-io.ts';
import { homeOf, listJobs } from '../../../support/process/job-process.ts';

const MIB = 2 ** 20;

interface Document {
  readonly points: readonly { readonly point: string; readonly vm: { readonly name: string } }[];
  readonly plans: readonly { readonly vm: { readonly name: string }; readonly kind: string }[];
  readonly failed: readonly {
    readonly vm: { readonly id: string | null; readonly name: string };
    readonly error: { readonly code: string; readonly message: string };
  }[];
}

/** Three VMs, of which the second has no disk that could be backed up. */
async function threeVms(t: TestContext) {
  const lab = await startBackupLab(t);
  for (const name of ['web01', 'empty02', 'db03']) {
    const disks = name === 'empty02' ? [] : [{ size: 4 * MIB }];
    await lab.ask('add-vm', { name, disks });
  }
  const store = join(lab.folder, 'store');
  const run = (...words: readonly string[]): Promise<CliRun> =>
    runCli([...words, ...lab.command.options, '--store', store, '--method', 'file'], {
      env: { ...lab.command.env, REFPOINT_HOME: homeOf(lab) },
    });
  return { lab, run };
}

const names = (all: Document['points'] | Document['plans']): readonly string[] =>
  all.map(({ vm }) => vm.name).sort();

async function jobStates(lab: BackupLab): Promise<readonly string[]> {
  return (await listJobs(lab)).map(({ title, state }) => `${title} ${state}`).sort();
}

test('backup --all makes a job for each VM; one that cannot be backed up is listed, and the others are done', async (t) => {
  const { lab, run } = await threeVms(t);
  const planned = await run('backup', '--all', '--plan', '--json');
  assert.equal(planned.status, 3);
  const plans = JSON.parse(planned.out) as Document;
  assert.deepEqual(names(plans.plans), ['db03', 'web01']);
  assert.deepEqual(
    plans.failed.map(({ vm }) => vm.name),
    ['empty02'],
  );
  assert.deepEqual(await jobStates(lab), [], 'a plan is no job');

  const { status, out } = await run('backup', '--all', '--json');
  assert.equal(status, 3);
  const document = JSON.parse(out) as Document;
  assert.deepEqual(names(document.points), ['db03', 'web01']);
  const [failed, ...more] = document.failed;
  assert.deepEqual(more, []);
  assert.equal(failed?.vm.name, 'empty02');
  assert.match(failed.error.code, /^[a-z]+\.\w+/);
  assert.deepEqual(await jobStates(lab), ['db03 done', 'empty02 failed', 'web01 done']);
});

test('people read a line for each VM as it ends, then why one failed, in eighty columns', async (t) => {
  const { run } = await threeVms(t);
  const { status, out } = await run('backup', '--all', '--parallel', '1');
  assert.equal(status, 3);
  const lines = out.trimEnd().split('\n');
  assert.ok(
    lines.every((line) => line.length <= 80),
    out,
  );
  assert.match(out, /^web01 {2}full, .* read, \d+\.\d s$/m);
  assert.match(out, /^db03 {2}full, .* read, \d+\.\d s$/m);
  assert.match(out, /^empty02 {2}FAILED \([\w.]+\)$/m);
  assert.match(out, /^2 of 3 VMs backed up, 1 failed:\n {2}empty02: /m);
});

test('of VMs that are named, one that the host does not know stops no other', async (t) => {
  const { run } = await threeVms(t);
  const { status, out } = await run('backup', 'web01', 'nobody', 'db03', 'web01', '--json');
  assert.equal(status, 3);
  const { points, failed } = JSON.parse(out) as Document;
  assert.deepEqual(names(points), ['db03', 'web01'], 'one that is named twice is backed up once');
  assert.deepEqual(
    failed.map(({ vm, error }) => [vm.id, vm.name, error.code]),
    [[null, 'nobody', 'host.vm.notFound']],
  );
  const all = await run('backup', 'web01', 'db03');
  assert.equal(all.status, 0, all.err);
  assert.match(all.out, /2 VMs backed up\.$/m);
  const wrong = await run('backup', 'web01', '--all');
  assert.equal(wrong.status, 2);
  assert.equal((await run('backup')).status, 2);
});

test('a job of the host that fails hits only its own VM', async (t) => {
  const lab = await startBackupLab(t);
  for (const name of ['a', 'b']) await lab.ask('add-vm', { name, disks: [{ size: 4 * MIB }] });
  // The first job of the host that fails is of one VM only, since one runs at a time.
  await lab.fault('job.fail', undefined, 1);
  const { options, env } = lab.command;
  const words = ['backup', '--all', '--parallel', '1', '--json', '--method', 'file'];
  const { status, out } = await runCli(
    [...words, ...options, '--store', join(lab.folder, 'store')],
    { env: { ...env, REFPOINT_HOME: homeOf(lab) } },
  );
  assert.equal(status, 3);
  const { points, failed } = JSON.parse(out) as Document;
  assert.deepEqual([points.length, failed.length], [1, 1]);
  assert.match(failed[0]?.error.code ?? '', /^host\.job/);
});
