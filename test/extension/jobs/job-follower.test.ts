import assert from 'node:assert/strict';
import { beforeEach, test, type TestContext } from 'node:test';
import type { JobInfo } from '../../../src/engine/api/jobs.ts';
import { requests } from '../../../src/engine/api/methods.ts';
import {
  fakeWindow,
  settled,
  type WindowOptions,
} from '../../support/extension/extension-window.ts';
import {
  backupSpec,
  job,
  jobResult,
  storePoint,
  storeVm,
} from '../../support/extension/samples.ts';
import { giveUp, press } from '../../support/vscode/script.ts';
import { pointTime } from '../../../src/extension/words/point-name.ts';
import { workbench } from '../../support/vscode/workbench.ts';

beforeEach(() => workbench.reset());

/** A window that follows jobs of a list that a test changes. */
async function following(t: TestContext, options: Omit<WindowOptions, 'engine'> = {}) {
  const list: { jobs: readonly JobInfo[] } = { jobs: [] };
  const window = await fakeWindow(t, options);
  window.engine.on(requests.listJobs, () => list.jobs);
  window.engine.on(requests.cancelJob, () => ({}));
  const look = async (...jobs: readonly JobInfo[]): Promise<void> => {
    list.jobs = jobs;
    await window.services.jobs.look();
    await settled();
  };
  const follow = (...ids: readonly string[]): Promise<readonly JobInfo[]> =>
    window.services.follower.follow(ids.map((id) => ({ id, title: `Back up ${id}` })));
  return { ...window, list, look, follow };
}

const running = (id: string, change: Partial<JobInfo> = {}): JobInfo =>
  job(id, { title: id, spec: backupSpec(), ...change });
const done = (id: string): JobInfo => running(id, { state: 'done', result: jobResult() });

test('one job is one notification that shows how far it is, and one message at its end', async (t) => {
  const { look, follow } = await following(t);
  const ended = follow('a');
  const progress = {
    phase: 'Read disk 0',
    done: 1,
    total: 2,
    bytesPerSecond: 0,
    percent: null,
    secondsLeft: null,
  };
  await look(running('a', { progress }));
  await look(running('a', { progress }));
  const [shown, ...more] = workbench.progress;
  assert.equal(more.length, 0);
  assert.equal(shown?.where, 'notification');
  assert.equal(shown.cancellable, true);
  assert.deepEqual(
    shown.reports.map(({ message }) => message),
    ['Read disk 0 · 50 %'],
    'the same text is not said again',
  );
  assert.equal(shown.ended, false);
  assert.deepEqual(workbench.said(), [], 'looking says nothing');
  workbench.play(press('Show Report'));
  await look(done('a'));
  await ended;
  await settled();
  assert.equal(shown.ended, true);
  assert.deepEqual(workbench.said(), [
    `Back up a: full backup of ${pointTime({ id: '20260301T100000Z-full' })}, 1 GiB read.`,
  ]);
  assert.ok(workbench.ran.some(({ id }) => id === 'refpoint.showReport'));
});

test('the bar of the notification is filled by increments that add up to 100, with speed and time left', async (t) => {
  const { look, follow } = await following(t);
  const ended = follow('a');
  const at = (percent: number | null, secondsLeft: number | null): JobInfo =>
    running('a', {
      progress: {
        phase: 'Disk 0',
        done: 1,
        total: 4,
        bytesPerSecond: 2 ** 20,
        percent,
        secondsLeft,
      },
    });
  await look(running('a'));
  await look(at(10, null));
  await look(at(40, 90));
  await look(at(30, 80));
  await look(at(90, 5));
  await look(done('a'));
  await ended;
  const [shown] = workbench.progress;
  assert.deepEqual(
    shown?.reports.map(({ message }) => message),
    [
      'starting',
      'Disk 0 · 10 % · 1 MiB/s',
      'Disk 0 · 40 % · 1 MiB/s · 1 min 30 s left',
      'Disk 0 · 30 % · 1 MiB/s · 1 min 20 s left',
      'Disk 0 · 90 % · 1 MiB/s · 5 s left',
      'Disk 0 · 90 % · 1 MiB/s · 5 s left',
    ],
  );
  const increments = shown.reports.map(({ increment = 0 }) => increment);
  assert.deepEqual(increments, [0, 10, 30, 0, 50, 10]);
});

test('a backup that is done offers what one wants next, of the very point that it made', async (t) => {
  const { look, follow, engine, run } = await following(t);
  const ended = follow('a');
  await look(running('a'));
  await look(done('a'));
  await ended;
  await settled();
  assert.deepEqual(workbench.asked.at(-1)?.buttons, ['Open Change Map', 'Restore…', 'Show Report']);
  engine
    .on(requests.storeVms, () => [storeVm(1)])
    .on(requests.storePoints, () => [storePoint('20260301T100000Z-full'), storePoint('2-full')]);
  workbench.script.reset();
  workbench.play(giveUp());
  await run('refpoint.restore', { kind: 'job', id: 'job:a', job: done('a') });
  assert.equal(workbench.asked[0]?.text, 'Restore as', 'no question about store, VM and point');
});

test('the notification cancels the job, and says how that ended', async (t) => {
  const { look, follow, engine } = await following(t);
  const ended = follow('a');
  await look(running('a'));
  workbench.progress[0]?.cancel();
  await settled();
  assert.deepEqual(engine.paramsOf(requests.cancelJob), [{ id: 'a' }]);
  assert.equal(workbench.progress[0]?.reports.at(-1)?.message, 'cancelling…');
  await look(running('a', { state: 'cancelled' }));
  await ended;
  assert.match(workbench.said()[0] ?? '', /cancelled/);
});

test('several jobs share the status bar, and one message closes them', async (t) => {
  const { look, follow } = await following(t);
  const ended = follow('a', 'b', 'c');
  await look(running('a'), running('b'), running('c'));
  assert.equal(workbench.progress.length, 0);
  const [bar] = workbench.statusBar;
  assert.equal(bar?.text, '$(sync~spin) 3 jobs');
  assert.equal(bar.visible, true);
  assert.equal(bar.command, 'refpoint.jobs.focus');
  await look(done('a'), running('b'), running('c'));
  assert.deepEqual(workbench.said(), []);
  await look(done('a'), done('b'), done('c'));
  await ended;
  await settled();
  assert.equal(bar.visible, false);
  assert.deepEqual(workbench.said(), ['3 of 3 jobs are done.']);
});

test('of several, one that failed is named with what to do', async (t) => {
  const { look, follow } = await following(t);
  const ended = follow('a', 'b');
  await look(running('a'), running('b'));
  const error = { code: 'source.full', message: 'Cannot write: there is no space left' };
  await look(done('a'), running('b', { state: 'failed', error }));
  await ended;
  await settled();
  const [said, ...more] = workbench.asked;
  assert.equal(more.length, 0);
  assert.equal(said?.kind, 'error');
  assert.match(said.text, /^Back up b: There is no space left on the drive\..*\(source\.full\)$/);
  assert.deepEqual(said.buttons, ['Add Store…', 'Run Again', 'Show Log']);
});

test('a second job moves the first from its notification to the status bar', async (t) => {
  const { look, follow } = await following(t);
  const first = follow('a');
  await look(running('a'));
  assert.equal(workbench.progress[0]?.ended, false);
  const second = follow('b');
  await look(running('a'), running('b'));
  assert.equal(workbench.progress[0]?.ended, true);
  assert.equal(workbench.progress.length, 1);
  assert.equal(workbench.statusBar[0]?.text, '$(sync~spin) 2 jobs');
  await look(done('a'), running('b'));
  await first;
  assert.equal(workbench.statusBar[0]?.text, '$(sync~spin) Back up b: starting');
  await look(done('a'), done('b'));
  await second;
  await settled();
  assert.equal(workbench.said().length, 2);
  assert.equal(workbench.statusBar[0]?.visible, false);
});

test('an interrupted job offers Run Again and Clean Up', async (t) => {
  const { look, follow } = await following(t);
  const ended = follow('a');
  await look(running('a'));
  await look(running('a', { state: 'interrupted' }));
  await ended;
  await settled();
  const [said] = workbench.asked;
  assert.match(said?.text ?? '', /interrupted/);
  assert.deepEqual(said?.buttons, ['Run Again', 'Clean Up…', 'Show Log']);
});

test('damage that a verification found is an error, not good news', async (t) => {
  const { look, follow } = await following(t);
  const ended = follow('a');
  const result = jobResult({ damaged: ['x'], verified: 2 });
  await look(job('a', { state: 'done', result }));
  await ended;
  await settled();
  assert.equal(workbench.asked[0]?.kind, 'error');
  assert.match(workbench.asked[0].text, /1 of 2 points are damaged/);
});

test('warnings of a backup are counted in its message', async (t) => {
  const { look, follow } = await following(t);
  const ended = follow('a');
  const result = jobResult({ warnings: [{ code: 'x', message: 'y' }] });
  await look(running('a', { state: 'done', result }));
  await ended;
  await settled();
  assert.equal(workbench.asked[0]?.kind, 'warning');
  assert.match(workbench.asked[0].text, /1 warning\.$/);
});

test('a window that comes back follows the jobs that it followed before', async (t) => {
  const first = await following(t);
  void first.follow('a');
  await first.look(running('a'));
  first.close();
  workbench.progress.length = 0;
  const second = await following(t, { before: first });
  await second.look(running('a'));
  assert.equal(workbench.progress.length, 1, 'it can be cancelled again');
  await second.look(done('a'));
  await settled();
  assert.equal(workbench.said().length, 1);
  second.close();
  const third = await following(t, { before: first });
  assert.equal(workbench.said().length, 1, 'it is told once');
  assert.equal(third.engine.count(requests.listJobs), 0, 'nothing to follow starts no engine');
});

test('a job that ended while the window was gone is told when it is back', async (t) => {
  const first = await following(t);
  void first.follow('a');
  await first.look(running('a'));
  first.close();
  const second = await following(t, { before: first });
  await second.look(done('a'));
  assert.match(workbench.said().at(-1) ?? '', /full backup/);
});

test('a closing message runs no command that a name holds', async (t) => {
  const { look, follow } = await following(t);
  const ended = follow('a');
  const title = '[web01](command:evil)';
  const error = { code: 'host.busy', message: `${title} is busy` };
  await look(running('a', { title, state: 'failed', error }));
  await ended;
  await settled();
  assert.doesNotMatch(workbench.said()[0] ?? '', /\]\(/);
});

test('jobs of other windows are shown and never told', async (t) => {
  const { look } = await following(t);
  await look(running('a', { elsewhere: true }), running('b'));
  await look(done('b'));
  assert.deepEqual(workbench.said(), []);
  assert.deepEqual(workbench.progress, []);
});
