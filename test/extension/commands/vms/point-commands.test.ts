import assert from 'node:assert/strict';
import { beforeEach, test, type TestContext } from 'node:test';
import { requests } from '../../../../src/engine/api/methods.ts';
import { fakeWindow, settled } from '../../../support/extension/extension-window.ts';
import { failure } from '../../../support/extension/fake-engine.ts';
import { giveUpEverywhere } from '../../../support/extension/give-up.ts';
import {
  backupSpec,
  guid,
  job,
  referencePoint,
  storePoint,
  storeVm,
  vmRow,
  vmShow,
} from '../../../support/extension/samples.ts';
import { giveUp, pick, press } from '../../../support/vscode/script.ts';
import { workbench } from '../../../support/vscode/workbench.ts';

beforeEach(() => workbench.reset());

const HOST = { name: 'hv', url: 'http://127.0.0.1:5985', pathMap: { 'C:\\VMs': '/mnt/vms' } };
const OURS = referencePoint('Microsoft:1\\OURS');
const FOREIGN = referencePoint('Microsoft:1\\FOREIGN', {
  owner: 'foreign',
  pointId: null,
  created: null,
});

async function connected(t: TestContext) {
  workbench.settings.put('refpoint.hosts', [HOST]);
  workbench.settings.put('refpoint.stores', ['/stores/a']);
  const window = await fakeWindow(t);
  window.engine
    .on(requests.listVms, () => [vmRow(1, { referencePoints: 2 }), vmRow(2)])
    .on(requests.listJobs, () => [])
    .on(requests.showVm, ({ vm }) =>
      vm === guid(1) ? vmShow(1, { referencePoints: [OURS, FOREIGN] }) : vmShow(2),
    )
    .on(requests.createReferencePoint, () => OURS)
    .on(requests.removeReferencePoint, () => ({}))
    .on(requests.clean, () => []);
  const [root] = await window.hosts.rows();
  assert.ok(root);
  const vms = await window.hosts.expand(root.node);
  return { ...window, vms: vms.map(({ node }) => node) };
}

test('a reference point is made in sight, can be cancelled, and is seen at once', async (t) => {
  const { run, engine, hosts, vms } = await connected(t);
  hosts.refreshed.length = 0;
  await run('refpoint.createReferencePoint', vms[0]);
  assert.equal(engine.count(requests.createReferencePoint), 1);
  const [progress] = workbench.progress.filter(({ where }) => where === 'notification');
  assert.equal(progress?.cancellable, true);
  assert.equal(progress.ended, true);
  assert.match(workbench.said()[0] ?? '', /vm1: reference point created/);
  assert.deepEqual(hosts.refreshed, [vms[0]]);
});

test('removing one of ours says what is lost; one of another product, whose it may be', async (t) => {
  const { run, engine, hosts, vms } = await connected(t);
  const [vm] = vms;
  assert.ok(vm);
  const rows = await hosts.expand(vm);
  const [foreign, ours] = rows.filter(({ node }) => node.kind === 'referencePoint');
  workbench.play(giveUp(), giveUp());
  await run('refpoint.removeReferencePoint', ours?.node);
  await run('refpoint.removeReferencePoint', foreign?.node);
  workbench.assertDone();
  assert.equal(engine.count(requests.removeReferencePoint), 0);
  const [first, second] = workbench.asked;
  assert.match(
    first?.detail ?? '',
    /The next backup after Mar 1, .*10:00:00.* \(full\) will be a full one/,
  );
  assert.match(first?.detail ?? '', /OURS/);
  assert.match(second?.text ?? '', /of another product/);
  assert.match(second?.detail ?? '', /Another product may need it/);
  workbench.play(press('Remove'), press('Remove'));
  await run('refpoint.removeReferencePoint', ours?.node);
  await run('refpoint.removeReferencePoint', foreign?.node);
  assert.deepEqual(
    engine
      .paramsOf(requests.removeReferencePoint)
      .map(({ id, foreign, stores }) => [id, foreign, stores]),
    [
      [OURS.id, false, ['/stores/a']],
      [FOREIGN.id, true, ['/stores/a']],
    ],
  );
});

test('from the palette a reference point is asked for, and giving up removes none', async (t) => {
  const { run, engine } = await connected(t);
  await giveUpEverywhere(
    [pick('vm1'), pick(/OURS/), press('Remove')],
    () => run('refpoint.removeReferencePoint'),
    () => assert.equal(engine.count(requests.removeReferencePoint), 0),
  );
});

test('a VM without reference points offers to make one', async (t) => {
  const { run, engine, vms } = await connected(t);
  workbench.play(press('Create Reference Point'));
  await run('refpoint.queryChanges', vms[1]);
  await settled();
  workbench.assertDone();
  assert.equal(engine.paramsOf(requests.createReferencePoint)[0]?.vm, guid(2));
});

test('Clean Up shows what it found and removes it only when told to', async (t) => {
  const { run, engine, vms } = await connected(t);
  engine.on(requests.clean, ({ store }) =>
    store === null ? [] : [{ kind: 'checkpoint' as const, id: 'c-1', text: 'A backup checkpoint' }],
  );
  workbench.play(giveUp());
  await run('refpoint.cleanUp', vms[0]);
  workbench.assertDone();
  assert.deepEqual(
    engine.paramsOf(requests.clean).map(({ dryRun, store }) => [dryRun, store]),
    [
      [true, '/stores/a'],
      [true, null],
    ],
  );
  assert.equal(workbench.asked[0]?.detail, 'A backup checkpoint (c-1)');
  workbench.play(press('Clean Up'));
  await run('refpoint.cleanUp', vms[0]);
  workbench.assertDone();
  assert.equal(engine.paramsOf(requests.clean).filter(({ dryRun }) => !dryRun).length, 2);
  assert.match(workbench.said().at(-1) ?? '', /vm1: 1 thing was cleaned up/);
});

test('Clean Up counts only what was removed, and names what is left', async (t) => {
  const { run, engine, vms } = await connected(t);
  const unclear = { kind: 'unclear', id: 'c-2', text: 'May be another product’s' } as const;
  engine.on(requests.clean, ({ store }) => (store === null ? [unclear] : []));
  await run('refpoint.cleanUp', vms[0]);
  assert.equal(engine.paramsOf(requests.clean).filter(({ dryRun }) => !dryRun).length, 0);
  assert.match(workbench.said().at(-1) ?? '', /nothing to clean up.*another product’s \(c-2\)/);
  const removed = { kind: 'checkpoint', id: 'c-1', text: 'A backup checkpoint' } as const;
  const left = { kind: 'left', id: 'E', text: 'An export: cannot be removed now' } as const;
  engine.on(requests.clean, ({ store }) => (store === null ? [removed, left] : []));
  workbench.play(press('Clean Up'));
  await run('refpoint.cleanUp', vms[0]);
  assert.match(workbench.said().at(-1) ?? '', /1 thing was cleaned up.*cannot be removed now/);
});

test('Clean Up of an interrupted job goes to its host, its VM and its store, and asks for none of them', async (t) => {
  const { run, engine, services } = await connected(t);
  services.hosts.disconnect(services.hosts.hosts[0]?.id ?? '');
  workbench.settings.put('refpoint.stores', ['/stores/a', '/stores/b']);
  const spec = backupSpec({ host: HOST.url, store: '/stores/b' });
  const node = { kind: 'job', id: 'job:1', job: job('1', { spec, state: 'interrupted' }) };
  await run('refpoint.cleanUp', node);
  workbench.assertDone();
  assert.equal(engine.paramsOf(requests.clean)[0]?.store, '/stores/b');
  assert.match(workbench.said()[0] ?? '', /nothing to clean up/);
  const gone = {
    ...node,
    job: job('1', { spec: { ...spec, vm: guid(77) }, state: 'interrupted' }),
  };
  await run('refpoint.cleanUp', gone);
  assert.match(workbench.said('error').at(-1) ?? '', /no longer on the host/);
});

test('Clean Up of an unfinished point knows its VM and its store', async (t) => {
  const { run, engine } = await connected(t);
  const vm = storeVm(1);
  const point = storePoint('1-full', { state: 'partial' });
  await run('refpoint.cleanUp', { kind: 'point', id: 'p', store: '/stores/b', vm, point });
  workbench.assertDone();
  const [params] = engine.paramsOf(requests.clean);
  assert.deepEqual([params?.vm, params?.store], [guid(1), '/stores/b']);
});

test('a job is run again as it was, with a fresh password, and its old record goes', async (t) => {
  const { run, engine, started, services } = await connected(t);
  services.follower.follow = async () => [];
  engine.on(requests.forgetJob, () => ({}));
  const spec = backupSpec({ host: 'HTTP://127.0.0.1:5985' });
  const node = { kind: 'job', id: 'job:1', job: job('1', { spec, state: 'failed', title: 'vm1' }) };
  await run('refpoint.runAgain', node);
  assert.deepEqual(
    started.map(({ spec: s, title }) => [s, title]),
    [
      [
        {
          ...spec,
          host: 'http://127.0.0.1:5985',
          options: { ...spec.options, pathMap: [{ host: 'C:\\VMs', local: '/mnt/vms' }] },
        },
        'vm1',
      ],
    ],
  );
  assert.deepEqual(engine.paramsOf(requests.forgetJob), [{ id: '1' }]);
  workbench.settings.put('refpoint.hosts', []);
  await run('refpoint.runAgain', node);
  assert.match(workbench.said('error')[0] ?? '', /no longer in the list/);
  assert.equal(started.length, 1);
});

test('jobs that run elsewhere cannot be cancelled here, and the person is told where', async (t) => {
  const { run, engine } = await connected(t);
  engine.on(requests.cancelJob, () => ({}));
  await run('refpoint.cancelJob');
  assert.deepEqual(workbench.said(), ['No job is running.']);
  engine.on(requests.listJobs, () => [
    job('1', { elsewhere: true, spec: backupSpec(), title: 'a' }),
    job('2', { title: 'b' }),
  ]);
  workbench.play(pick('Back up a'));
  await run('refpoint.cancelJob');
  assert.match(workbench.said().at(-1) ?? '', /another window, terminal or machine/);
  assert.equal(engine.count(requests.cancelJob), 0);
  workbench.play(pick('Verify b'));
  await run('refpoint.cancelJob');
  workbench.assertDone();
  assert.deepEqual(engine.paramsOf(requests.cancelJob), [{ id: '2' }]);
});

test('an engine that crashed while a command ran is said, with a way on', async (t) => {
  const { run, engine, vms } = await connected(t);
  engine.fail(requests.createReferencePoint, failure('engine.lost', 'connection closed'));
  await run('refpoint.createReferencePoint', vms[0]);
  await settled();
  assert.match(workbench.said('error')[0] ?? '', /The engine ended while it worked on this/);
  assert.equal(
    workbench.progress.every(({ ended }) => ended),
    true,
    'no spinner goes on',
  );
});
