import assert from 'node:assert/strict';
import { beforeEach, test, type TestContext } from 'node:test';
import { requests } from '../../../../src/engine/api/methods.ts';
import { fakeWindow } from '../../../support/extension/extension-window.ts';
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
import { pick, type Step } from '../../../support/vscode/script.ts';
import { workbench } from '../../../support/vscode/workbench.ts';

beforeEach(() => workbench.reset());

const URL = 'http://127.0.0.1:5985';
const POINT = referencePoint('Microsoft:1\\OURS');

/** A host with two VMs, a store with a VM of two points, and a job; no view is in sight. */
async function filled(t: TestContext) {
  workbench.settings.put('refpoint.hosts', [{ name: 'hv', url: URL }]);
  workbench.settings.put('refpoint.stores', ['/stores/a']);
  const window = await fakeWindow(t);
  window.engine
    .on(requests.listVms, () => [vmRow(1, { referencePoints: 1 }), vmRow(2)])
    .on(requests.showVm, () => vmShow(1, { referencePoints: [POINT] }))
    .on(requests.storeVms, () => [storeVm(1)])
    .on(requests.storePoints, () => [storePoint('1-full'), storePoint('2-full')])
    .on(requests.listJobs, () => [job('j1', { state: 'done', spec: backupSpec() })]);
  const [root] = await window.hosts.rows();
  assert.ok(root);
  await window.hosts.expand(root.node);
  await window.services.jobs.look();
  return window;
}

const WAYS: readonly (readonly [string, readonly Step[], id: string, command: RegExp])[] = [
  ['a VM', [pick('Virtual machine'), pick('vm2')], guid(2), /^refpoint vm show /],
  ['a reference point', [pick('Reference point'), pick('vm1')], POINT.id, /^refpoint changes /],
  ['a host', [pick('Host')], URL, /^refpoint vm list --host http/],
  ['a backup point', [pick('Backup point'), pick(/2-full/)], '2-full', /^refpoint verify /],
  ['a VM of a store', [pick('Virtual machine of a store')], storeVm(1).id, /^refpoint store show /],
  ['a store', [pick('Store')], '/stores/a', /^refpoint store show --store \/stores\/a$/],
  ['a job', [pick('Job')], 'j1', /^refpoint backup /],
];

for (const [what, steps, id, command] of WAYS) {
  test(`from the palette: ${what} is asked for, then copied`, async (t) => {
    const { run } = await filled(t);
    workbench.play(...steps);
    await run('refpoint.copyId');
    workbench.assertDone();
    assert.equal(workbench.clipboard, id);
    workbench.play(...steps);
    await run('refpoint.copyJson');
    assert.equal(typeof JSON.parse(workbench.clipboard), 'object');
    workbench.play(...steps);
    await run('refpoint.copyCommand');
    workbench.assertDone();
    assert.match(workbench.clipboard, command);
  });
}

test('giving up copies nothing, and says nothing', async (t) => {
  const { run } = await filled(t);
  workbench.clipboard = 'mine';
  for (const id of ['refpoint.copyId', 'refpoint.copyJson', 'refpoint.copyCommand']) {
    await giveUpEverywhere(
      [pick('Virtual machine'), pick('vm1')],
      () => run(id),
      () => {
        assert.equal(workbench.clipboard, 'mine');
        assert.deepEqual(workbench.said(), []);
      },
    );
    workbench.clipboard = 'mine';
  }
});

test('only what there may be is asked for', async (t) => {
  workbench.settings.put('refpoint.stores', ['/stores/a', '/stores/b']);
  const { run } = await fakeWindow(t);
  workbench.play(pick('Store'), pick('b'));
  await run('refpoint.copyId');
  workbench.assertDone();
  assert.equal(workbench.clipboard, '/stores/b');
  const [first] = workbench.asked;
  assert.deepEqual(
    first?.rows.map((row) => row.split(' |')[0]),
    ['Backup point', 'Virtual machine of a store', 'Store'],
  );
});
