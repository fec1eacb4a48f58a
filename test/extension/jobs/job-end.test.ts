import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { requests } from '../../../src/engine/api/methods.ts';
import { sayEnd } from '../../../src/extension/jobs/job-end.ts';
import { subjectOfJob } from '../../../src/extension/jobs/job-subject.ts';
import { fakeWindow, settled } from '../../support/extension/extension-window.ts';
import { guid, job, jobResult } from '../../support/extension/samples.ts';
import { pick, press } from '../../support/vscode/script.ts';
import { workbench } from '../../support/vscode/workbench.ts';

beforeEach(() => workbench.reset());

test('Verify of a restore that failed verifies that VM, without asking which', async (t) => {
  workbench.settings.put('refpoint.stores', ['/stores/a', '/stores/b']);
  const { services, started, engine } = await fakeWindow(t);
  // What is started is over when it is looked for: nobody waits for a job that no engine knows.
  engine.on(requests.listJobs, () =>
    started.map((each, i) =>
      job(`job-${i + 1}`, { spec: each.spec, state: 'done', result: jobResult() }),
    ),
  );
  const spec = {
    kind: 'restore',
    store: '/stores/b',
    vm: guid(2),
    point: '1-full',
    disks: [],
    to: '/srv/restored',
    format: 'vhdx',
    force: false,
  } as const;
  for (const code of [
    'point.image',
    'hashes.damaged',
    'store.missing',
    'restore.mismatch',
    'chain.gap',
  ]) {
    const error = { code, message: 'The data is damaged' };
    const failed = job('1', { spec, state: 'failed', error, title: 'web01' });
    workbench.play(press('Verify'), pick('Quick'));
    await sayEnd(failed, subjectOfJob(services.hosts));
    await settled();
    workbench.assertDone();
    assert.deepEqual(
      started.at(-1)?.spec,
      { kind: 'verify', store: '/stores/b', vm: guid(2), points: [], quick: true },
      code,
    );
  }
  assert.equal(started.length, 5);
  assert.equal(engine.count(requests.storeVms), 0);
});

test('an interrupted restore with the Hyper-V writer says that the VM may be deleted, and how to go on', async (t) => {
  const { services } = await fakeWindow(t);
  const place = { host: 'http://hv01', store: '/stores/b', vm: guid(2) };
  const spec = { kind: 'writer', ...place, point: '1-full', confirm: guid(2) } as const;
  const ended = job('1', { spec, state: 'interrupted', title: 'web01' });
  void sayEnd(ended, subjectOfJob(services.hosts));
  await settled();
  const [said] = workbench.asked;
  assert.match(said?.text ?? '', /web01.*The VM may be deleted; its files stay\. Run it again/);
  assert.deepEqual(said?.buttons, ['Run Again', 'Clean Up…', 'Show Log']);
});
