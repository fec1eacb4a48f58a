import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, test, type TestContext } from 'node:test';
import * as vscode from 'vscode';
import { requests } from '../../../../src/engine/api/methods.ts';
import type { TraceInfo } from '../../../../src/engine/api/trace.ts';
import { never } from '../../../../src/engine/base/abort.ts';
import { EngineError } from '../../../../src/engine/base/errors.ts';
import { OpenTraces } from '../../../../src/engine/operations/trace/open-traces.ts';
import { afterwards } from '../../../support/checks/afterwards.ts';
import { fakeWindow, settled } from '../../../support/extension/extension-window.ts';
import { failure, type FakeEngine } from '../../../support/extension/fake-engine.ts';
import { temporaryFolder } from '../../../support/files/temporary-folder.ts';
import { writeTrace } from '../../../support/page/trace-answers.ts';
import { askPanel, type PanelReply } from '../../../support/vscode/ask-panel.ts';
import { FakeWebviewPanel } from '../../../support/vscode/webview.ts';
import { choose, giveUp } from '../../../support/vscode/script.ts';
import { workbench } from '../../../support/vscode/workbench.ts';

beforeEach(() => workbench.reset());

/** The editor on a file, in a window whose engine reads recordings in this process. */
async function editorOf(
  t: TestContext,
  file: vscode.Uri,
): Promise<{
  readonly panel: FakeWebviewPanel;
  readonly engine: FakeEngine;
  readonly ask: (method: string, params?: object) => Promise<PanelReply>;
}> {
  const { engine } = await fakeWindow(t);
  const traces = new OpenTraces();
  afterwards(t, () => traces.closeAll());
  engine
    .on(requests.openTrace, ({ path: of }) =>
      traces.open(of, never).catch((error: unknown) => {
        throw error instanceof EngineError ? failure(error.code, error.message) : error;
      }),
    )
    .on(requests.tracePage, async (params) => traces.page(params))
    .on(requests.traceExchange, ({ traceId, sequence }) => traces.exchange(traceId, sequence))
    .on(requests.compareTraces, async (params) => traces.compare(params))
    .on(requests.closeTrace, async ({ traceId }) => {
      await traces.close(traceId);
      return {};
    });
  const provider = workbench.customEditors.get('refpoint.trace');
  assert.ok(provider !== undefined);
  const panel = new FakeWebviewPanel();
  const document = await provider.openCustomDocument(file, {}, undefined);
  await provider.resolveCustomEditor(document, panel, undefined);
  return { panel, engine, ask: (method, params) => askPanel(panel, method, params) };
}

const ALL = { kind: 'all', slowMs: 0, text: '' };

test('a recording is opened, its exchanges are answered, and it is closed with the editor', async (t) => {
  const file = await writeTrace(await temporaryFolder(t), 'a.rptrace', 12);
  const { ask, engine, panel } = await editorOf(t, vscode.Uri.file(file));
  assert.match(panel.webview.html, /trace\.js/);
  assert.doesNotMatch(panel.webview.html, /unsafe|style=|onload/);
  const { traceId, exchanges } = (await ask('open')).result as TraceInfo;
  assert.equal(exchanges, 12);
  const page = (await ask('page', { traceId, filter: ALL, start: 10, count: 10 })).result as {
    readonly total: number;
    readonly rows: readonly { readonly sequence: number }[];
  };
  assert.deepEqual([page.total, page.rows.map(({ sequence }) => sequence)], [12, [11, 12]]);
  const { result } = await ask('exchange', { traceId, sequence: 3 });
  assert.equal((result as { answer: { tree: { name: string } } }).answer.tree.name, 'Envelope');
  await ask('copy', { text: '<s:Envelope>' });
  assert.equal(await vscode.env.clipboard.readText(), '<s:Envelope>');
  panel.dispose();
  await settled();
  assert.deepEqual(engine.paramsOf(requests.closeTrace), [{ traceId }]);
});

test('a second recording is asked for, compared, and closed with the editor; nothing chosen is no failure', async (t) => {
  const folder = await temporaryFolder(t);
  const file = await writeTrace(folder, 'a.rptrace', 12);
  const other = await writeTrace(folder, 'b.rptrace', 12, 5);
  const { ask, engine, panel } = await editorOf(t, vscode.Uri.file(file));
  const { traceId } = (await ask('open')).result as TraceInfo;
  workbench.play(giveUp(), choose(other));
  assert.equal((await ask('chooseOther')).result, null);
  const { traceId: otherId } = (await ask('chooseOther')).result as TraceInfo;
  const request = { traceId, otherId, filter: ALL, start: 0, count: 100, differences: true };
  const { result } = await ask('compare', request);
  const { onlyLeft, total } = result as { readonly onlyLeft: number; readonly total: number };
  assert.deepEqual([onlyLeft, total], [1, 1]);
  panel.dispose();
  // They are closed one after the other.
  const end = Date.now() + 10_000;
  while (engine.count(requests.closeTrace) < 2 && Date.now() < end) await settled();
  assert.deepEqual(engine.paramsOf(requests.closeTrace), [{ traceId }, { traceId: otherId }]);
});

test('a file that is no recording is refused with what it means', async (t) => {
  const file = path.join(await temporaryFolder(t), 'a.rptrace');
  await fs.writeFile(file, 'Chapter 1');
  const { ask } = await editorOf(t, vscode.Uri.file(file));
  const { error } = await ask('open');
  assert.equal(error.code, 'trace.format');
  assert.match(error.message, /not a recording/);
  workbench.reset();
  const { ask: askRemote } = await editorOf(t, vscode.Uri.parse('vscode-remote://x/a.rptrace'));
  assert.equal((await askRemote('open')).error.code, 'view.notFile');
});
