import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, test, type TestContext } from 'node:test';
import type { JobSpec } from '../../../../src/engine/api/jobs.ts';
import { requests } from '../../../../src/engine/api/methods.ts';
import { startJobs } from '../../../../src/extension/jobs/run-jobs.ts';
import { FollowedJobs } from '../../../../src/extension/jobs/followed-jobs.ts';
import { fakeWindow, settled } from '../../../support/extension/extension-window.ts';
import { guid, job, storePoint } from '../../../support/extension/samples.ts';
import { giveUp, press } from '../../../support/vscode/script.ts';
import { workbench } from '../../../support/vscode/workbench.ts';

beforeEach(() => workbench.reset());

async function withRestore(t: TestContext) {
  const window = await fakeWindow(t);
  window.engine
    .on(requests.storePoints, () => [storePoint('1-full')])
    .on(requests.listJobs, () => [])
    .on(requests.forgetJob, () => ({}));
  window.services.follower.follow = async () => [];
  const to = join(window.folder, 'restored');
  await mkdir(to);
  const spec: JobSpec = {
    kind: 'restore',
    store: '/stores/a',
    vm: guid(1),
    point: '1-full',
    disks: [],
    to,
    format: 'vhdx',
    // Answered long ago, for what stood there then.
    force: true,
  };
  const done = job('1', { spec, state: 'done', title: 'vm1' });
  return { ...window, to, spec, node: { kind: 'job', id: 'job:1', job: done } };
}

test('a restore that is run again asks again before it replaces a file', async (t) => {
  const { run, started, engine, to, spec, node } = await withRestore(t);
  await writeFile(join(to, '0-disk.vhdx'), 'attached since, and written');
  workbench.play(giveUp());
  await run('refpoint.runAgain', node);
  workbench.assertDone();
  assert.match(workbench.asked.at(-1)?.detail ?? '', /0-disk\.vhdx/);
  assert.deepEqual([started.length, engine.count(requests.forgetJob)], [0, 0]);
  workbench.play(press('Replace'));
  await run('refpoint.runAgain', node);
  workbench.assertDone();
  assert.deepEqual(started[0]?.spec, spec);
});

test('where nothing stands in its way it runs without force, which then protects what comes meanwhile', async (t) => {
  const { run, started, spec, node } = await withRestore(t);
  await run('refpoint.runAgain', node);
  assert.deepEqual(started[0]?.spec, { ...spec, force: false });
});

test('a job that does not start again keeps its record', async (t) => {
  const { run, engine, services, node } = await withRestore(t);
  Object.assign(services, { startJob: () => Promise.reject(new Error('no process')) });
  await run('refpoint.runAgain', node);
  assert.equal(engine.count(requests.forgetJob), 0);
  assert.equal(workbench.said('error').length, 1);
});

test('of several jobs each is kept for a reload as soon as it runs', async (t) => {
  const { services, spec, context } = await withRestore(t);
  const { startJob } = services;
  const second = Promise.withResolvers<never>();
  let starts = 0;
  Object.assign(services, {
    startJob: async (...job: Parameters<typeof startJob>) =>
      ++starts === 1 ? startJob(...job) : second.promise,
  });
  const starting = startJobs(services, [
    { title: 'a', spec, target: null },
    { title: 'b', spec, target: null },
  ]);
  await settled();
  const followed = new FollowedJobs(context.workspaceState);
  assert.deepEqual(
    followed.all.map(({ id }) => id),
    ['job-1'],
  );
  second.reject(new Error('no process'));
  assert.equal((await starting).length, 1);
});
