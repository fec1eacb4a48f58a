import assert from 'node:assert/strict';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, test } from 'node:test';
import * as vscode from 'vscode';
import type { MapInfo } from '../../../../src/engine/api/change-map.ts';
import { requests } from '../../../../src/engine/api/methods.ts';
import { showChangeMap } from '../../../../src/extension/panels/change-map/change-map-panel.ts';
import { folderOutsideStores } from '../../../../src/extension/settings/save-folder.ts';
import { fakeWindow } from '../../../support/extension/extension-window.ts';
import { guid, job, jobResult, backupSpec } from '../../../support/extension/samples.ts';
import { askPanel } from '../../../support/vscode/ask-panel.ts';
import { workbench } from '../../../support/vscode/workbench.ts';

beforeEach(() => workbench.reset());

const INFO: MapInfo = {
  mapId: 'm1',
  title: 'web01 · disk0 · 1-full',
  subject: 'web01 · disk0',
  virtualSize: 1024,
  bytes: { changed: 512, data: null, zero: null, unknown: 512 },
  changeWord: 'changed',
  rangeCount: 1,
  frames: [],
  partitions: null,
  kept: null,
  warnings: [],
};

test('steps of the walkthrough are ticked by what was done, not by a command that was given up', async (t) => {
  const { run, services, engine } = await fakeWindow(t);
  const ticked = (): readonly string[] =>
    ['backedUp', 'backedUpChanges', 'mapSeen', 'restored'].filter(
      (key) => workbench.contexts.get(`refpoint.${key}`) === true,
    );
  for (const command of ['backup', 'writeInGuest', 'openChangeMap', 'restore']) {
    await run(`refpoint.${command}`);
  }
  assert.deepEqual(ticked(), []);
  const backup = (id: string, state: 'done' | 'failed' | 'cancelled', kind: 'full' | 'incr') =>
    job(id, { spec: backupSpec(), state, result: state === 'done' ? jobResult({ kind }) : null });
  engine.on(requests.listJobs, () => [
    backup('1', 'failed', 'full'),
    backup('2', 'cancelled', 'full'),
  ]);
  await services.jobs.look();
  assert.deepEqual(ticked(), []);
  engine.on(requests.listJobs, () => [backup('3', 'done', 'full')]);
  await services.jobs.look();
  assert.deepEqual(ticked(), ['backedUp']);
  engine.on(requests.listJobs, () => [backup('3', 'done', 'full'), backup('4', 'done', 'incr')]);
  await services.jobs.look();
  assert.deepEqual(ticked(), ['backedUp', 'backedUpChanges']);
  engine.fail(requests.openMap, new Error('gone'));
  await showChangeMap(services, { kind: 'image', path: '/x.vhdx' });
  const [panel] = workbench.panels;
  assert.ok(panel);
  const reference = { kind: 'image', path: '/x.vhdx' };
  await askPanel(panel, 'open', { reference });
  assert.deepEqual(ticked(), ['backedUp', 'backedUpChanges'], 'a map that did not open');
  engine.on(requests.openMap, () => INFO);
  await askPanel(panel, 'open', { reference });
  assert.deepEqual(ticked(), ['backedUp', 'backedUpChanges', 'mapSeen']);
});

test('what a map saves is proposed outside of every store', () => {
  const uri = (path: string) => ({ uri: vscode.Uri.file(path) });
  const stores = [join('/srv', 'store')];
  const proposed = (...folders: readonly string[]): string =>
    folderOutsideStores(folders.map(uri), stores).fsPath;
  const home = vscode.Uri.file(homedir()).fsPath;
  assert.equal(proposed(), home);
  assert.equal(proposed('/srv/store'), home);
  assert.equal(proposed(`/srv/store/${guid(1)}`), home);
  assert.equal(proposed('/srv/store', '/work'), vscode.Uri.file('/work').fsPath);
  assert.equal(proposed('/srv/storehouse'), vscode.Uri.file('/srv/storehouse').fsPath);
});
