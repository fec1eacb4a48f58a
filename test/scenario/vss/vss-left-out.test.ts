import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Edge } from '../../../src/engine/backup/context/edges.ts';
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

test('copies that could not be read from here are not made: no VM is frozen for them', async (t) => {
  const powershell = powershellOr(t);
  if (powershell === undefined) return;
  const lab = await startVssLab(t, powershell, ['web']);
  const store = await openTestStore(lab);
  const edges: Edge[] = [];
  const onEdge = async (edge: Edge): Promise<void> => void edges.push(edge);
  const pathMap = lab.pathMap.filter(({ host }) => !host.includes('ProgramData'));
  await assert.rejects(backUpSet(lab, store, lab.vms, { pathMap, onEdge }), {
    code: 'path.unmapped',
    data: { found: 'C:\\ProgramData', folder: 'C:\\ProgramData', expected: ['C:\\Lab', 'D:\\Lab'] },
  });
  assert.deepEqual(
    edges.filter((edge) => edge.startsWith('set.')),
    [],
  );
  assert.deepEqual(await lab.ask('shadow-list', {}), []);
});

test('a set whose log was cut off in the greeting of diskshadow leaves nothing behind', async (t) => {
  const powershell = powershellOr(t);
  if (powershell === undefined) return;
  const lab = await startVssLab(t, powershell, ['web']);
  const store = await openTestStore(lab);
  await lab.fault('vss.cut', 10, 1);
  await assert.rejects(backUpSet(lab, store, lab.vms), { code: 'vss.log', message: /^The answer/ });
  const { failed } = await backUpSet(lab, store, lab.vms);
  assert.deepEqual(failed, []);
  assert.deepEqual(await lab.ask('shadow-list', {}), []);
  assert.deepEqual(await readdir(join(lab.folder, 'lab', 'windows', 'ProgramData')), []);
});
