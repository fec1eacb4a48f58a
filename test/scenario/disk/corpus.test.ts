import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { never } from '../../../src/engine/base/abort.ts';
import { noProgress } from '../../../src/engine/base/progress.ts';
import { hashDisk } from '../../../src/engine/disk/tools/disk-hash.ts';
import type { DiskInfo } from '../../../src/engine/disk/tools/disk-info.ts';
import { openDisk } from '../../../src/engine/disk/chain/open-disk.ts';
import { expectedMap, readBat } from '../../support/disk/independent-bat.ts';
import { expectations, unpack } from '../../support/disk/corpus-images.ts';
import { temporaryFolder } from '../../support/files/temporary-folder.ts';
import { infoOf, mapOf } from '../../support/disk/look-at-image.ts';

const MIB = 2 ** 20;

/** What the notes of the collection say beyond the hashes, and what was found with other readers. */
const FACTS: Readonly<Record<string, (info: DiskInfo) => void>> = {
  'iotest-dynamic-1G.vhdx': ({ blockSize, virtualSize, blocks }) => {
    assert.deepEqual([blockSize, virtualSize], [32 * MIB, 1024 * MIB]);
    assert.deepEqual([blocks?.present, blocks?.zero, blocks?.notPresent], [3, 29, 0]);
  },
  'iotest-dirtylog-10G-4M.vhdx': ({ blockSize, virtualSize, blocks, log }) => {
    assert.deepEqual([blockSize, virtualSize, log], [MIB, 10_240 * MIB, 'dirty']);
    // The 18 MiB of the pattern are there once the log is replayed.
    assert.ok((blocks?.present ?? 0) >= 18);
  },
  'test-disk2vhd.vhdx': ({ blockSize, fileSize }) => {
    assert.deepEqual([blockSize, fileSize % MIB], [2 * MIB, 512]);
  },
  'ltr-swap.vhdx': ({ virtualSize }) => assert.equal(virtualSize, 10_240 * MIB),
  'ltr-lvm2.vhdx': ({ virtualSize, blocks }) => {
    assert.equal(virtualSize, 10_240 * MIB);
    assert.equal(blocks?.unmapped, 25);
    for (const count of [blocks?.present, blocks?.zero, blocks?.notPresent]) {
      assert.ok((count ?? 0) > 0);
    }
    assert.equal(blocks?.partial, 0);
  },
};

test('every VHDX of the corpus reads to its recorded hash and tells its recorded facts', async (t) => {
  const found = await expectations(t);
  if (found === undefined) return;
  const images = found.all.filter(([, each]) => each.format === 'vhdx');
  assert.ok(images.length >= 5, `only ${images.length} VHDX images are in the corpus`);
  const target = await temporaryFolder(t);
  for (const [name, expected] of images) {
    await t.test(name, async () => {
      const path = await unpack(found.folder, name, expected, found.bzip2, target);
      const opened = await openDisk(path, {}, never);
      try {
        const info = await infoOf(path);
        assert.equal(info.format, 'vhdx');
        assert.equal(info.subformat, expected.subformat);
        assert.equal(info.log, expected.log ?? 'clean');
        FACTS[name]?.(info);
        if (expected.log !== 'dirty') {
          const map = await mapOf(path);
          assert.deepEqual(
            map.map((entry) => [entry.start, entry.length, entry.offset]),
            expectedMap(readBat(path)),
          );
        }
        const { hash } = await hashDisk(opened.disk, noProgress, never);
        assert.equal(hash, expected.rawSha256);
      } finally {
        await opened.disk.close();
      }
    });
  }
});

test('every VHD of the corpus reads to its recorded hash, also over its parent', async (t) => {
  const found = await expectations(t);
  if (found === undefined) return;
  const images = found.all.filter(([, each]) => each.format === 'vhd');
  assert.ok(images.length >= 6, `only ${images.length} VHD images are in the corpus`);
  const target = await temporaryFolder(t);
  for (const [name, expected] of images) {
    await unpack(found.folder, name, expected, found.bzip2, target);
  }
  for (const [name, expected] of images) {
    const { disk } = await openDisk(join(target, name), {}, never);
    try {
      const info = await infoOf(join(target, name));
      assert.equal(info.format, 'vhd');
      // Virtual PC showed its guests the size of the geometry.
      const odd = info.creator === 'vpc' ? ['warning vhd.size.geometry'] : [];
      assert.deepEqual(
        info.findings.map(({ severity, code }) => `${severity} ${code}`),
        odd,
        name,
      );
      if (expected.virtualSize !== undefined) assert.equal(disk.size, expected.virtualSize, name);
      if (expected.rawSha256 === undefined) continue;
      const { hash } = await hashDisk(disk, noProgress, never);
      assert.equal(hash, expected.rawSha256, name);
    } finally {
      await disk.close();
    }
  }
});

test('a VHD Set without its backing file is described as far as it is known', async (t) => {
  const found = await expectations(t);
  if (found === undefined) return;
  const images = found.all.filter(([, each]) => each.format === 'vhds');
  assert.ok(images.length >= 1, `only ${images.length} VHD Sets`);
  const target = await temporaryFolder(t);
  for (const [name, expected] of images) {
    await unpack(found.folder, name, expected, found.bzip2, target);
    await assert.rejects(openDisk(join(target, name), {}, never), {
      code: 'vhds.backing.missing',
      message: /backing file missing/,
    });
    const { format, virtualSize, parent, details, findings } = await infoOf(join(target, name));
    assert.deepEqual([format, virtualSize, parent?.resolvedPath], ['vhds', null, null]);
    assert.match(parent?.relativePath ?? '', /^\.\\.+\.avhdx$/);
    assert.deepEqual(
      findings.map(({ code, severity }) => [code, severity]),
      [['vhds.backing.missing', 'error']],
    );
    const unknown = details?.filter(({ meaning }) => meaning === null).map((each) => each.name);
    assert.deepEqual(unknown, ['Unknown1', 'Unknown2']);
  }
});
