import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { requests } from '../../../src/engine/api/methods.ts';
import { pointsOf } from './command-tests.ts';
import { until } from './suite.ts';
import type { Surroundings } from './surroundings.ts';

/** What opens in the editor, by itself and by command. */
export function documentTests({ suite, services, store, window }: Surroundings): void {
  suite.test(
    'a file that is no disk is told by a sentence with a code, in its editor',
    async () => {
      const file = path.join(store, '..', 'not-a-disk.vhdx');
      await writeFile(file, 'entity counter is end entity;\n');
      const opened = { path: file, followParents: false };
      const { findings, anatomyId } = await services.engine.request(requests.openAnatomy, opened);
      await services.engine.request(requests.closeAnatomy, { anatomyId });
      const [{ code, severity, message } = {}] = findings;
      assert.deepEqual([code, severity], ['anatomy.notVhdx', 'error']);
      assert.match(message ?? '', /begins with “entity c”.* it is not a VHDX/);
      window.take();
      await vscode.commands.executeCommand('refpoint.openDisk', vscode.Uri.file(file));
      await until('its editor is open', () => {
        const { input } = vscode.window.tabGroups.activeTabGroup.activeTab ?? {};
        return input instanceof vscode.TabInputCustom && input.uri.fsPath === file;
      });
      // The editor says it itself: no message pops up.
      assert.deepEqual(window.take(), []);
    },
  );

  suite.test('a report as Markdown is made of its address alone', async () => {
    const [point] = await pointsOf(services.trees.stores);
    assert.ok(point !== undefined);
    const query = new URLSearchParams({
      kind: 'report',
      store,
      vm: point.vm.id,
      point: point.point.id,
    });
    const address = vscode.Uri.from({
      scheme: 'refpoint',
      path: '/report.md',
      query: query.toString(),
    });
    const text = (await vscode.workspace.openTextDocument(address)).getText();
    assert.match(text, /backup: sample-vm/);
    assert.match(text, /[0-9a-f]{64}/);
  });

  suite.test('every editor closes', async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await until('no editor is open', () =>
      vscode.window.tabGroups.all.every(({ tabs }) => tabs.length === 0),
    );
  });
}
