import assert from 'node:assert/strict';
import { beforeEach, test, type TestContext } from 'node:test';
import type { JobInfo } from '../../../src/engine/api/jobs.ts';
import { requests } from '../../../src/engine/api/methods.ts';
import { JobWatcher } from '../../../src/extension/jobs/job-watcher.ts';
import { settled } from '../../support/extension/extension-window.ts';
import { failure, FakeEngine } from '../../support/extension/fake-engine.ts';
import { backupSpec, job } from '../../support/extension/samples.ts';
import { workbench } from '../../support/vscode/workbench.ts';

beforeEach(() => workbench.reset());

/** A watcher whose list a test changes and whose clock it turns. */
function watching(t: TestContext) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const engine = new FakeEngine();
  const list: { jobs: readonly JobInfo[] } = { jobs: [] };
  engine.on(requests.listJobs, () => list.jobs);
  const watcher = new JobWatcher(engine.asEngine);
  const tick = async (times = 1): Promise<void> => {
    for (let i = 0; i < times; i++) {
      await settled();
      t.mock.timers.tick(6000);
      await settled();
    }
  };
  return { engine, list, watcher, tick };
}

/** The same with a whole clock, in steps of a second. */
function watchingByTheClock(t: TestContext) {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  const engine = new FakeEngine();
  const list: { jobs: readonly JobInfo[] } = { jobs: [] };
  engine.on(requests.listJobs, () => list.jobs);
  const watcher = new JobWatcher(engine.asEngine);
  const tick = async (seconds: number): Promise<void> => {
    for (let i = 0; i < seconds; i++) {
      t.mock.timers.tick(1000);
      await settled();
    }
  };
  return { engine, list, watcher, tick };
}

test('nothing is asked while nobody waits and the view is not visible', async (t) => {
  const { engine, watcher, list, tick } = watching(t);
  list.jobs = [job('1')];
  await watcher.look();
  await tick(3);
  assert.equal(engine.count(requests.listJobs), 1);
  watcher.seen = { visible: true, focused: true };
  await tick(3);
  const seen = engine.count(requests.listJobs);
  assert.ok(seen >= 4, `${seen} looks`);
  watcher.seen = { visible: false, focused: true };
  await tick(1);
  const rest = engine.count(requests.listJobs);
  await tick(5);
  assert.equal(engine.count(requests.listJobs), rest);
  watcher.dispose();
});

test('a job that is waited for is told of until it ended', async (t) => {
  const { watcher, list, tick } = watching(t);
  const told: (string | undefined)[] = [];
  const ended = watcher.watch('1', ({ progress }) => told.push(progress?.phase));
  await tick();
  const progress = {
    phase: 'read',
    done: 1,
    total: 2,
    bytesPerSecond: 0,
    percent: null,
    secondsLeft: null,
  };
  list.jobs = [job('1', { progress })];
  await tick();
  list.jobs = [job('1', { state: 'done' })];
  await tick();
  assert.equal((await ended).state, 'done');
  assert.ok(told.includes('read'));
  assert.ok(!told.includes(undefined));
});

test('a job whose process never wrote its state does not keep anybody waiting for ever', async (t) => {
  const { watcher, tick } = watching(t);
  const outcome = watcher
    .watch('1', () => undefined)
    .then(
      () => 'ended',
      (error: { readonly info: { readonly code: string } }) => error.info.code,
    );
  await tick(40);
  assert.equal(await Promise.race([outcome, settled().then(() => 'waiting')]), 'job.silent');
});

test('a job whose record is removed while it is waited for counts as interrupted', async (t) => {
  const { watcher, list, tick } = watching(t);
  const ended = watcher.watch('1', () => undefined);
  list.jobs = [job('1')];
  await tick();
  list.jobs = [];
  await tick(3);
  assert.equal((await ended).state, 'interrupted');
});

test('a job that one look misses goes on, and its own end is told', async (t) => {
  const { watcher, list, tick } = watching(t);
  const ended = watcher.watch('1', () => undefined);
  for (let i = 0; i < 4; i++) {
    list.jobs = [job('1')];
    await tick();
    list.jobs = [];
    await tick();
  }
  list.jobs = [job('1', { state: 'failed' })];
  await tick();
  assert.equal((await ended).state, 'failed');
});

test('an engine that is started again in between loses no job; one that never comes back is said', async (t) => {
  const { watcher, engine, list, tick } = watching(t);
  const ended = watcher.watch('1', () => undefined);
  list.jobs = [job('1')];
  await tick();
  engine.fail(requests.listJobs, failure('engine.lost', 'gone'));
  await tick(10);
  engine.on(requests.listJobs, () => [job('1', { state: 'done' })]);
  await tick();
  assert.equal((await ended).state, 'done');
  engine.fail(requests.listJobs, failure('engine.start', 'cannot start'));
  const lost = watcher
    .watch('2', () => undefined)
    .then(
      () => 'ended',
      (error: { readonly info: { readonly code: string } }) => error.info.code,
    );
  await tick(40);
  assert.equal(await Promise.race([lost, settled().then(() => 'waiting')]), 'engine.start');
});

test('that a job ended is told once, also of another window’s', async (t) => {
  const { watcher, list } = watching(t);
  const ended: string[] = [];
  watcher.onEnded(({ id }) => ended.push(id));
  list.jobs = [
    job('1'),
    job('2', { elsewhere: true, spec: backupSpec() }),
    job('3', { state: 'done' }),
  ];
  await watcher.look();
  list.jobs = [job('1', { state: 'failed' }), job('3', { state: 'done' })];
  await watcher.look();
  await watcher.look();
  assert.deepEqual(ended, ['1', '2']);
});

test('looks that come at once are one request', async (t) => {
  const { watcher, engine } = watching(t);
  await Promise.all([watcher.look(), watcher.look(), watcher.look()]);
  assert.equal(engine.count(requests.listJobs), 1);
});

test('with no job that runs the looks grow rarer; a window without the focus is not told of any', async (t) => {
  const { engine, list, watcher, tick } = watchingByTheClock(t);
  watcher.seen = { visible: true, focused: true };
  await tick(60);
  const before = engine.count(requests.listJobs);
  await tick(120);
  const looks = engine.count(requests.listJobs) - before;
  assert.ok(
    looks >= 5 && looks <= 7,
    `${looks} looks in two minutes; without back-off it would be 24`,
  );
  watcher.hasten();
  await tick(6);
  list.jobs = [job('1')];
  await tick(8);
  const running = engine.count(requests.listJobs);
  await tick(10);
  assert.ok(engine.count(requests.listJobs) - running >= 9, 'progress is shown as it comes');
  watcher.seen = { visible: true, focused: false };
  const left = engine.count(requests.listJobs);
  await tick(120);
  assert.equal(engine.count(requests.listJobs), left);
  const ended = watcher.watch('1', () => undefined);
  await tick(30);
  const waited = engine.count(requests.listJobs) - left;
  assert.ok(waited >= 9 && waited <= 12, `${waited} looks for the one who waits`);
  list.jobs = [job('1', { state: 'done' })];
  await tick(3);
  assert.equal((await ended).state, 'done');
  watcher.dispose();
});

test('whoever acts again and again does not put the next look off', async (t) => {
  const { engine, watcher, tick } = watchingByTheClock(t);
  watcher.seen = { visible: true, focused: true };
  await tick(1);
  const before = engine.count(requests.listJobs);
  for (let i = 0; i < 20; i++) {
    watcher.hasten();
    await tick(1);
  }
  assert.ok(engine.count(requests.listJobs) - before >= 3);
  watcher.dispose();
});
