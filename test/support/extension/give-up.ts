import assert from 'node:assert/strict';
import { giveUp, type Step } from '../vscode/script.ts';
import { workbench } from '../vscode/workbench.ts';

/**
 * Plays a flow again and again, each time giving up one question later; after each, `nothingDone` must hold. Answers how many
 * questions the whole flow has.
 */
export async function giveUpEverywhere(
  steps: readonly Step[],
  run: () => Promise<unknown>,
  nothingDone: () => void,
): Promise<void> {
  assert.ok(steps.length > 0);
  for (let n = 0; n < steps.length; n++) {
    // A message that is pressed is no question: giving up there is leaving it alone.
    workbench.script.reset();
    workbench.play(...steps.slice(0, n), giveUp());
    await run();
    assert.deepEqual(workbench.script.problems, [], `given up at question ${n + 1}`);
    assert.equal(workbench.script.left.length, 0, `question ${n + 1} was not asked`);
    nothingDone();
  }
  workbench.script.reset();
}
