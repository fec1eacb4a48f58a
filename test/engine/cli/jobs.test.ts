import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JobInfo } from '../../../src/engine/api/jobs.ts';
import { allCommands } from '../../../src/engine/cli/commands.ts';
import { openTestStore, pattern, startBackupLab } from '../../support/backup/backup-lab.ts';
import { runCli } from '../../support/process/cli-io.ts';
import { backupSpec, homeOf, startJob, untilJob } from '../../support/process/job-process.ts';

const MIB = 2 ** 20;

test('a job that another process runs is listed, cancelled and read by the beginning of its ID', async (t) => {
  const lab = await startBackupLab(t);
  const env = { REFPOINT_HOME: homeOf(lab) };
  assert.equal((await runCli(['jobs'], { env })).out, 'No jobs.\n');
  await lab.ask('add-vm', { name: 'vm', disks: [{ size: 8 * MIB }] });
  await lab.write('vm', 0, MIB, pattern(MIB, 1));
  const store = await openTestStore(lab);
  // The checkpoint's job waits, so that the backup is in the middle when it is cancelled.
  await lab.fault('job.hold');
  const job = startJob(lab, backupSpec(lab, store.location));
  await untilJob(lab, job.id, 'running');
  const table = await runCli(['jobs'], { env });
  assert.match(table.out, new RegExp(`^${job.id.slice(0, 8)} .* backup +vm +running`, 'm'));
  const listed = JSON.parse((await runCli(['jobs', '--json'], { env })).out) as JobInfo[];
  assert.deepEqual(
    listed.map(({ id, state }) => [id, state]),
    [[job.id, 'running']],
  );
  assert.ok(!JSON.stringify(listed).includes(lab.target.password));

  const asked = await runCli(['jobs', 'cancel', job.id.slice(0, 8)], { env });
  assert.equal(asked.out, 'vm was asked to stop.\n');
  await lab.clearFaults();
  assert.equal(await job.closed, 130);
  const log = await runCli(['jobs', 'log', job.id], { env });
  assert.match(log.out, /^\d\d:\d\d:\d\d {2}Backup \(auto, method \w+\) of vm /);
  assert.match((await runCli(['jobs'], { env })).out, /cancelled/);

  const late = await runCli(['jobs', 'cancel', job.id], { env });
  assert.deepEqual([late.status, /\(job\.state\)/.test(late.err)], [3, true]);
  const unknown = await runCli(['jobs', 'log', 'ffff'], { env });
  assert.deepEqual([unknown.status, /\(job\.notFound\)/.test(unknown.err)], [3, true]);
});

test('the help names every command but the one that programs start', async () => {
  const { out } = await runCli(['--help']);
  for (const { name } of (await allCommands()).filter((each) => each.name !== 'job')) {
    assert.match(out, new RegExp(`^ {2}${name}  `, 'm'), name);
  }
  const own = await runCli(['jobs', '--help']);
  assert.match(own.out, /^refpoint jobs/);
  assert.match(own.out, /jobs cancel ID stops one of them/);
});
