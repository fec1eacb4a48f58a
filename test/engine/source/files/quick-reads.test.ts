import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { never } from '../../../../src/engine/base/abort.ts';
import { FileSource } from '../../../../src/engine/source/files/file-source.ts';
import { isLocal, isLocalFolder } from '../../../../src/engine/source/files/local-files.ts';
import { mayStayOnThread } from '../../../../src/engine/source/files/quick-calls.ts';
import { QuickReads } from '../../../../src/engine/source/files/quick-reads.ts';
import { endsOnThisThread, freshTurn, getsQuick } from '../../../support/process/on-this-thread.ts';
import { temporaryFolder } from '../../../support/files/temporary-folder.ts';

const KIB = 1024;

/** A folder whose files are read on this thread; undefined, with the test skipped, if this machine has none. */
async function localFolder(t: TestContext): Promise<string | undefined> {
  const folder = await temporaryFolder(t);
  if (await isLocalFolder(folder)) return folder;
  t.skip('temporary files do not lie in a local file system');
  return undefined;
}

/** Reads of a clock of its own, of which each takes `duration` milliseconds. */
function measuredReads(mayStay = (): boolean => true): {
  readonly quick: QuickReads;
  readonly state: { duration: number; calls: number };
} {
  const state = { duration: 0.01, calls: 0, now: 0 };
  const read = (_fd: number, into: Uint8Array): number => {
    state.calls++;
    state.now += state.duration;
    return into.length;
  };
  const clock = { now: () => state.now, mayStay };
  return { quick: new QuickReads({ read, clock }), state };
}

/** Milliseconds from now on; those in which the whole process stands still, since others have the processors, do not count. */
function timer(): () => number {
  const [time, work] = [performance.now(), process.cpuUsage()];
  return () => {
    const { user, system } = process.cpuUsage(work);
    return Math.min(performance.now() - time, (user + system) / 1000);
  };
}

/** Whether a read is made on this thread. */
function isRead(quick: QuickReads, length: number): boolean {
  return quick.tryRead(-1, new Uint8Array(length), 0) !== undefined;
}

test('after a slow read one goes to another thread; after each further one twice as many, up to 32', () => {
  const { quick, state } = measuredReads();
  const elsewhere = (count: number): void => {
    for (let i = 0; i < count; i++) {
      const read = quick.tryRead(-1, new Uint8Array(512), 0);
      assert.equal(read, undefined, `read ${i} of ${count}`);
    }
  };
  for (let i = 0; i < 100; i++) assert.ok(isRead(quick, 512));
  state.duration = 1;
  assert.ok(isRead(quick, 512));
  const { calls } = state;
  for (const count of [1, 2, 4, 8, 16, 32, 32]) {
    elsewhere(count);
    assert.ok(isRead(quick, 512), `the read after ${count}`);
  }
  assert.equal(state.calls, calls + 7);
  state.duration = 0.01;
  elsewhere(32);
  // Quick reads make up for slow ones.
  for (let i = 0; i < 10; i++) assert.ok(isRead(quick, 512), `quick read ${i}`);
  state.duration = 1;
  assert.ok(isRead(quick, 512));
  elsewhere(1);
  assert.ok(isRead(quick, 512));
});

test('reads of up to 256 KiB stay, longer ones never do and do not count as reads after a slow one', () => {
  const { quick, state } = measuredReads();
  assert.ok(isRead(quick, 256 * KIB));
  for (let i = 0; i < 50; i++) assert.ok(!isRead(quick, 256 * KIB + 1));
  state.duration = 1;
  assert.ok(isRead(quick, 1));
  for (let i = 0; i < 50; i++) assert.ok(!isRead(quick, 256 * KIB + 1));
  assert.equal(quick.tryRead(-1, new Uint8Array(1), 0), undefined);
});

test('a failed read is the error of the read', () => {
  const failure = Object.assign(new Error('EIO: i/o error'), { code: 'EIO' });
  const read = (): number => {
    throw failure;
  };
  const quick = new QuickReads({ read, clock: { now: () => 0, mayStay: () => true } });
  assert.throws(() => isRead(quick, 512), failure);
});

test('however quick its reads are, a thread that stays busy makes no more of them after some milliseconds', async () => {
  const { quick, state } = measuredReads(mayStayOnThread);
  const into = new Uint8Array(512);
  for (let round = 0; round < 5; round++) {
    await freshTurn();
    const since = timer();
    // One read goes to another thread, so that its caller lets the event loop come round.
    while (quick.tryRead(-1, into, 0) !== undefined && since() < 1000);
    assert.ok(since() < 100, `reads for ${since()} ms`);
    // Reads that were begun with it may stay for as long again.
    while (quick.tryRead(-1, into, 0) !== undefined && since() < 1000);
    assert.ok(since() < 100, `reads for ${since()} ms`);
    assert.equal(quick.tryRead(-1, into, 0), undefined, 'until the event loop comes round');
  }
  assert.ok(state.calls > 10, `${state.calls} reads before that`);
});

/** Longest time between two turns of the event loop, and their number. */
function watchTurns(): {
  readonly longest: () => number;
  readonly turns: () => number;
  stop(): void;
} {
  let [longest, turns, stopped] = [0, 0, false];
  let since = timer();
  const next = (): void => {
    longest = Math.max(longest, since());
    turns++;
    since = timer();
    if (!stopped) setImmediate(next);
  };
  setImmediate(next);
  return {
    longest: () => longest,
    turns: () => turns,
    stop: () => {
      stopped = true;
    },
  };
}

test('readers of many small parts leave the event loop its turns, and a timer stops them', async (t) => {
  const folder = await localFolder(t);
  if (folder === undefined) return;
  const path = join(folder, 'a.bin');
  const MOST = 1_000_000;
  await writeFile(path, Buffer.alloc(256 * KIB, 7));
  const source = await FileSource.open(path, never, { local: true });
  const controller = new AbortController();
  const watch = watchTurns();
  let [reads, onThread, ticks] = [0, 0, 0];
  const readAll = async (): Promise<void> => {
    const into = new Uint8Array(512);
    while (reads < MOST) {
      const before = watch.turns();
      await source.read((reads++ * 512) % (256 * KIB), into, controller.signal);
      if (watch.turns() === before) onThread++;
    }
  };
  const reason = new Error('stopped by a timer');
  const tick = (): void => {
    ticks++;
    if (reads > 5000 && ticks > 20) controller.abort(reason);
    else setTimeout(tick, 1);
  };
  setTimeout(tick, 1);
  const ends = await Promise.allSettled([readAll(), readAll(), readAll(), readAll()]);
  watch.stop();
  if (!controller.signal.aborted) controller.abort(reason);
  await source.close();
  t.diagnostic(
    `${reads} reads, ${onThread} on this thread, ${watch.turns()} turns, ${ticks} ticks, ${watch.longest()} ms at most`,
  );
  for (const end of ends) {
    assert.equal(end.status === 'rejected' && end.reason, reason, `not stopped after ${reads}`);
  }
  assert.ok(onThread > 1000, `${onThread} of ${reads} reads were made on this thread`);
  assert.ok(watch.longest() < 100, `the event loop waited for ${watch.longest()} ms`);
});

/** Regular files that have a size and do not lie in a local file system. */
const FOREIGN = ['/sys/kernel/mm/transparent_hugepage/enabled', '/sys/kernel/uevent_seqnum'];

test('a file of another file system inside of a local folder is not read on this thread', async (t) => {
  const folder = await localFolder(t);
  if (folder === undefined) return;
  const path = join(folder, 'a.bin');
  await writeFile(path, 'abc');
  const into = new Uint8Array(1);
  const near = await FileSource.open(path, never, { local: true });
  assert.ok(await getsQuick(() => near.read(0, into, never)));
  await near.close();
  const foreign = FOREIGN.find((name) => existsSync(name));
  if (foreign === undefined) {
    t.skip('this machine has no /sys');
    return;
  }
  const far = await FileSource.open(foreign, never, { local: true });
  for (let i = 0; i < 20; i++) {
    await freshTurn();
    const work = far.read(0, into, never);
    assert.ok(!(await endsOnThisThread(work)));
    await work;
  }
  await far.close();
});

test('the number of a file system without a device is not relied on once another may have it', async (t) => {
  const folder = await localFolder(t);
  if (folder === undefined) return;
  const anonymous = 0x37;
  assert.equal(await isLocal(folder, anonymous), true);
  assert.equal(await isLocal('/proc', anonymous), false);
  const disk = 0xfe99;
  assert.equal(await isLocal(folder, disk), true);
  assert.equal(await isLocal('/proc', disk), true, 'a device is asked once');
});
