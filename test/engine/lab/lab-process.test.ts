import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { afterwards } from '../../support/checks/afterwards.ts';
import { runCli, runCliJson } from '../../support/process/cli-io.ts';
import { refpoint, startLabProcess, type RunningLab } from '../../support/process/command.ts';

function folder(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'refpoint-labp-'));
  afterwards(t, () => rmSync(dir, { recursive: true, force: true, maxRetries: 5 }));
  return dir;
}

interface Changes {
  readonly ranges: readonly { readonly start: number; readonly length: number }[];
  readonly changedBytes: number;
}

async function changes(lab: RunningLab, point: string): Promise<Changes> {
  const args = ['changes', 'vm', '--disk', '0', '--since', point, ...lab.hostOptions];
  return runCliJson<Changes>(args, { env: lab.env });
}

async function write(lab: RunningLab, dir: string, offset: number): Promise<void> {
  const file = join(dir, 'bytes');
  writeFileSync(file, Buffer.alloc(4096, 9));
  await runCliJson([
    'lab',
    'write',
    '--dir',
    lab.dir,
    '--vm',
    'vm',
    '--offset',
    String(offset),
    '--file',
    file,
  ]);
}

test('after a crash the tracker reports too much, never too little, and the lab serves on', async (t) => {
  const dir = folder(t);
  let lab = await startLabProcess(join(dir, 'lab'), ['--job-delay', '0']);
  afterwards(t, () => lab.stop());
  await runCliJson(['lab', 'add-vm', '--dir', lab.dir, '--name', 'vm', '--size', '256M']);
  const { id } = await runCliJson<{ id: string }>([
    'lab',
    'reference-point',
    '--dir',
    lab.dir,
    '--vm',
    'vm',
  ]);
  await write(lab, dir, 100 * 2 ** 20);
  assert.equal((await changes(lab, id)).changedBytes, 65_536, 'fine as long as it lives');
  const port = lab.http;
  lab.process.kill('SIGKILL');
  await once(lab.process, 'close');

  lab = await startLabProcess(join(dir, 'lab'), ['--job-delay', '0']);
  assert.equal(lab.http, port, 'the port is remembered');
  const after = await changes(lab, id);
  assert.ok(after.changedBytes > 65_536, `${after.changedBytes} bytes: the coarse map`);
  const at = 100 * 2 ** 20;
  assert.ok(after.ranges.some((r) => r.start <= at && at + 4096 <= r.start + r.length));
});

test('state survives an orderly restart, with fine tracking', async (t) => {
  const dir = folder(t);
  let lab = await startLabProcess(join(dir, 'lab'), ['--job-delay', '0']);
  afterwards(t, () => lab.stop());
  await runCliJson(['lab', 'add-vm', '--dir', lab.dir, '--name', 'vm', '--size', '64M']);
  const { id } = await runCliJson<{ id: string }>([
    'lab',
    'reference-point',
    '--dir',
    lab.dir,
    '--vm',
    'vm',
  ]);
  await write(lab, dir, 2 ** 20);
  await lab.stop();
  // A stopped lab is worked on just the same.
  await write(lab, dir, 2 * 2 ** 20);
  lab = await startLabProcess(join(dir, 'lab'));
  const { ranges } = await changes(lab, id);
  assert.deepEqual(ranges, [
    { start: 2 ** 20, length: 65_536 },
    { start: 2 * 2 ** 20, length: 65_536 },
  ]);
});

test('a second process is refused the folder of a running lab, and takes over that of a dead one', async (t) => {
  const dir = folder(t);
  const lab = await startLabProcess(join(dir, 'lab'));
  afterwards(t, () => lab.stop());
  const second = await refpoint(['lab', 'start', '--dir', lab.dir]);
  assert.equal(second.status, 3);
  assert.match(second.stderr, /open in process \d+/);
  assert.match(second.stderr, /\(lab\.locked\)/);
  lab.process.kill('SIGKILL');
  await once(lab.process, 'close');
  const third = await startLabProcess(join(dir, 'lab'));
  await third.stop();
});

test('a folder with other things in it is not made a lab', async (t) => {
  const dir = folder(t);
  writeFileSync(join(dir, 'thesis.txt'), 'mine');
  const { status, stderr } = await refpoint(['lab', 'start', '--dir', dir]);
  assert.equal(status, 3);
  assert.match(stderr, /not empty/);
});

test('lab fault lists what there is, and refuses what there is not', async (t) => {
  const dir = folder(t);
  const lab = await startLabProcess(join(dir, 'lab'));
  afterwards(t, () => lab.stop());
  const { known } = await runCliJson<{ known: Record<string, string> }>([
    'lab',
    'fault',
    '--dir',
    lab.dir,
    '--list',
  ]);
  for (const name of [
    'job.fail',
    'job.slow',
    'connection.after',
    'tracker.drop',
    'tracker.overshoot',
    'merge.stuck',
  ]) {
    assert.ok(name in known, name);
  }
  const wrong = await runCli(['lab', 'fault', '--dir', lab.dir, '--set', 'tracker.dorp']);
  assert.equal(wrong.status, 3);
  assert.match(wrong.err, /tracker\.dorp/);
});

test('a lab is told to stop, in order; one that does not run says so', async (t) => {
  const dir = folder(t);
  const lab = await startLabProcess(join(dir, 'lab'), ['--job-delay', '0']);
  afterwards(t, () => lab.stop());
  await runCliJson(['lab', 'add-vm', '--dir', lab.dir, '--name', 'vm', '--sample']);
  const closed = once(lab.process, 'close');
  const { pid } = await runCliJson<{ pid: number }>(['lab', 'stop', '--dir', lab.dir]);
  assert.equal(pid, lab.process.pid);
  const [status] = (await closed) as [number | null];
  assert.equal(status, 0);
  const again = await runCli(['lab', 'stop', '--dir', lab.dir]);
  assert.equal(again.status, 3);
  assert.match(again.err, /\(lab\.notRunning\)/);
  const [vm] = await runCliJson<{ disks: { virtualSize: number }[] }[]>([
    'lab',
    'list',
    '--dir',
    lab.dir,
  ]);
  assert.equal(vm?.disks[0]?.virtualSize, 512 * 2 ** 20);
});
