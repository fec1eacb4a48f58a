import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { never } from '../../../../src/engine/base/abort.ts';
import { noProgress, type Progress } from '../../../../src/engine/base/progress.ts';
import { diskRoot } from '../../../../src/engine/backup/hashes/disk-root.ts';
import { HASHES_V1, HASHES_V2 } from '../../../../src/engine/backup/hashes/hash-format.ts';
import { copyData } from '../../../../src/engine/disk/bulk/copy-data.ts';
import { openDisk } from '../../../../src/engine/disk/chain/open-disk.ts';
import { RawWriter } from '../../../../src/engine/disk/raw/raw-writer.ts';
import { compareDisks } from '../../../../src/engine/disk/tools/disk-compare.ts';
import type { VirtualDisk } from '../../../../src/engine/disk/virtual/virtual-disk.ts';
import { VhdxWriter } from '../../../../src/engine/disk/vhdx/write/vhdx-writer.ts';
import { createFilePart } from '../../../../src/engine/source/files/file-part.ts';
import { diskSha256 } from '../../../support/disk/disk-sha256.ts';
import { temporaryFolder } from '../../../support/files/temporary-folder.ts';
import { CPU_PATHS, hasNative, withNative } from '../../../support/native/with-native.ts';

const MIB = 2 ** 20;
const SECTOR = 512;
const SETTINGS = ['off', ...CPU_PATHS];

/** A full, and a child of it with scattered sectors, of a disk that is not whole MiBs. */
async function makeChain(folder: string, blockSize: number): Promise<string> {
  const size = 9 * MIB + 7 * SECTOR;
  const base = join(folder, 'base.vhdx');
  const parent = new VhdxWriter(await createFilePart(base, {}, never), { size, blockSize });
  for (const start of [0, 3 * MIB, 5 * MIB - 4096, 9 * MIB]) {
    const length = Math.min(MIB + 8192, size - start);
    const end = start === 3 * MIB ? MIB : length;
    await parent.write(start, randomBytes(end), never);
  }
  const { dataWriteGuid } = await parent.complete(never);
  const child = join(folder, 'child.avhdx');
  const writer = new VhdxWriter(await createFilePart(child, {}, never), {
    size,
    blockSize: MIB,
    parent: { linkage: dataWriteGuid, relativePath: `.\\${basename(base)}` },
  });
  for (let i = 0; i < 60; i++) {
    await writer.write(i * 150_016 - ((i * 150_016) % SECTOR), randomBytes(SECTOR * 3), never);
  }
  writer.zero(4 * MIB + 65_536 + 512 * 500, 512 * 100);
  await writer.complete(never);
  return child;
}

async function withDisk<T>(path: string, work: (disk: VirtualDisk) => Promise<T>): Promise<T> {
  const { disk } = await openDisk(path, {}, never);
  try {
    return await work(disk);
  } finally {
    await disk.close();
  }
}

async function copied(t: TestContext, source: string, format: 'raw' | 'vhdx'): Promise<string> {
  const path = join(await temporaryFolder(t), `copy.${format}`);
  await withDisk(source, async (disk) => {
    const part = await createFilePart(path, {}, never);
    const writer =
      format === 'raw'
        ? new RawWriter(part, { size: disk.size, subformat: 'fixed' })
        : new VhdxWriter(part, { size: disk.size, blockSize: 2 * MIB });
    let done = 0;
    const progress: Progress = { ...noProgress, advance: (bytes) => (done += bytes) };
    await copyData(disk, writer, progress, never);
    await writer.complete(never);
    assert.equal(done, disk.size, 'progress ends at the size');
  });
  return path;
}

for (const blockSize of [MIB, 2 * MIB]) {
  test(`a chain over blocks of ${blockSize / MIB} MiB has the same contents, roots and copies with the library and without`, async (t) => {
    if (!(await hasNative(t))) return;
    const chain = await makeChain(await temporaryFolder(t), blockSize);
    const expected = await withNative('off', () => diskSha256(chain));
    const roots = async (format: typeof HASHES_V1): Promise<string> =>
      withDisk(chain, (disk) => diskRoot(disk, format, noProgress, never));
    const [v1, v2] = await withNative('off', async () => [
      await roots(HASHES_V1),
      await roots(HASHES_V2),
    ]);
    for (const setting of SETTINGS) {
      await withNative(setting, async () => {
        assert.equal(await roots(HASHES_V1), v1, `${setting}: root of version 1`);
        assert.equal(await roots(HASHES_V2), v2, `${setting}: root of version 2`);
        const raw = await copied(t, chain, 'raw');
        const hash = createHash('sha256').update(readFileSync(raw)).digest('hex');
        assert.equal(hash, expected, `${setting}: raw copy`);
        const vhdx = await copied(t, chain, 'vhdx');
        assert.equal(await diskSha256(vhdx), expected, `${setting}: VHDX copy`);
        const equal = await withDisk(vhdx, (a) =>
          withDisk(chain, (b) => compareDisks(a, b, { strict: true }, noProgress, never)),
        );
        assert.deepEqual(equal, { equal: true, firstDifference: null }, setting);
      });
    }
  });
}

test('the first difference of two disks is the same with the library and without', async (t) => {
  if (!(await hasNative(t))) return;
  const folder = await temporaryFolder(t);
  const chain = await makeChain(folder, MIB);
  const raw = await withNative('off', () => copied(t, chain, 'raw'));
  const bytes = readFileSync(raw);
  for (const at of [0, 3 * MIB - 1, 5 * MIB + 17, bytes.length - 1]) {
    const changed = Buffer.from(bytes);
    changed.writeUInt8(changed.readUInt8(at) ^ 0x40, at);
    const path = join(folder, 'changed.raw');
    writeFileSync(path, changed);
    for (const setting of ['off', 'all']) {
      const found = await withNative(setting, () =>
        withDisk(chain, (a) =>
          withDisk(path, (b) => compareDisks(a, b, { strict: true }, noProgress, never)),
        ),
      );
      assert.deepEqual(found, { equal: false, firstDifference: at }, setting);
    }
  }
});

test('a cancelled copy throws the reason and leaves no file', async (t) => {
  if (!(await hasNative(t))) return;
  const folder = await temporaryFolder(t);
  const chain = await makeChain(folder, MIB);
  const controller = new AbortController();
  const part = await createFilePart(join(folder, 'copy.raw'), {}, never);
  await withDisk(chain, async (disk) => {
    const writer = new RawWriter(part, { size: disk.size, subformat: 'fixed' });
    const progress = { ...noProgress, advance: () => controller.abort(new Error('enough')) };
    await assert.rejects(copyData(disk, writer, progress, controller.signal), /enough/);
    await writer.abandon();
  });
  assert.throws(() => readFileSync(join(folder, 'copy.raw')), /ENOENT/);
});
