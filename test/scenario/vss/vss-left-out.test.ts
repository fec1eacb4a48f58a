import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { storeLedger } from '../../../src/engine/backup/ledger/ledger-file.ts';
import { never } from '../../../src/engine/base/abort.ts';
import { openTestStore, verifyErrors } from '../../support/backup/backup-lab.ts';
import { backUpSet, powershellOr, startVssLab } from '../../support/vss/vss-lab.ts';

test('a VM that the writer leaves out fails alone, and the others get another set', async (t) => {
  const powershell = powershellOr(t);
  if (powershell === undefined) return;
  const lab = await startVssLab(t, powershell, ['web', 'db'], { language: 'ja-JP' });
  const store = await openTestStore(lab);
  await lab.fault('vss.leftOut', 'db');
  const { points, failed } = await backUpSet(lab, store, lab.vms);
  assert.deepEqual(
    failed.map(({ vm, error }) => [vm.name, (error as { code?: string }).code]),
    [['db', 'vss.component']],
  );
  assert.deepEqual(
    points.map(({ manifest }) => manifest.vm.name),
    ['web'],
  );
  for (const { id } of lab.vms) {
    assert.deepEqual(await verifyErrors(store, id), []);
    assert.equal((await storeLedger(store, id).load(never)).sets, undefined);
  }
  assert.deepEqual(await lab.ask('shadow-list', {}), []);
  assert.deepEqual(await readdir(join(lab.folder, 'lab', 'windows', 'ProgramData')), []);
});
