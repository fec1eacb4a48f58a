import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { never } from '../../../src/engine/base/abort.ts';
import { newFolderName } from '../../../src/engine/vss/diskshadow/run-diskshadow.ts';
import { requestorSuite } from '../../conformance/requestor-suite.ts';
import { requestorStage } from '../../support/vss/requestor-stage.ts';
import { powershellOr, startVssLab } from '../../support/vss/vss-lab.ts';

/** The suite of our own requestor, with the diskshadow of a lab, run by the real PowerShell in its WinRM shells. */
test('the requestor of diskshadow', async (t) => {
  const powershell = powershellOr(t);
  if (powershell === undefined) return;
  const lab = await startVssLab(t, powershell, []);
  const data = join(lab.folder, 'lab', 'windows', 'ProgramData');
  const { shadows } = lab.shadowed;
  assert.ok(shadows !== undefined);
  const stage = await requestorStage(lab, {
    requestor: () => shadows.requestor(newFolderName(), never),
    // A busy computer takes its time to end two programs; vss-cancel.test.ts counts exchanges.
    cancelLimit: 15_000,
    localPath: (path) => join(data, ...path.slice('C:\\ProgramData\\'.length).split('\\')),
  });
  await requestorSuite(t, stage);
  assert.deepEqual(await readdir(data), []);
});
