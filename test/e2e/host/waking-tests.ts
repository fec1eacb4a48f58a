import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type * as vscode from 'vscode';
import type { Exported } from '../../../src/extension/extension.ts';
import type { ProcessWatch } from './process-watch.ts';
import type { Suite } from './suite.ts';

/** Wakes the extension, and tells what that did. */
export async function wakingTests(
  suite: Suite,
  extension: vscode.Extension<Exported>,
  processes: ProcessWatch,
): Promise<Exported> {
  const { isActive: before } = extension;
  const began = performance.now();
  const exported = await extension.activate();
  const milliseconds = Math.round(performance.now() - began);
  suite.test('nothing wakes the extension before it is needed', async () => {
    assert.equal(before, false);
    assert.equal(extension.isActive, true);
    suite.figure(
      `first activation in this host, the editor’s own part included: ${milliseconds} ms`,
    );
  });
  suite.test('waking it starts no engine', async () => {
    // One that was begun would be there by now: that nothing comes takes time to see.
    await sleep(1000);
    assert.equal(processes.engines, 0);
  });
  return exported;
}
