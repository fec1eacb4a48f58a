import assert from 'node:assert/strict';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { isEngineError } from '../../../../src/engine/base/errors.ts';
import { never } from '../../../../src/engine/base/abort.ts';
import type { PointManifest } from '../../../../src/engine/backup/manifest/manifest.ts';
import type { Store } from '../../../../src/engine/backup/store/contract/store.ts';
import {
  backup,
  openTestStore,
  pattern,
  restoredHashes,
  startBackupLab,
  verifyErrors,
  type BackupLab,
} from '../../../support/backup/backup-lab.ts';

const MIB = 2 ** 20;
const SIZE = 16 * MIB;

/** A VM with one full point; then data of it is zeroed, so that a parent that shows through is wrong. */
async function changedVm(
  lab: BackupLab,
  store: Store,
  name: string,
  method: 'file' | 'export',
): Promise<PointManifest> {
  await lab.ask('add-vm', { name, disks: [{ size: SIZE }] });
  await lab.write(name, 0, MIB, pattern(6 * MIB, 1));
  const { manifest } = await backup(lab, store, name, { method });
  await lab.write(name, 0, 2 * MIB, Buffer.alloc(2 * MIB));
  return manifest;
}

async function assertTrue(lab: BackupLab, store: Store, manifest: PointManifest): Promise<void> {
  const restored = await restoredHashes(lab, store, manifest.vm.id, manifest.id);
  assert.equal(restored[0], await lab.guestHash(manifest.vm.name, 0), 'restores to the guest');
  assert.deepEqual(await verifyErrors(store, manifest.vm.id), []);
  const staged = await readdir(join(lab.folder, 'lab', 'host', 'Exports')).catch(() => []);
  assert.deepEqual(staged, [], 'nothing is left of the exports');
}

test('an export that the host wrote in full is never taken for an increment', async (t) => {
  const lab = await startBackupLab(t);
  const store = await openTestStore(lab);
  const cases = {
    'base ignored': () => lab.fault('export.full'),
    'resized and resized back': async () => {
      await lab.ask('resize', { vm: 'resized and resized back', disk: 0, size: 20 * MIB });
      await lab.ask('resize', { vm: 'resized and resized back', disk: 0, size: SIZE });
    },
  };
  for (const [name, prepare] of Object.entries(cases)) {
    await changedVm(lab, store, name, 'export');
    await prepare();
    const { manifest } = await backup(lab, store, name, { method: 'export' });
    await lab.clearFaults();
    assert.equal(manifest.kind, 'full', name);
    assert.equal(manifest.reason.code, 'export.full', name);
    assert.match(manifest.id, /-full$/);
    await assertTrue(lab, store, manifest);
    const next = await backup(lab, store, name, { method: 'export' });
    assert.equal(next.manifest.kind, 'incr', name);
    await assertTrue(lab, store, next.manifest);
  }
  await lab.write('base ignored', 0, MIB, Buffer.alloc(MIB));
  await lab.fault('export.full');
  await assert.rejects(
    backup(lab, store, 'base ignored', { method: 'export', kind: 'incremental' }),
    (error: unknown) => isEngineError(error, 'export.full'),
  );
});

test('a refused differential export becomes a full one, in every run', async (t) => {
  const lab = await startBackupLab(t);
  const store = await openTestStore(lab);
  await changedVm(lab, store, 'vm', 'export');
  await lab.fault('export.base');
  for (let run = 0; run < 2; run++) {
    await lab.write('vm', 0, 5 * MIB, pattern(4096, run));
    const { manifest } = await backup(lab, store, 'vm', { method: 'export' });
    assert.equal(manifest.kind, 'full');
    assert.equal(manifest.reason.code, 'export.refused');
    assert.match(manifest.reason.text, /0xC03A0029/);
    assert.ok(manifest.warnings.some(({ code }) => code === 'export.refused'));
    await assertTrue(lab, store, manifest);
  }
  await assert.rejects(
    backup(lab, store, 'vm', { method: 'export', kind: 'incremental' }),
    (error: unknown) => isEngineError(error, 'export.refused'),
  );
  assert.deepEqual((await lab.host.findVm('vm', never)).checkpoints, []);
  await lab.clearFaults();
  assert.equal((await backup(lab, store, 'vm', { method: 'export' })).manifest.kind, 'incr');
});

for (const method of ['file', 'export'] as const) {
  test(`a damaged parent in the store makes the next point a full, by ${method}`, async (t) => {
    const lab = await startBackupLab(t, { settings: { rctGranularity: 4096 } });
    const store = await openTestStore(lab);
    const full = await changedVm(lab, store, 'vm', method);
    await flipPayload(join(store.location, full.vm.id, full.id, full.disks[0]?.file ?? ''));
    await lab.write('vm', 0, 5 * MIB + 4096, pattern(4096, 3));
    const { manifest } = await backup(lab, store, 'vm', { method });
    assert.equal(manifest.kind, 'full');
    assert.equal(manifest.reason.code, 'parent.damaged');
    const restored = await restoredHashes(lab, store, full.vm.id, manifest.id);
    assert.equal(restored[0], await lab.guestHash('vm', 0));
    await lab.write('vm', 0, 5 * MIB, pattern(4096, 4));
    assert.equal((await backup(lab, store, 'vm', { method })).manifest.kind, 'incr');
  });
}

/** Flips a byte in each MiB of an image's data. */
async function flipPayload(file: string): Promise<void> {
  const handle = await open(file, 'r+');
  try {
    const { size } = await handle.stat();
    for (let at = 4 * MIB; at < size; at += MIB) {
      const byte = Buffer.alloc(1);
      await handle.read(byte, 0, 1, at);
      await handle.write(Buffer.from([(byte[0] ?? 0) ^ 0xff]), 0, 1, at);
    }
  } finally {
    await handle.close();
  }
}

test('a disk that is swapped or resized between plan and checkpoint is noticed', async (t) => {
  const lab = await startBackupLab(t);
  for (const method of ['file', 'export'] as const) {
    for (const [what, code] of [
      ['replace', 'disk.replaced'],
      ['resize', 'disk.resized'],
    ] as const) {
      const name = `${what}-${method}`;
      const store = await openTestStore(lab, name);
      await changedVm(lab, store, name, method);
      const onEdge = async (edge: string): Promise<void> => {
        if (edge !== 'reserved') return;
        if (what === 'resize') await lab.ask('resize', { vm: name, disk: 0, size: 2 * SIZE });
        else await lab.ask('replace', { vm: name, disk: 0, with: { size: SIZE } });
      };
      const { manifest } = await backup(lab, store, name, { method }, never, { onEdge });
      assert.equal(manifest.kind, 'full', name);
      assert.equal(manifest.reason.code, code, name);
      assert.equal(manifest.disks[0]?.virtualSize, what === 'resize' ? 2 * SIZE : SIZE);
      await assertTrue(lab, store, manifest);
    }
  }
});
