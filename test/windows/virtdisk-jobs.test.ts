import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { delay, never } from '../../src/engine/base/abort.ts';
import { findVirtdiskObstacle } from '../../src/engine/virtdisk/find-obstacle.ts';
import { WindowsHandle } from '../../src/engine/win32/handles/windows-handle.ts';
import { temporaryFolder } from '../support/files/temporary-folder.ts';
import { runCli, runCliJson } from '../support/process/cli-io.ts';
import { refpoint } from '../support/process/command.ts';
import { hostLab, type HostLab } from '../support/windows/host-lab.ts';
import { assertInTime } from '../support/process/in-time.ts';

const MIB = 2 ** 20;
/** Time in which a cancelled job must end, in milliseconds. */
const CANCEL_MS = 2000;

/** Calls of the virtual disk API in which a run is cancelled, and whether its VM has a point already. */
const STEPS = [
  { call: 'open', increment: true },
  { call: 'info', increment: true },
  { call: 'changes', increment: true },
  { call: 'attach', increment: true },
  { call: 'attach', increment: false },
] as const;

interface Job {
  readonly state: string;
  readonly spec: { readonly kind: string };
}

test('jobs that use the virtual disk API: cancelled at each step, ended by the library, refused', async (t) => {
  const lab = await hostLab(t);
  if (lab === undefined) return;
  const folder = await temporaryFolder(t);
  const { options } = lab.command;
  let count = 0;
  const scene = async (increment: boolean): Promise<readonly string[]> => {
    const vm = `vm${(count += 1)}`;
    await lab.ask('add-vm', { name: vm, disks: [{ size: 4 * MIB }] });
    const write = async (byte: number): Promise<void> => {
      const base64 = Buffer.alloc(4096, byte).toString('base64');
      await lab.ask('write-bytes', { vm, disk: 0, offset: byte * MIB, base64 });
    };
    await write(1);
    const words = ['backup', vm, '--store', join(folder, vm), '--method', 'virtdisk', ...options];
    if (increment) await runCliJson(words, lab.command);
    await write(2);
    return words;
  };

  for (const { call, increment } of STEPS) {
    const run = increment ? 'an increment' : 'a full';
    await t.test(`${run} is cancelled while ${call} hangs`, async () => {
      const words = await scene(increment);
      await lab.fault('virtdisk.hang', call, 1);
      await assertCancelled(lab, words, () => occurred(lab));
      await runCliJson(words, lab.command);
    });
  }

  await t.test('a full is cancelled while reads of the attached disk hang', async () => {
    const words = await scene(false);
    await lab.fault('virtdisk.reads');
    await assertCancelled(lab, words, async () => {
      await delay(1000, never);
    });
    await lab.clearFaults();
    await runCliJson(words, lab.command);
  });

  await t.test('a library that ends the process leaves an interrupted job', async () => {
    const words = await scene(true);
    const env = { ...lab.command.env, REFPOINT_HOME: join(folder, 'home') };
    await lab.fault('virtdisk.exit', 'attach', 1);
    const { status, stdout } = await refpoint([...words, '--json'], { env });
    assert.notEqual(status, 0);
    assert.equal(stdout, '', 'the process could not say anything');
    const jobs = await runCliJson<readonly Job[]>(['jobs'], { env });
    assert.deepEqual(
      jobs.map(({ spec, state }) => [spec.kind, state]),
      [['backup', 'interrupted']],
    );
    const next = await runCliJson<{ kind: string }>(words, { env });
    assert.equal(next.kind, 'incr');
  });

  await t.test('a library that is too old lacks the query for changes', () => {
    const obstacle = findVirtdiskObstacle('virtdisk-old.dll');
    assert.equal(obstacle?.code, 'virtdisk.tooOld');
    assert.equal(obstacle.data['call'], 'QueryChangesVirtualDisk');
    assert.match(obstacle.message, /Windows 10 or Windows Server 2016/);
  });
});

/** Waits until the lab has carried the fault out. */
async function occurred(lab: HostLab): Promise<void> {
  for (let i = 0; i < 200; i++) {
    if ((await lab.ask('fault-list', {})).active.length === 0) return;
    await delay(50, never);
  }
  assert.fail('the fault did not occur');
}

/** Cancels a run when it has come as far as `reached`: it ends in time, and leaves nothing behind. */
async function assertCancelled(
  lab: HostLab,
  words: readonly string[],
  reached: () => Promise<void>,
): Promise<void> {
  const stop = new AbortController();
  const run = runCli([...words, '--json'], { ...lab.command, signal: stop.signal });
  await Promise.race([reached(), run]);
  const start = performance.now();
  stop.abort(new Error('cancelled'));
  const { status, out } = await run;
  const took = performance.now() - start;
  assert.equal(status, 130, out);
  assertInTime(took, CANCEL_MS);
  assert.equal(WindowsHandle.openCount, 0);
  const vm = words[1] ?? '';
  const shown = await runCliJson<{ checkpoints: readonly unknown[] }>(
    ['vm', 'show', vm, ...lab.command.options],
    lab.command,
  );
  assert.deepEqual(shown.checkpoints, []);
}
