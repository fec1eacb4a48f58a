import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { test } from 'node:test';
import { never } from '../../../src/engine/base/abort.ts';
import { noProgress } from '../../../src/engine/base/progress.ts';
import { hashDisk } from '../../../src/engine/disk/tools/disk-hash.ts';
import type { DiskInfo } from '../../../src/engine/disk/tools/disk-info.ts';
import { openDisk } from '../../../src/engine/disk/chain/open-disk.ts';
import type { VirtualDisk } from '../../../src/engine/disk/virtual/virtual-disk.ts';
import { isZero } from '../../../src/engine/disk/virtual/zero-scan.ts';
import { ALL_CASES } from '../../support/process/all-cases.ts';
import { expectedMap, readBat } from '../../support/disk/independent-bat.ts';
import { expectations, unpack } from '../../support/disk/corpus-images.ts';
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

/** Disks above this size are hashed as a whole by REFPOINT_ALL_CASES=1 only: SHA-256 of 10 GiB takes longer than all else here. */
const LARGE = 2048 * MIB;

/** Digests of the data of large disks, computed when the whole disk had its recorded hash; REFPOINT_ALL_CASES=1 checks both. */
const CONTENTS: Readonly<Record<string, string>> = {
  'iotest-dirtylog-10G-4M.vhdx': '0e8bcf9fab8239300d4b8d3cc404e930714b58df7275870148b75a889988e803',
  'ltr-swap.vhdx': '4cde7818c9e4b4b091e5c8480207f4bd3d0f70cfc4930c541ece75f876ff448b',
  'ltr-lvm2.vhdx': 'c07f2e1a5c2f0f011bc68631a0dcc1b2193447658e2cd432d5bc4205f5f2d6fa',
};

const UNIT = 65_536;
const SECTOR = 512;

/** SHA-256 over place and bytes of each 64 KiB that is not zero, of what the map calls data. Reads both ends of each hole, which must be zeros. */
async function dataDigest(disk: VirtualDisk, path: string): Promise<string> {
  const hash = createHash('sha256');
  const buffer = Buffer.alloc(4 * MIB);
  const read = async (at: number, length: number): Promise<Buffer> => {
    const part = buffer.subarray(0, length);
    await disk.read(at, part, never);
    return part;
  };
  let end = 0;
  for (const { start, length, data } of await mapOf(path)) {
    assert.equal(start, end);
    end = start + length;
    if (data !== true) {
      for (const at of [start, end - SECTOR])
        assert.ok(isZero(await read(at, SECTOR)), `zeros at ${at}`);
      continue;
    }
    for (let at = start; at < end; at += buffer.length) {
      const bytes = await read(at, Math.min(buffer.length, end - at));
      if (isZero(bytes)) continue;
      for (let within = 0; within < bytes.length; within += UNIT) {
        const part = bytes.subarray(within, within + UNIT);
        if (!isZero(part)) hash.update(`${at + within} `).update(part);
      }
    }
  }
  assert.equal(end, disk.size);
  return hash.digest('hex');
}

test('every VHDX of the corpus reads to its recorded hash and tells its recorded facts', async (t) => {
  const found = await expectations(t);
  if (found === undefined) return;
  const images = found.all.filter(([, each]) => each.format === 'vhdx');
  assert.ok(images.length >= 5, `only ${images.length} VHDX images are in the corpus`);
  for (const [name, expected] of images) {
    await t.test(name, async () => {
      const path = await unpack(found, name, expected);
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
        const contents = CONTENTS[name];
        assert.equal(contents !== undefined, opened.disk.size > LARGE, 'has a digest of its data');
        if (contents !== undefined) assert.equal(await dataDigest(opened.disk, path), contents);
        if (contents !== undefined && !ALL_CASES) return;
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
  for (const [name, expected] of images) {
    await unpack(found, name, expected);
  }
  for (const [name, expected] of images) {
    const { disk } = await openDisk(join(found.unpacked, name), {}, never);
    try {
      const info = await infoOf(join(found.unpacked, name));
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
  for (const [name, expected] of images) {
    const path = await unpack(found, name, expected);
    await assert.rejects(openDisk(path, {}, never), {
      code: 'vhds.backing.missing',
      message: /backing file missing/,
    });
    const { format, virtualSize, parent, details, findings } = await infoOf(path);
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
