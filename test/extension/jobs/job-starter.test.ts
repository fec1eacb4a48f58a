import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, test, type TestContext } from 'node:test';
import { EngineFailure } from '../../../src/extension/engine/engine-error.ts';
import { JobStarter } from '../../../src/extension/jobs/job-starter.ts';
import { isLive } from '../../../src/extension/jobs/live-job.ts';
import { openTestStore, startBackupLab, type BackupLab } from '../../support/backup/backup-lab.ts';
import { backupSpec, homeOf, listJobs, untilJob } from '../../support/process/job-process.ts';
import { temporaryFolder } from '../../support/files/temporary-folder.ts';
import { workbench } from '../../support/vscode/workbench.ts';

beforeEach(() => workbench.reset());

const MIB = 2 ** 20;

const starter = (folder: string, env: Readonly<Record<string, string>> = {}): JobStarter =>
  new JobStarter(folder, env, () => 4);

async function start(lab: BackupLab, env: Readonly<Record<string, string>> = {}): Promise<string> {
  const spec = backupSpec(lab, (await openTestStore(lab)).location);
  const around = { REFPOINT_HOME: homeOf(lab), ...env };
  return starter(process.cwd(), around).start('vm', spec, lab.target);
}

/** An extension whose command is this script. */
async function folderWith(t: TestContext, script: string): Promise<string> {
  const folder = await temporaryFolder(t);
  mkdirSync(join(folder, 'dist'));
  writeFileSync(join(folder, 'dist', 'cli.cjs'), script);
  return folder;
}

test('a job that was started is there for whoever looks, and works until it is done', async (t) => {
  const lab = await startBackupLab(t);
  await lab.ask('add-vm', { name: 'vm', disks: [{ size: 4 * MIB }] });
  const id = await start(lab);
  assert.deepEqual(
    (await listJobs(lab)).map((job) => job.id),
    [id],
  );
  const done = await untilJob(lab, id, (job) => !isLive(job));
  assert.equal(done.state, 'done', JSON.stringify(done.error));
  assert.match(done.result?.point ?? '', /-full$/);
});

test(
  'its process leads a session of its own, stands in no folder of the workspace, and shows no secret',
  { skip: process.platform !== 'linux' },
  async (t) => {
    const lab = await startBackupLab(t);
    await lab.ask('add-vm', { name: 'vm', disks: [{ size: 4 * MIB }] });
    await lab.fault('job.slow', 60_000);
    const before = process.env['REFPOINT_PASSWORD'];
    process.env['REFPOINT_PASSWORD'] = 'of-the-terminal';
    const id = await start(lab).finally(() => {
      if (before === undefined) delete process.env['REFPOINT_PASSWORD'];
      else process.env['REFPOINT_PASSWORD'] = before;
    });
    const { pid } = await untilJob(lab, id, 'running');
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/\(.*\)/, 'x')
      .split(' ');
    assert.equal(Number(fields[5]), pid, 'its session is its own');
    assert.notEqual(readlinkSync(`/proc/${pid}/cwd`), process.cwd());
    for (const file of ['cmdline', 'environ']) {
      const text = readFileSync(`/proc/${pid}/${file}`, 'latin1');
      for (const secret of [lab.target.password, 'of-the-terminal']) {
        assert.ok(!text.includes(secret), `${file} holds ${secret}`);
      }
    }
    process.kill(pid, 'SIGTERM');
    await lab.clearFaults();
    await untilJob(lab, id, 'cancelled');
  },
);

test('one that does not start says why, and nobody waits for it', async (t) => {
  const lab = await startBackupLab(t);
  const file = join(lab.folder, 'no-folder');
  writeFileSync(file, '');
  const failsWith =
    (what: RegExp) =>
    (error: unknown): true => {
      assert.ok(error instanceof EngineFailure);
      assert.equal(error.info.code, 'job.start');
      assert.match(error.message, what);
      assert.ok(!error.message.includes(lab.target.password));
      return true;
    };
  await assert.rejects(
    start(lab, { REFPOINT_HOME: file }),
    failsWith(/Cannot make the folder .*no-folder/),
  );
  const spec = backupSpec(lab, join(lab.folder, 'store'));
  const crashes = await folderWith(t, 'process.exit(9)');
  await assert.rejects(starter(crashes).start('vm', spec, lab.target), failsWith(/ended with 9/));
  const says = await folderWith(
    t,
    'process.stderr.write("Cannot.\\n    at x\\n"); process.exit(1)',
  );
  await assert.rejects(starter(says).start('vm', spec, lab.target), failsWith(/: Cannot\.$/));
  const missing = await temporaryFolder(t);
  await assert.rejects(
    starter(missing).start('vm', spec, lab.target),
    failsWith(/: Error: Cannot find module/),
  );
});
