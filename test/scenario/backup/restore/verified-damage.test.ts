import assert from 'node:assert/strict';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { isEngineError } from '../../../../src/engine/base/errors.ts';
import type { PointManifest } from '../../../../src/engine/backup/manifest/manifest.ts';
import type { Store } from '../../../../src/engine/backup/store/contract/store.ts';
import {
  backup,
  backupOptions,
  openTestStore,
  pattern,
  restoredHashes,
  startBackupLab,
  verifyErrors,
} from '../../../support/backup/backup-lab.ts';
import { planDocument } from '../../../../src/engine/operations/vm/plan-backup.ts';
import { never } from '../../../../src/engine/base/abort.ts';

const MIB = 2 ** 20;

async function flip(store: Store, { vm, id, disks }: PointManifest): Promise<void> {
  const handle = await open(join(store.location, vm.id, id, disks[0]?.file ?? ''), 'r+');
  try {
    const byte = Buffer.alloc(1);
    await handle.read(byte, 0, 1, 5 * MIB);
    await handle.write(Buffer.from([(byte[0] ?? 0) ^ 1]), 0, 1, 5 * MIB);
  } finally {
    await handle.close();
  }
}

test('no increment is made on a point that the last verification found damaged', async (t) => {
  const lab = await startBackupLab(t);
  const store = await openTestStore(lab);
  await lab.ask('add-vm', { name: 'vm', disks: [{ size: 16 * MIB }] });
  await lab.write('vm', 0, MIB, pattern(8 * MIB, 1));
  const full = (await backup(lab, store, 'vm')).manifest;
  // The damage lies where the next increment reads nothing of its parent.
  await lab.write('vm', 0, 15 * MIB, pattern(MIB, 2));
  const child = (await backup(lab, store, 'vm')).manifest;
  assert.equal(child.kind, 'incr');
  await flip(store, full);
  assert.notDeepEqual(await verifyErrors(store, full.vm.id), []);
  // A quick look finds nothing wrong, and does not undo what reading every hash has found.
  assert.deepEqual(await verifyErrors(store, full.vm.id, true), []);

  const plan = await planDocument(lab.host, 'vm', store, backupOptions(lab), never);
  assert.equal(plan.kind, 'full');
  assert.equal(plan.reason.code, 'verify.failed');
  assert.equal(plan.reason.evidence['point'], child.id);
  assert.equal(plan.reason.evidence['error'], 'cell.hash');
  assert.ok(Date.parse(String(plan.reason.evidence['verified'])) > 0);
  await assert.rejects(backup(lab, store, 'vm', { kind: 'incremental' }), (error: unknown) =>
    isEngineError(error, 'plan.incremental'),
  );
  const { manifest } = await backup(lab, store, 'vm');
  assert.equal(manifest.kind, 'full');
  assert.equal(manifest.reason.code, 'verify.failed');
  const restored = await restoredHashes(lab, store, manifest.vm.id, manifest.id);
  assert.equal(restored[0], await lab.guestHash('vm', 0));
  assert.equal(
    (await backup(lab, store, 'vm')).manifest.kind,
    'incr',
    'the new chain is not damaged',
  );
});
