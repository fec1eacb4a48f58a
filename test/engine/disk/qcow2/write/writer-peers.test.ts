import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { NewDisk } from '../../../../../src/engine/disk/image/image-writer.ts';
import { openBytes, readOver, run, written } from '../../../../support/disk/qcow2-images.ts';
import { temporaryFolder } from '../../../../support/files/temporary-folder.ts';
import { ALL_CASES } from '../../../../support/process/all-cases.ts';
import { peer } from '../../../../support/process/peers.ts';

const MIB = 2 ** 20;

test('qemu-img finds no fault and reads what was written, in clusters of every size', async (t) => {
  const qemu = peer(t, 'qemu-img');
  if (qemu === undefined) return;
  const folder = await temporaryFolder(t);
  for (let bits = 9; bits <= 21; bits++) {
    const blockSize = 2 ** bits;
    // Around the ends of a cluster and of an L2 table, and small: one of the small sizes with each size of clusters, in turn.
    const table = blockSize * (blockSize / 8);
    const small = [512, blockSize, blockSize - 512, blockSize + 512];
    const sizes = [2 * MIB + 3 * 512];
    sizes.push(...small.filter((_, i) => ALL_CASES || i === bits % small.length));
    if (table < 2 * MIB) sizes.push(table - 512, table, table + 512);
    for (const size of sizes.filter((each) => each > 0)) {
      const disk = new Uint8Array(size);
      const file = await written({ size, subformat: 'dynamic', blockSize }, disk, size + bits);
      await writeFile(join(folder, 'a.qcow2'), file);
      await writeFile(join(folder, 'a.raw'), disk);
      run(qemu, ['check', '-f', 'qcow2', 'a.qcow2'], folder);
      run(qemu, ['compare', '-f', 'qcow2', '-F', 'raw', 'a.qcow2', 'a.raw'], folder);
      assert.ok(
        Buffer.compare(await readOver(await openBytes(file)), disk) === 0,
        `${bits} ${size}`,
      );
    }
  }
});

test('a differencing image over raw and over qcow2 hides exactly what was written or zeroed', async (t) => {
  const qemu = peer(t, 'qemu-img');
  if (qemu === undefined) return;
  const folder = await temporaryFolder(t);
  const size = 3 * MIB + 5 * 512;
  for (const [i, blockSize] of [undefined, 512].entries()) {
    for (const [j, format] of ['raw', 'qcow2'].entries()) {
      for (const [k, parentSize] of [size, size - MIB - 512, size + MIB].entries()) {
        // Half of the cases have each pair of values.
        if (!ALL_CASES && (i + j + k) % 2 === 1) continue;
        const base = new Uint8Array(parentSize);
        const made = await written({ size: parentSize, subformat: 'dynamic' }, base, 77);
        await writeFile(join(folder, `base.${format}`), format === 'raw' ? base : made);
        const parent = {
          identity: undefined,
          format,
          size: parentSize,
          relativePath: `base.${format}`,
          absolutePath: undefined,
        };
        const disk = new Uint8Array(size);
        disk.set(base.subarray(0, size));
        const image: NewDisk = {
          size,
          subformat: 'differencing',
          parent,
          ...(blockSize === undefined ? {} : { blockSize }),
        };
        const file = await written(image, disk, parentSize);
        await writeFile(join(folder, 'child.qcow2'), file);
        await writeFile(join(folder, 'child.raw'), disk);
        run(qemu, ['check', '-f', 'qcow2', 'child.qcow2'], folder);
        run(qemu, ['compare', '-f', 'qcow2', '-F', 'raw', 'child.qcow2', 'child.raw'], folder);
        const opened = await openBytes(file);
        assert.equal(opened.parent?.relativePath, `base.${format}`);
        assert.equal(opened.parent.format, format);
        assert.ok(Buffer.compare(await readOver(opened, base), disk) === 0);
      }
    }
  }
});

test('an empty disk, and one of 2 TiB with a sector at its end, are small and sound', async (t) => {
  const qemu = peer(t, 'qemu-img');
  if (qemu === undefined) return;
  const folder = await temporaryFolder(t);
  const empty = await written({ size: 0, subformat: 'dynamic' }, new Uint8Array(), 1);
  await writeFile(join(folder, 'empty.qcow2'), empty);
  run(qemu, ['check', '-f', 'qcow2', 'empty.qcow2'], folder);
  assert.equal((await openBytes(empty)).size, 0);
});
