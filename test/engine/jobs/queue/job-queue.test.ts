import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test, type TestContext } from 'node:test';
import type { JobInput, JobSpec } from '../../../../src/engine/api/jobs.ts';
import { never } from '../../../../src/engine/base/abort.ts';
import { JobFolder } from '../../../../src/engine/jobs/folder/job-folder.ts';
import { newState } from '../../../../src/engine/jobs/folder/job-writer.ts';
import { JobList } from '../../../../src/engine/jobs/list/job-list.ts';
import { JobQueue } from '../../../../src/engine/jobs/queue/job-queue.ts';
import { temporaryFolder } from '../../../support/files/temporary-folder.ts';

/** A job of a host; without one, a verification. */
function jobOf(host?: string): JobInput {
  const spec: JobSpec =
    host === undefined
      ? { kind: 'verify', store: '/store', vm: 'vm', points: [], quick: true }
      : { kind: 'export', host, vm: 'vm', directory: 'C:\\x', since: null };
  return { version: 1, id: randomUUID(), title: 'vm', spec, target: null };
}

/** Waits for a condition. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}

/** Counts which jobs run: those that were given a place, until a test ends them. */
class Runs {
  readonly order: string[] = [];
  readonly now = new Map<string, JobInput>();
  most = 0;
  mostOfHost = 0;
  readonly #home: string;

  constructor(home: string) {
    this.#home = home;
  }

  /** Waits in a queue and begins, as a runner does. */
  async start(queue: JobQueue, job: JobInput, parallel: number): Promise<boolean> {
    const { place } = await queue.add(job, parallel);
    return place.then(async (has) => {
      if (!has) return false;
      this.now.set(job.id, job);
      this.order.push(job.id);
      this.most = Math.max(this.most, this.now.size);
      const hosts = Map.groupBy(this.now.values(), ({ spec }) => 'host' in spec && spec.host);
      hosts.delete(false);
      this.mostOfHost = Math.max(
        this.mostOfHost,
        ...[...hosts.values()].map((each) => each.length),
      );
      await new JobFolder(this.#home, job.id).writeState(newState(job));
      return true;
    });
  }

  async end(id: string): Promise<void> {
    const job = this.now.get(id);
    assert.ok(job !== undefined);
    this.now.delete(id);
    await new JobFolder(this.#home, id).writeState({ ...newState(job), state: 'done' });
  }
}

async function queues(t: TestContext, count: number) {
  const home = await temporaryFolder(t);
  const stop = new AbortController();
  t.after(() => stop.abort());
  const all = Array.from({ length: count }, () => new JobQueue(home, stop.signal));
  return { home, stop, all, runs: new Runs(home) };
}

test('two windows together start no more jobs than may run, and no more than two of one host', async (t) => {
  const { all, runs } = await queues(t, 2);
  const jobs = Array.from({ length: 24 }, (_, i) =>
    jobOf(['http://a', 'http://b', undefined][Math.floor(i / 8)]),
  );
  const waits = jobs.map((job, i) => runs.start(all[i % 2] as JobQueue, job, 4));
  const left = new Set(jobs);
  while (left.size > 0) {
    // As many as may run at the same time are let run, before one of them ends.
    const of = (host: string | undefined): number =>
      [...left].filter(({ spec }) => ('host' in spec ? spec.host : undefined) === host).length;
    const may = Math.min(2, of('http://a')) + Math.min(2, of('http://b')) + of(undefined);
    await until(() => runs.now.size >= Math.min(4, may));
    const [[id, job] = []] = runs.now;
    if (id === undefined || job === undefined) break;
    await runs.end(id);
    left.delete(job);
  }
  assert.deepEqual(
    await Promise.all(waits),
    jobs.map(() => true),
  );
  t.diagnostic(`${runs.most} at once, ${runs.mostOfHost} of one host`);
  assert.deepEqual([runs.most, runs.mostOfHost], [4, 2]);
});

test('a queue whose jobs all have their places holds up the end of the process no longer', async (t) => {
  const { all, runs } = await queues(t, 1);
  const timers = (): number =>
    process.getActiveResourcesInfo().filter((each) => each === 'Timeout').length;
  const before = timers();
  assert.equal(await runs.start(all[0] as JobQueue, jobOf(), 4), true);
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
  assert.equal(timers(), before);
});

test('jobs of one window start in the order in which they came, and the list says how many are before each', async (t) => {
  const { home, all, runs } = await queues(t, 1);
  const [queue] = all as [JobQueue];
  const jobs = Array.from({ length: 5 }, () => jobOf());
  const waits: Promise<boolean>[] = [];
  for (const job of jobs) waits.push(runs.start(queue, job, 1));
  await waits[0];
  await until(() => queue.size === 4);
  const listed = await new JobList(home).list([], never);
  const ahead = new Map(listed.map((job) => [job.id, job.ahead]));
  assert.deepEqual(
    jobs.map(({ id }) => ahead.get(id)),
    [null, 0, 1, 2, 3],
  );
  for (const [i, { id }] of jobs.entries()) {
    await waits[i];
    await runs.end(id);
  }
  assert.deepEqual(
    runs.order,
    jobs.map(({ id }) => id),
  );
});

test('a job that waits for its host keeps no job of another host waiting', async (t) => {
  const { all, runs } = await queues(t, 1);
  const [queue] = all as [JobQueue];
  const busy = [
    jobOf('http://a'),
    jobOf('http://A/'),
    jobOf('http://a'),
    jobOf('http://b'),
  ] as const;
  const waits: Promise<boolean>[] = [];
  for (const job of busy) waits.push(runs.start(queue, job, 4));
  await Promise.all([waits[0], waits[1], waits[3]]);
  assert.equal(queue.size, 1);
  assert.ok(!runs.now.has(busy[2].id), 'the third of the host waits');
  await runs.end(busy[0].id);
  assert.equal(await waits[2], true);
});

test('a job that waits is cancelled at once, by whoever asks, and its state says so', async (t) => {
  const { home, all, runs } = await queues(t, 1);
  const [queue] = all as [JobQueue];
  const [first, second] = [jobOf(), jobOf()];
  await runs.start(queue, first, 1);
  const waiting = runs.start(queue, second, 1);
  await until(() => queue.size === 1);
  await new JobFolder(home, second.id).askToCancel();
  assert.equal(await waiting, false);
  const state = await new JobFolder(home, second.id).readState();
  assert.deepEqual([state?.state, state?.queue], ['cancelled', null]);
});

test('a signal cancels all that wait', async (t) => {
  const { home, stop, all, runs } = await queues(t, 1);
  const [queue] = all as [JobQueue];
  await runs.start(queue, jobOf(), 1);
  const jobs = [jobOf(), jobOf(), jobOf()];
  const waits = jobs.map((job) => runs.start(queue, job, 1));
  await until(() => queue.size === 3);
  stop.abort();
  assert.deepEqual(await Promise.all(waits), [false, false, false]);
  for (const { id } of jobs) {
    assert.equal((await new JobFolder(home, id).readState())?.state, 'cancelled');
  }
});

test('what a dead process waited with holds no place and stands before nobody', async (t) => {
  const { home, all, runs } = await queues(t, 1);
  const [queue] = all as [JobQueue];
  const since = '2026-01-01T00:00:00.000Z';
  for (const claiming of [true, false]) {
    const job = jobOf();
    const folder = new JobFolder(home, job.id);
    await folder.create();
    // A process id that no process has: above the greatest that Linux gives.
    const dead = { ...newState(job), state: 'queued' as const, pid: 2 ** 22 + 1 };
    await folder.writeState({ ...dead, queue: { since, order: 0, parallel: 1, claiming } });
  }
  assert.equal(await runs.start(queue, jobOf(), 1), true);
  const states = (await new JobList(home).list([], never)).map(({ state }) => state);
  assert.deepEqual(states.sort(), ['interrupted', 'interrupted', 'running']);
});
