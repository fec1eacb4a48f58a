import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { never } from '../../../../src/engine/base/abort.ts';
import type { Guid } from '../../../../src/engine/base/guid.ts';
import { noProgress } from '../../../../src/engine/base/progress.ts';
import { restorePoint } from '../../../../src/engine/backup/restore/restore.ts';
import { createVhdx } from '../../../../src/engine/disk/vhdx/write/create-vhdx.ts';
import { VhdxEditor } from '../../../../src/engine/disk/vhdx/edit/vhdx-editor.ts';
import { FileStorage } from '../../../../src/engine/source/files/file-storage.ts';
import {
  backup,
  openTestStore,
  pattern,
  restoredHashes,
  startBackupLab,
  verifyErrors,
} from '../../../support/backup/backup-lab.ts';
import { ALL_CASES } from '../../../support/process/all-cases.ts';
import { infoOf } from '../../../support/disk/look-at-image.ts';

const MIB = 2 ** 20;

/** Images as users have them: every sector size, the smallest and the largest blocks, sizes that fill no cell. */
const IMAGES = [
  { size: 12 * MIB, logicalSectorSize: 4096, physicalSectorSize: 4096, blockSize: MIB },
  { size: 5 * MIB + 4096, logicalSectorSize: 4096, physicalSectorSize: 4096, blockSize: 256 * MIB },
  { size: 5 * MIB + 512, logicalSectorSize: 512, physicalSectorSize: 512, blockSize: 256 * MIB },
  { size: 3 * MIB, logicalSectorSize: 512, physicalSectorSize: 4096, blockSize: MIB },
] as const;

for (const method of ['file', 'export'] as const) {
  test(`disks of any sectors, blocks and sizes come back as they were at each point, by ${method}`, async (t) => {
    const lab = await startBackupLab(t);
    const images: string[] = [];
    for (const [i, image] of IMAGES.entries()) {
      const path = join(lab.folder, `image${i}.vhdx`);
      const storage = await FileStorage.open(path, { create: true }, never);
      await createVhdx(storage, image, never);
      const editor = await VhdxEditor.open(storage, never);
      await editor.write(MIB, pattern(MIB + 8192, i), never);
      await editor.write(image.size - 4096 - (image.size % 4096), pattern(4096, i), never);
      await editor.close();
      await storage.close();
      images.push(path);
    }
    const disks = images.map((image) => ({ image }));
    const made = await lab.ask('add-vm', { name: 'vm', disks });
    const vmId = made.id as Guid;
    const store = await openTestStore(lab);
    const points: { id: string; hashes: string[] }[] = [];
    for (let round = 0; round < 3; round++) {
      for (const [i, { size }] of IMAGES.entries()) {
        if (round === 0) continue;
        // Off the sectors, over the end of a cell, in the last sector; zeros over what was there.
        await lab.write('vm', i, 2 * MIB - 700, pattern(1500, 10 * round + i));
        await lab.write('vm', i, size - 300, pattern(300, round));
        await lab.write('vm', i, MIB + 4096 * round, Buffer.alloc(8192));
      }
      const hashes = await Promise.all(IMAGES.map((_, i) => lab.guestHash('vm', i)));
      const { manifest } = await backup(lab, store, 'vm', { method });
      assert.equal(manifest.kind, round === 0 ? 'full' : 'incr');
      for (const [i, disk] of manifest.disks.entries()) {
        const { logicalSectorSize, physicalSectorSize } = IMAGES[i] ?? {};
        assert.equal(disk.logicalSectorSize, logicalSectorSize);
        assert.equal(disk.physicalSectorSize, physicalSectorSize);
        const image = join(store.location, vmId, manifest.id, disk.file);
        assert.equal((await infoOf(image)).physicalSectorSize, physicalSectorSize);
        if (round > 0) assert.ok(disk.readBytes <= 2 * MIB, `${disk.readBytes} bytes read`);
      }
      points.push({ id: manifest.id, hashes });
    }
    assert.deepEqual(await verifyErrors(store, vmId), []);
    for (const { id, hashes } of points) {
      // As VHDX the last point only: the restore below looks at its files, too.
      const formats =
        ALL_CASES || id === points.at(-1)?.id ? (['raw', 'vhdx'] as const) : ['raw' as const];
      for (const format of formats) {
        const restored = await restoredHashes(lab, store, vmId, id, format);
        assert.deepEqual(Object.values(restored), hashes, `${id} as ${format}`);
      }
    }
    const to = join(lab.folder, 'sectors');
    const options = { vmId, point: 'latest', disks: [], to, format: 'vhdx', force: false } as const;
    const { disks: restored } = await restorePoint(store, options, noProgress, never);
    for (const [i, { file }] of restored.entries()) {
      const { physicalSectorSize } = await infoOf(file);
      assert.equal(physicalSectorSize, IMAGES[i]?.physicalSectorSize);
    }
  });
}
