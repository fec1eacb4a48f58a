import assert from 'node:assert/strict';
import { beforeEach, test, type TestContext } from 'node:test';
import * as vscode from 'vscode';
import { requests } from '../../../../src/engine/api/methods.ts';
import { COMMANDS } from '../../../../src/extension/contributions/command-table.ts';
import { EXPLORER_MENU, ITEM_MENU } from '../../../../src/extension/contributions/menu-table.ts';
import { fakeWindow } from '../../../support/extension/extension-window.ts';
import { guid, job, jobResult, storePoint, storeVm } from '../../../support/extension/samples.ts';
import { giveUp, pick, type } from '../../../support/vscode/script.ts';
import { workbench } from '../../../support/vscode/workbench.ts';

beforeEach(() => workbench.reset());

const IDS = ['refpoint.queryDiskChanges', 'refpoint.attachPoint'] as const;
const IMAGE = vscode.Uri.file('/vm/disk.vhdx');

/** The engine runs on this system. */
function on(t: TestContext, platform: NodeJS.Platform): void {
  const real = Object.getOwnPropertyDescriptor(process, 'platform');
  Object.defineProperty(process, 'platform', { ...real, value: platform });
  t.after(() => Object.defineProperty(process, 'platform', real ?? {}));
}

/** References of the change maps that are shown. */
const maps = (): number =>
  workbench.panels.filter(({ viewType }) => viewType === 'refpoint.changeMap').length;

test('elsewhere than on Windows the commands are hidden, and say why if they are called', async (t) => {
  on(t, 'linux');
  for (const id of IDS) assert.match(COMMANDS[id].palette, /refpoint\.onWindows/);
  const rows = [...EXPLORER_MENU, ...ITEM_MENU].filter(({ command }) =>
    (IDS as readonly string[]).includes(command),
  );
  assert.equal(rows.length, 3);
  for (const { when } of rows) assert.match(when, /refpoint\.onWindows/);
  const { run, engine } = await fakeWindow(t);
  await run('refpoint.queryDiskChanges', IMAGE);
  await run('refpoint.attachPoint');
  assert.equal(workbench.said('info').length, 2);
  for (const text of workbench.said('info')) assert.match(text, /needs Windows/);
  assert.equal(engine.count(requests.trackingIds), 0);
  workbench.assertDone();
});

test('the known IDs of a disk are offered, any other one can be given, and a change map opens', async (t) => {
  on(t, 'win32');
  const { run, engine } = await fakeWindow(t);
  const nowhere = { store: null, vm: null, point: null };
  const point = { store: '/stores/a', vm: 'web', point: '20260301T100000Z-full' };
  engine.on(requests.trackingIds, () => ({
    ids: [
      { rctId: 'rctX:newest', from: 'windows' as const, ...nowhere },
      { rctId: 'rctX:point', from: 'point' as const, ...point },
    ],
    problem: null,
  }));
  workbench.play(pick(/rctX:point/));
  await run('refpoint.queryDiskChanges', IMAGE);
  assert.equal(maps(), 1);
  const [question] = workbench.asked;
  assert.equal(question?.text, 'Changes of disk.vhdx since');
  assert.match(question.rows[1] ?? '', /^web, .*\(full\).*rctX:point/s);
  workbench.play(pick('Another RCT ID…'), type('x'.repeat(257), /1 to 256/), type('rctX:other'));
  await run('refpoint.queryDiskChanges', IMAGE);
  assert.equal(maps(), 2);
  workbench.play(giveUp());
  await run('refpoint.queryDiskChanges', IMAGE);
  assert.equal(maps(), 2);
  workbench.assertDone();
});

test('a disk of a point is attached by a job, which says how', async (t) => {
  on(t, 'win32');
  workbench.settings.put('refpoint.stores', ['/stores/a']);
  const { run, engine, started } = await fakeWindow(t);
  engine
    .on(requests.storeVms, () => [storeVm(2)])
    .on(requests.storePoints, () => [storePoint('1-full')])
    // What is started is over when it is looked for: nobody waits for a job that no engine knows.
    .on(requests.listJobs, () =>
      started.map(({ spec }, i) =>
        job(`job-${i + 1}`, { spec, state: 'done', result: jobResult() }),
      ),
    );
  workbench.play(pick('With Drive Letters'));
  await run('refpoint.attachPoint');
  workbench.assertDone();
  assert.deepEqual(
    started.map(({ spec }) => spec),
    [
      {
        kind: 'attach',
        store: '/stores/a',
        vm: guid(2),
        point: '1-full',
        disk: '0',
        letter: true,
      },
    ],
  );
});
