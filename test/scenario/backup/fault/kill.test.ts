import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EDGES } from '../../../../src/engine/backup/context/edges.ts';
import {
  clean,
  openTestStore,
  pattern,
  startBackupLab,
  verifyErrors,
} from '../../../support/backup/backup-lab.ts';
import { ALL_CASES } from '../../../support/process/all-cases.ts';
import {
  assertBacksUp,
  assertTidy,
  killedBackup,
  newScene,
} from '../../../support/backup/killed-backup.ts';

const MIB = 2 ** 20;

const EXPORT_EDGES = ['export.intended', 'exported', 'staging.removed'] as const;
const CASES = [
  ...EDGES.filter((edge) => edge !== 'export.intended' && edge !== 'exported').map(
    (edge) => ({ edge, method: 'file' }) as const,
  ),
  ...EXPORT_EDGES.map((edge) => ({ edge, method: 'export' }) as const),
];

/** Each edge kills a full or an increment; both with REFPOINT_ALL_CASES=1. */
test('killed at any edge of a full or an increment, the store verifies and everything is tidied up', async (t) => {
  const lab = await startBackupLab(t);
  const store = await openTestStore(lab);
  for (const [i, { edge, method }] of CASES.entries()) {
    const full = ALL_CASES || i % 2 === 0;
    const increment = ALL_CASES || i % 2 === 1;
    await t.test(`${edge} (${method})`, async () => {
      const scene = await newScene(lab, store, `vm-${edge}-${method}`);
      if (full) {
        await killedBackup(lab, store, scene.vm, edge, method);
        assert.deepEqual(await verifyErrors(store, scene.vmId), []);
        await clean(lab, store, scene.vmId);
        await assertTidy(scene, 'cleaned after a killed full');
      }
      await assertBacksUp(scene, method, full ? 'after a killed full' : 'the full');
      if (!increment) return;

      await lab.write(scene.vm, 0, 2 * MIB + 512, pattern(70_656, 7));
      await killedBackup(lab, store, scene.vm, edge, method);
      assert.deepEqual(await verifyErrors(store, scene.vmId), []);
      await lab.write(scene.vm, 0, 3 * MIB, pattern(512, 8));
      await assertBacksUp(scene, method, 'after a killed increment');
      await assertTidy(scene, 'after the run that followed a killed increment');
    });
  }
});
