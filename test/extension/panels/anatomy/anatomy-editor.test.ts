import assert from 'node:assert/strict';
import { join } from 'node:path';
import { beforeEach, test, type TestContext } from 'node:test';
import * as vscode from 'vscode';
import type { ParentCandidate } from '../../../../src/engine/api/anatomy.ts';
import { requests } from '../../../../src/engine/api/methods.ts';
import { never } from '../../../../src/engine/base/abort.ts';
import { EngineError } from '../../../../src/engine/base/errors.ts';
import { Anatomies } from '../../../../src/engine/operations/anatomy/anatomies.ts';
import type { DiskAnatomyInit, OpenedAnatomy } from '../../../../src/views/api/disk-anatomy.ts';
import { openParent } from '../../../../src/extension/panels/anatomy/open-parent.ts';
import { afterwards } from '../../../support/checks/afterwards.ts';
import { fakeWindow, settled } from '../../../support/extension/extension-window.ts';
import { failure, type FakeEngine } from '../../../support/extension/fake-engine.ts';
import { temporaryFolder } from '../../../support/files/temporary-folder.ts';
import { askPanel, type PanelReply } from '../../../support/vscode/ask-panel.ts';
import { choose, giveUp, press } from '../../../support/vscode/script.ts';
import { FakeWebviewPanel } from '../../../support/vscode/webview.ts';
import { workbench } from '../../../support/vscode/workbench.ts';
import { differencingDisk } from '../../../support/page/sample-files.ts';

beforeEach(() => workbench.reset());

interface Editor {
  readonly panel: FakeWebviewPanel;
  readonly engine: FakeEngine;
  /** Asks as the view does; answers the one reply. */
  readonly ask: (method: string, params?: object) => Promise<PanelReply>;
  /** Commands to the view. */
  readonly reloads: () => readonly unknown[];
}

/** The editor on a file, in a window whose engine takes files apart in this process. */
async function editorOf(
  t: TestContext,
  file: vscode.Uri,
  viewType = 'refpoint.diskAnatomy',
): Promise<Editor> {
  const { engine } = await fakeWindow(t);
  const anatomies = new Anatomies();
  afterwards(t, () => anatomies.closeAll());
  engine
    .on(requests.openAnatomy, (params) => crossing(anatomies.open(params, never)))
    .on(requests.anatomyBytes, (params) => crossing(anatomies.bytes(params, never)))
    .on(requests.anatomyBlocks, (params) => crossing(anatomies.blocks(params, never)))
    .on(requests.closeAnatomy, async ({ anatomyId }) => {
      await anatomies.close(anatomyId);
      return {};
    });
  const provider = workbench.customEditors.get(viewType);
  assert.ok(provider !== undefined, `${viewType} is registered`);
  const panel = new FakeWebviewPanel();
  const document = await provider.openCustomDocument(file, {}, undefined);
  await provider.resolveCustomEditor(document, panel, undefined);
  return {
    panel,
    engine,
    ask: (method, params) => askPanel(panel, method, params),
    reloads: () => panel.posted.filter((each) => (each as { type: string }).type === 'reload'),
  };
}

/** Errors of the engine as they arrive at the extension. */
const crossing = <T>(work: Promise<T>): Promise<T> =>
  work.catch((error: unknown) => {
    throw error instanceof EngineError ? failure(error.code, error.message) : error;
  });

const opened = ({ result }: PanelReply): OpenedAnatomy => result;

test('both names are registered, the page holds nothing inline, and the view is told what file it is', async (t) => {
  const path = await differencingDisk(await temporaryFolder(t));
  for (const viewType of ['refpoint.diskAnatomy', 'refpoint.diskAnatomy.option']) {
    workbench.reset();
    const { panel } = await editorOf(t, vscode.Uri.file(path), viewType);
    const { html, options } = panel.webview;
    assert.match(html, /disk-anatomy\.js/);
    assert.match(html, /default-src 'none'/);
    assert.doesNotMatch(html, /unsafe|style=|<style|onload|<script nonce="[^"]+">/);
    const { localResourceRoots } = options as { localResourceRoots: vscode.Uri[] };
    assert.match(localResourceRoots.join(' '), /^file:\S+\/dist\/views$/);
    panel.speak({ type: 'ready', state: null });
    const { type, init } = panel.posted.at(-1) as { type: string; init: DiskAnatomyInit };
    assert.equal(type, 'init');
    assert.equal(init.name, 'web-01_8C1F.avhdx');
    assert.equal(init.strings.reload, 'Reload');
  }
});

test('a file is opened, its bytes are answered, and it is closed with the editor or for the next opening', async (t) => {
  const path = await differencingDisk(await temporaryFolder(t));
  const { ask, engine, panel } = await editorOf(t, vscode.Uri.file(path));
  const first = opened(await ask('open'));
  assert.equal(first.info.subformat, 'differencing');
  assert.equal(first.trusted, true);
  const { anatomyId } = first.info;
  const bytes = await ask('bytes', { anatomyId, offset: 0, length: 8 });
  assert.equal(
    Buffer.from((bytes.result as { bytes: string }).bytes, 'base64').toString(),
    'vhdxfile',
  );
  const second = opened(await ask('open'));
  assert.deepEqual(engine.paramsOf(requests.closeAnatomy), [{ anatomyId }]);
  const old = await ask('bytes', { anatomyId, offset: 0, length: 8 });
  assert.equal(old.error.code, 'anatomy.notOpen');
  panel.dispose();
  await settled();
  assert.deepEqual(engine.paramsOf(requests.closeAnatomy).at(-1), {
    anatomyId: second.info.anatomyId,
  });
  assert.ok(workbench.watchers.every(({ disposed }) => disposed));
});

test('an editor that is closed while its file is opened leaves nothing open', async (t) => {
  const path = await differencingDisk(await temporaryFolder(t));
  const { engine, panel } = await editorOf(t, vscode.Uri.file(path));
  panel.speak({ type: 'request', id: 77, method: 'open', params: {} });
  panel.dispose();
  while (engine.count(requests.closeAnatomy) === 0) await settled();
});

test('what the engine says is put into words', async (t) => {
  const { ask, engine } = await editorOf(t, vscode.Uri.file('/nowhere/disk.vhdx'));
  assert.match((await ask('open')).error.message, /^A file is not there\. .*disk\.vhdx/);
  engine.fail(requests.openAnatomy, failure('source.denied', 'no permission for /x'));
  assert.match((await ask('open')).error.message, /^Access to a file is denied\. /);
});

test('a file that lies on no file system is not opened, and watched nowhere', async (t) => {
  const uri = vscode.Uri.parse('git:/repo/disk.vhdx?ref=HEAD');
  const { ask, engine } = await editorOf(t, uri);
  const { error } = await ask('open');
  assert.equal(error.code, 'view.notFile');
  assert.equal(
    error.message,
    'The file is not on a file system of this computer. Its address is of “git”.',
  );
  assert.equal(engine.count(requests.openAnatomy), 0);
  assert.equal(workbench.watchers.length, 0);
});

test('the view reads again when the file changes, the engine is another one, or the window becomes trusted', async (t) => {
  const folder = await temporaryFolder(t);
  // Characters that mean something in a pattern.
  const path = join(folder, 'disk [1]{a}*.vhdx');
  const { reloads, engine } = await editorOf(t, vscode.Uri.file(path));
  const [watcher] = workbench.watchers;
  assert.ok(watcher !== undefined);
  assert.equal(watcher.pattern.pattern, '*');
  const resting = (): Promise<void> => new Promise((done) => setTimeout(done, 400));
  watcher.changed.fire(vscode.Uri.file(join(folder, 'other.vhdx')));
  await resting();
  assert.equal(reloads().length, 0);
  // Many writes are one change; one that is not seen in the same case is the same file on Windows.
  for (let i = 0; i < 50; i++) watcher.changed.fire(vscode.Uri.file(path));
  watcher.created.fire(vscode.Uri.file(path.toUpperCase()));
  await resting();
  assert.deepEqual(reloads(), [{ type: 'reload' }]);
  watcher.deleted.fire(vscode.Uri.file(path));
  await resting();
  engine.restart();
  workbench.trusted.fire();
  assert.equal(reloads().length, 4);
});

test('VHDL is reopened in the text editor, in place of this one', async (t) => {
  const uri = vscode.Uri.file('/src/adder.vhd');
  const { panel } = await editorOf(t, uri, 'refpoint.diskAnatomy.option');
  panel.speak({ type: 'request', id: 1, method: 'reopenAsText', params: {} });
  while (!panel.disposed) await settled();
  const { id, args } = workbench.ran.at(-1) ?? { id: '', args: [] };
  assert.deepEqual(
    [id, String(args[0]), args[1], args[2]],
    ['vscode.openWith', String(uri), 'default', 2],
  );
  assert.equal(panel.disposed, true);
});

test('texts are copied', async (t) => {
  const { ask } = await editorOf(t, vscode.Uri.file('/d.vhdx'));
  await ask('copy', { text: 'de ad' });
  assert.equal(workbench.clipboard, 'de ad');
});

/** A path as the editor writes it: a drive’s letter is small. */
const plainPath = (path: string): string => vscode.Uri.file(path).fsPath;

const openedParents = (): readonly string[] =>
  workbench.ran
    .filter(({ id }) => id === 'vscode.openWith')
    .map(({ args }) => (args[0] as vscode.Uri).fsPath);

/** An editor whose file names these parents. */
async function withParents(t: TestContext, parents: readonly ParentCandidate[]): Promise<Editor> {
  const path = await differencingDisk(await temporaryFolder(t));
  const editor = await editorOf(t, vscode.Uri.file(path));
  const { info } = opened(await editor.ask('open'));
  editor.engine.on(requests.openAnatomy, () => ({ ...info, parents }));
  await editor.ask('open');
  return editor;
}

test('a parent beside the file opens in an editor of its own, without a question', async (t) => {
  const folder = await temporaryFolder(t);
  const path = await differencingDisk(folder);
  const { ask } = await editorOf(t, vscode.Uri.file(path));
  await ask('open');
  const { result } = await ask('openParent', { key: 'relative_path' });
  assert.deepEqual(result, { opened: true });
  assert.deepEqual(openedParents(), [plainPath(join(folder, 'base.vhdx'))]);
  workbench.assertDone();
});

test('a parent elsewhere is opened only after a modal question that names it', async (t) => {
  const text = '..\\elsewhere\\base.vhdx';
  const parent = { key: 'relative_path', text, place: 'elsewhere', found: null } as const;
  const { ask } = await withParents(t, [parent]);
  workbench.play(giveUp());
  assert.deepEqual((await ask('openParent', { key: 'relative_path' })).result, { opened: false });
  assert.deepEqual(openedParents(), []);
  const [question] = workbench.asked;
  assert.equal(question?.modal, true);
  assert.match(question?.text ?? '', /^Open .*elsewhere.base\.vhdx\?$/);
  workbench.play(press('Open Parent'));
  assert.deepEqual((await ask('openParent', { key: 'relative_path' })).result, { opened: true });
  assert.equal(openedParents().length, 1);
  workbench.assertDone();
});

test('without trust nothing outside the folder is opened, nor asked about', async (t) => {
  workbench.isTrusted = false;
  const text = '..\\base.vhdx';
  const parent = { key: 'relative_path', text, place: 'elsewhere', found: null } as const;
  const { ask, engine } = await withParents(t, [parent]);
  assert.equal(engine.paramsOf(requests.openAnatomy).at(-1)?.followParents, false);
  assert.equal(opened(await ask('open')).trusted, false);
  workbench.play(press('Manage Workspace Trust'));
  assert.deepEqual((await ask('openParent', { key: 'relative_path' })).result, { opened: false });
  assert.match(workbench.said('warning')[0] ?? '', /Restricted Mode/);
  assert.deepEqual(openedParents(), []);
  assert.ok(workbench.ran.some(({ id }) => id === 'workbench.trust.manage'));
  workbench.assertDone();
});

test('a parent that is not there can be chosen; a view cannot name one that the file does not', async (t) => {
  const parent = { key: 'relative_path', text: 'base.vhdx', place: 'beside', found: null } as const;
  const { ask } = await withParents(t, [parent]);
  workbench.play(press('Choose File…'), choose('/elsewhere/base.vhdx'));
  assert.deepEqual((await ask('openParent', { key: 'relative_path' })).result, { opened: true });
  assert.deepEqual(openedParents(), [plainPath('/elsewhere/base.vhdx')]);
  for (const key of ['volume_path', 'constructor', '']) {
    assert.deepEqual((await ask('openParent', { key })).result, { opened: false });
  }
  assert.equal(openedParents().length, 1);
  workbench.assertDone();
});

test('a path of another machine is named as it is written, and its question says what opening does', async () => {
  const file = vscode.Uri.file('/vm/child.avhdx');
  const text = '\\\\evil\\share\\\u202exdhv.esab[x](command:y)';
  const parent = { key: 'absolute_win32_path', text, place: 'remote', found: null } as const;
  workbench.play(giveUp());
  assert.equal(await openParent(parent, file, 'win32'), false);
  const [question] = workbench.asked;
  assert.equal(question?.modal, true);
  assert.match(question?.detail ?? '', /logs in there/);
  assert.match(question?.text ?? '', /^Open \\\\evil\\share\\/);
  assert.ok(question?.text.includes('\\u{202e}') && !question.text.includes(']('), question?.text);
  workbench.isTrusted = false;
  assert.equal(await openParent(parent, file, 'win32'), false);
  assert.deepEqual(openedParents(), []);
  workbench.assertDone();
});

test('on another system a path of Windows says that it leads nowhere', async () => {
  const file = vscode.Uri.file('/vm/child.avhdx');
  const text = '\\\\evil\\share\\base.vhdx';
  const parent = { key: 'absolute_win32_path', text, place: 'remote', found: null } as const;
  assert.equal(await openParent(parent, file, 'linux'), false);
  assert.match(workbench.said('warning')[0] ?? '', /leads nowhere on this computer/);
  assert.deepEqual(openedParents(), []);
});
