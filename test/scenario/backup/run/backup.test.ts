import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  backup,
  openTestStore,
  pattern,
  pointFiles,
  restoredHashes,
  startBackupLab,
  verifyErrors,
} from '../../../support/backup/backup-lab.ts';
import { never } from '../../../../src/engine/base/abort.ts';

const MIB = 2 ** 20;
const SIZE = 24 * MIB;

for (const method of ['file', 'export'] as const) {
  test(`two disks come back as they were at a full and at an increment, by ${method}`, async (t) => {
    const lab = await startBackupLab(t);
    await lab.ask('add-vm', { name: 'web', disks: [{ size: SIZE }, { size: SIZE + 5 * MIB }] });
    await lab.write('web', 0, 3 * MIB + 512, pattern(2 * MIB, 1));
    await lab.write('web', 1, 20 * MIB, pattern(MIB, 2));
    const store = await openTestStore(lab);
    const { id } = await lab.host.findVm('web', never);
    const states = [[await lab.guestHash('web', 0), await lab.guestHash('web', 1)]];

    const full = await backup(lab, store, 'web', { method });
    assert.equal(full.manifest.kind, 'full');
    assert.equal(full.manifest.reason.code, 'first');
    assert.match(full.manifest.id, /-full$/);

    await lab.write('web', 0, 4 * MIB, Buffer.alloc(262_144));
    await lab.write('web', 0, 10 * MIB + 4096, pattern(100_352, 3));
    await lab.write('web', 1, 28 * MIB, pattern(MIB / 2, 4));
    states.push([await lab.guestHash('web', 0), await lab.guestHash('web', 1)]);
    const incr = await backup(lab, store, 'web', { method });
    assert.equal(incr.manifest.kind, 'incr', incr.manifest.reason.text);
    assert.equal(incr.manifest.parent, full.manifest.id);
    for (const disk of incr.manifest.disks) {
      assert.ok(disk.readBytes <= MIB, `an increment reads what changed, not ${disk.readBytes}`);
    }

    for (const [i, { manifest }] of [full, incr].entries()) {
      const restored = await restoredHashes(lab, store, id, manifest.id, i === 0 ? 'raw' : 'vhdx');
      assert.deepEqual([restored[0], restored[1]], states[i]);
    }
    assert.deepEqual(await verifyErrors(store, id), []);
    const vm = await lab.host.findVm('web', never);
    assert.deepEqual(vm.checkpoints, []);
    assert.equal(vm.referencePoints.length, 1);
    const files = await pointFiles(store, id, incr.manifest.id);
    assert.ok(
      files.some((name) => name.endsWith('.avhdx')),
      files.join(' '),
    );
  });
}
