import assert from 'node:assert/strict';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { beforeEach, test, type TestContext } from 'node:test';
import * as vscode from 'vscode';
import { requests } from '../../../../src/engine/api/methods.ts';
import { never } from '../../../../src/engine/base/abort.ts';
import { EngineError } from '../../../../src/engine/base/errors.ts';
import { noProgress } from '../../../../src/engine/base/progress.ts';
import { Anatomies } from '../../../../src/engine/operations/anatomy/anatomies.ts';
import { showComparison } from '../../../../src/extension/panels/compare/compare-panel.ts';
import type { DiskCompareInit, OpenedImages } from '../../../../src/views/api/disk-compare.ts';
import { afterwards } from '../../../support/checks/afterwards.ts';
import { fakeWindow } from '../../../support/extension/extension-window.ts';
import { failure, type FakeEngine } from '../../../support/extension/fake-engine.ts';
import { temporaryFolder } from '../../../support/files/temporary-folder.ts';
import { differencingDisk } from '../../../support/page/sample-files.ts';
import { askPanel, type PanelReply } from '../../../support/vscode/ask-panel.ts';
import { FakeWebviewPanel } from '../../../support/vscode/webview.ts';
import { workbench } from '../../../support/vscode/workbench.ts';

beforeEach(() => workbench.reset());

interface Shown {
  readonly panel: FakeWebviewPanel;
  readonly engine: FakeEngine;
  readonly ask: (method: string, params?: object) => Promise<PanelReply>;
}

/** A comparison, in a window whose engine opens files in this process. */
async function comparisonOf(t: TestContext, left: vscode.Uri, right: vscode.Uri): Promise<Shown> {
  const { engine, services } = await fakeWindow(t);
  const anatomies = new Anatomies();
  afterwards(t, () => anatomies.closeAll());
  engine
    .on(requests.openAnatomy, (params) =>
      anatomies.open(params, never).catch((error: unknown) => {
        throw error instanceof EngineError ? failure(error.code, error.message) : error;
      }),
    )
    .on(requests.anatomySurvey, ({ anatomyId }) => anatomies.survey(anatomyId, never))
    .on(requests.anatomySectors, (params) => anatomies.sectors(params, never))
    .on(requests.anatomyDifferences, (params) => anatomies.differences(params, noProgress, never))
    .on(requests.closeAnatomy, async ({ anatomyId }) => {
      await anatomies.close(anatomyId);
      return {};
    });
  showComparison(services, left, right);
  const panel = workbench.panels.at(-1);
  assert.ok(panel !== undefined);
  return { panel, engine, ask: (method, params) => askPanel(panel, method, params) };
}

test('both images are opened, compared and closed with the panel', async (t) => {
  const folder = await temporaryFolder(t);
  const left = vscode.Uri.file(await differencingDisk(folder));
  const right = vscode.Uri.file(join(folder, 'base.vhdx'));
  const { panel, engine, ask } = await comparisonOf(t, left, right);
  assert.equal(panel.title, 'web-01_8C1F.avhdx ↔ base.vhdx');
  assert.match(panel.webview.html, /disk-compare\.js/);
  assert.doesNotMatch(panel.webview.html, /unsafe|style=|onload/);
  panel.speak({ type: 'ready', state: null });
  const { init } = panel.posted.at(-1) as { init: DiskCompareInit };
  assert.deepEqual(init.images, { left: String(left), right: String(right) });
  assert.equal(init.paths.right, right.fsPath);
  const { images } = (await ask('open')).result as OpenedImages;
  const ids = [images.left.anatomyId, images.right.anatomyId] as const;
  const request = { anatomyId: ids[0], otherId: ids[1], from: 0, count: 3 };
  const { result } = await ask('differences', request);
  const { ranges, next } = result as { ranges: readonly { start: number }[]; next: number };
  assert.equal(ranges[0]?.start, 2 ** 20);
  assert.ok(next > 0);
  await ask('openImage', { side: 'right' });
  const { id, args } = workbench.ran.at(-1) ?? { id: '', args: [] };
  assert.deepEqual(
    [id, String(args[0]), args[1]],
    ['vscode.openWith', String(right), 'refpoint.diskAnatomy'],
  );
  // Another opening closes the images of before; so does the end.
  await ask('open');
  assert.deepEqual(
    engine.paramsOf(requests.closeAnatomy).map(({ anatomyId }) => anatomyId),
    ids,
  );
  panel.dispose();
  for (let i = 0; i < 500 && engine.count(requests.closeAnatomy) < 4; i++) await delay(10);
  assert.equal(engine.count(requests.closeAnatomy), 4);
  assert.ok(workbench.watchers.every(({ disposed }) => disposed));
});

test('if one image cannot be opened, the other is closed and the reason is said', async (t) => {
  const path = await differencingDisk(await temporaryFolder(t));
  const missing = vscode.Uri.file('/nowhere/disk.vhdx');
  const { engine, ask } = await comparisonOf(t, vscode.Uri.file(path), missing);
  assert.match((await ask('open')).error.message, /^A file is not there\. .*disk\.vhdx/);
  assert.equal(engine.count(requests.closeAnatomy), 1);
  workbench.reset();
  const remote = vscode.Uri.parse('git:/repo/disk.vhdx');
  const { ask: askRemote } = await comparisonOf(t, remote, missing);
  assert.equal((await askRemote('open')).error.code, 'view.notFile');
});

test('without trust parents are not followed; the view reads again when a file changes', async (t) => {
  workbench.isTrusted = false;
  const folder = await temporaryFolder(t);
  const path = await differencingDisk(folder);
  const { engine, panel, ask } = await comparisonOf(
    t,
    vscode.Uri.file(path),
    vscode.Uri.file(join(folder, 'base.vhdx')),
  );
  assert.equal(((await ask('open')).result as OpenedImages).trusted, false);
  assert.deepEqual(
    engine.paramsOf(requests.openAnatomy).map(({ followParents }) => followParents),
    [false, false],
  );
  workbench.watchers[1]?.changed.fire(vscode.Uri.file(join(folder, 'base.vhdx')));
  await new Promise((done) => setTimeout(done, 400));
  assert.equal(
    panel.posted.filter((each) => (each as { type: string }).type === 'reload').length,
    1,
  );
});

test('a comparison comes back after a reload of the window; a state that is none closes its panel', async (t) => {
  await fakeWindow(t);
  const serializer = workbench.serializers.get('refpoint.diskCompare');
  assert.ok(serializer !== undefined);
  const images = { left: 'file:///vm/a.vhdx', right: 'file:///vm/b%20c.vhdx' };
  const panel = new FakeWebviewPanel('refpoint.diskCompare');
  await serializer.deserializeWebviewPanel(panel, { version: 1, images });
  panel.speak({ type: 'ready', state: null });
  const { init } = panel.posted.at(-1) as { init: DiskCompareInit };
  assert.equal(init.paths.right, vscode.Uri.file('/vm/b c.vhdx').fsPath);
  for (const state of [undefined, { version: 1 }, { images: { left: 1, right: 2 } }]) {
    const other = new FakeWebviewPanel('refpoint.diskCompare');
    await serializer.deserializeWebviewPanel(other, state);
    assert.equal(other.disposed, true);
  }
});
