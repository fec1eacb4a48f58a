import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, test } from 'node:test';
import * as vscode from 'vscode';
import { fakeContext } from '../../support/vscode/extension-context.ts';
import { choose, click, giveUp, pick, press, type } from '../../support/vscode/script.ts';
import { workbench } from '../../support/vscode/workbench.ts';

beforeEach(() => workbench.reset());

test('a scripted person picks, types, presses and gives up; what nobody answers is told', async () => {
  workbench.play(pick(/second/), type('', /needed/), type('name'), press('Yes'), giveUp());
  const items = [
    { label: 'a', detail: 'first' },
    { label: 'b', detail: 'second' },
  ];
  assert.equal((await vscode.window.showQuickPick(items, { title: 'Which' }))?.label, 'b');
  const validateInput = (text: string): string | undefined =>
    text === '' ? 'a name is needed' : undefined;
  assert.equal(await vscode.window.showInputBox({ title: 'Name', validateInput }), 'name');
  const modal = { modal: true, detail: 'for good' };
  assert.equal(await vscode.window.showWarningMessage('Sure?', modal, 'Yes', 'No'), 'Yes');
  assert.equal(await vscode.window.showOpenDialog({ title: 'File' }), undefined);
  workbench.assertDone();
  assert.equal(await vscode.window.showQuickPick(['x']), undefined);
  assert.throws(() => workbench.assertDone(), /nobody answers/);
});

test('boxes and picks made by hand are answered once they are shown and have something to answer', async () => {
  workbench.play(click('Browse'), choose('/tmp'), type('relative', /whole/), type('/srv'));
  const box = vscode.window.createInputBox();
  box.title = 'Folder';
  box.buttons = [{ iconPath: new vscode.ThemeIcon('folder'), tooltip: 'Browse' }];
  let browsed: readonly vscode.Uri[] | undefined;
  box.onDidTriggerButton(() => {
    void vscode.window.showOpenDialog({}).then((found) => {
      browsed = found;
      // The dialog has hidden the box, as in remote windows.
      box.show();
    });
  });
  const path = await new Promise<string>((resolve) => {
    box.onDidAccept(() => {
      box.validationMessage = box.value.startsWith('/') ? '' : 'the whole path';
      if (box.value.startsWith('/')) resolve(box.value);
    });
    box.show();
  });
  box.dispose();
  assert.equal(path, '/srv');
  assert.equal(browsed?.[0]?.path, '/tmp');
  const pickOne = vscode.window.createQuickPick();
  pickOne.busy = true;
  workbench.play(pick('later'));
  const accepted = new Promise<string | undefined>((resolve) => {
    pickOne.onDidAccept(() => resolve(pickOne.selectedItems[0]?.label));
  });
  pickOne.show();
  setImmediate(() => {
    pickOne.items = [{ label: 'later' }];
    pickOne.busy = false;
  });
  assert.equal(await accepted, 'later');
  pickOne.dispose();
  workbench.assertDone();
});

test('an address survives its text, whatever its parts hold', () => {
  const parts = { scheme: 'refpoint-report', path: '/a b#ü%20.md', query: 'store=%2Fx y&vm=1' };
  const uri = vscode.Uri.parse(vscode.Uri.from(parts).toString());
  assert.equal(uri.path, parts.path);
  assert.equal(uri.query, parts.query);
  assert.equal(vscode.Uri.file('/a b').toString(), 'file:///a%20b');
});

test('secrets, mementos and settings keep what they are given', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'refpoint-fake-'));
  t.after(() => rm(folder, { recursive: true }));
  const { context } = fakeContext(folder);
  await context.secrets.store('k', 'v');
  assert.equal(await context.secrets.get('k'), 'v');
  await context.workspaceState.update('list', ['a']);
  assert.deepEqual(context.workspaceState.get('list'), ['a']);
  let told = 0;
  vscode.workspace.onDidChangeConfiguration((event) => {
    if (event.affectsConfiguration('refpoint.stores')) told++;
  });
  const settings = vscode.workspace.getConfiguration('refpoint');
  await settings.update('stores', ['/a'], vscode.ConfigurationTarget.Global);
  assert.equal(told, 1);
  assert.deepEqual(vscode.workspace.getConfiguration('refpoint').get('stores'), ['/a']);
  await assert.rejects(
    async () => settings.update('hosts', [], vscode.ConfigurationTarget.Workspace),
    /Workspace/,
  );
});
