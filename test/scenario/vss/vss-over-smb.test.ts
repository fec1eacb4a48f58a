import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  openTestStore,
  pattern,
  restoredHashes,
  verifyErrors,
} from '../../support/backup/backup-lab.ts';
import { backUpSet, powershellOr, startVssLab } from '../../support/vss/vss-lab.ts';

const MIB = 2 ** 20;

test('without a path map, the mounted copies of a set are read over SMB, and never the live files', async (t) => {
  const powershell = powershellOr(t);
  if (powershell === undefined) return;
  const lab = await startVssLab(t, powershell, ['web', 'db'], {}, true);
  const store = await openTestStore(lab);
  const hashes: string[][] = [];
  for (const [at, { name }] of lab.vms.entries()) {
    for (const disk of [0, 1]) await lab.write(name, disk, MIB, pattern(65_536, 1 + 2 * at + disk));
    hashes.push([await lab.guestHash(name, 0), await lab.guestHash(name, 1)]);
  }
  // The guests write on: only the copies have what is expected.
  const onEdge = async (edge: string): Promise<void> => {
    if (edge !== 'set.made') return;
    for (const { name } of lab.vms) await lab.write(name, 0, MIB, pattern(65_536, 9));
  };
  const { points, failed, set } = await backUpSet(lab, store, lab.vms, { pathMap: [], onEdge });
  assert.deepEqual(failed, []);
  assert.equal(points.length, 2);
  for (const [at, { id, name }] of lab.vms.entries()) {
    const point = points.find(({ manifest }) => manifest.vm.name === name);
    assert.ok(point !== undefined);
    assert.notEqual(await lab.guestHash(name, 0), hashes[at]?.[0]);
    assert.equal(point.manifest.shadowSet, set);
    const restored = await restoredHashes(lab, store, id, point.manifest.id);
    assert.deepEqual(Object.values(restored), hashes[at]);
    assert.deepEqual(await verifyErrors(store, id), []);
    const files = point.manifest.configFiles.map(({ file }) => file);
    assert.ok(
      files.some((file) => file.endsWith('.vmcx')),
      files.join(),
    );
    assert.ok(files.includes('config/vss-metadata.cab'), files.join());
    // The server was asked over a session that is protected.
    assert.notEqual(point.protection, undefined);
  }
  assert.deepEqual(await lab.ask('shadow-list', {}), []);
  assert.deepEqual(await readdir(join(lab.folder, 'lab', 'windows', 'ProgramData')), []);
});
