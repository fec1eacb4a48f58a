import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { never } from '../../../../../src/engine/base/abort.ts';
import { openDisk } from '../../../../../src/engine/disk/chain/open-disk.ts';
import { Qcow2Writer } from '../../../../../src/engine/disk/qcow2/write/qcow2-writer.ts';
import {
  SUITE_SIZE,
  SUITE_WRITES,
  virtualDiskSuite,
} from '../../../../conformance/virtual-disk-suite.ts';
import { run } from '../../../../support/disk/qcow2-images.ts';
import { infoOf } from '../../../../support/disk/look-at-image.ts';
import { MemoryPart } from '../../../../support/files/memory-part.ts';
import { temporaryFolder } from '../../../../support/files/temporary-folder.ts';
import { peer } from '../../../../support/process/peers.ts';

/** The suite's contents, as one write per sector that is not zero. */
async function suiteImage(): Promise<Uint8Array> {
  const disk = new Uint8Array(SUITE_SIZE);
  for (const { start, bytes } of SUITE_WRITES) disk.set(bytes, start);
  const part = new MemoryPart();
  const writer = new Qcow2Writer(part, { size: SUITE_SIZE, subformat: 'dynamic', blockSize: 4096 });
  for (let at = 0; at < SUITE_SIZE; at += 512) {
    const sector = disk.subarray(at, at + 512);
    if (sector.some((byte) => byte !== 0)) await writer.write(at, sector, never);
  }
  await writer.complete(never);
  return part.result;
}

virtualDiskSuite('a qcow2 image', async (t) => {
  const path = join(await temporaryFolder(t), 'disk.qcow2');
  await writeFile(path, await suiteImage());
  return (await openDisk(path, {}, never)).disk;
});

/** Makes a folder with a raw base, and a qcow2 that names its backing file as `name`. */
async function imageNaming(folder: string, qemu: string, name: string, more: string[] = []) {
  await mkdir(join(folder, 'sub'), { recursive: true });
  await writeFile(join(folder, 'base.raw'), Buffer.alloc(65_536, 7));
  await writeFile(join(folder, 'sub', 'deep.raw'), Buffer.alloc(65_536, 8));
  const image = join(folder, 'child.qcow2');
  run(qemu, ['create', '-u', '-f', 'qcow2', ...more, '-b', name, image, '65536'], folder);
  return image;
}

test('a backing file below the folder is read, in the format that the image states', async (t) => {
  const qemu = peer(t, 'qemu-img');
  if (qemu === undefined) return;
  const folder = await temporaryFolder(t);
  for (const [name, value] of [
    ['base.raw', 7],
    ['sub/deep.raw', 8],
    ['./sub/../base.raw', 7],
  ] as const) {
    const image = await imageNaming(folder, qemu, name, ['-F', 'raw']);
    const { disk, chain } = await openDisk(image, {}, never);
    const bytes = new Uint8Array(512);
    await disk.read(1024, bytes, never);
    assert.ok(
      bytes.every((byte) => byte === value),
      name,
    );
    assert.equal(chain.length, 2);
    await disk.close();
  }
  // The first bytes of a raw disk are the guest's: they do not make it a qcow2.
  const image = await imageNaming(folder, qemu, 'base.raw', ['-F', 'raw']);
  const evil = await suiteImage();
  await writeFile(join(folder, 'base.raw'), evil);
  const { disk } = await openDisk(image, {}, never);
  const bytes = new Uint8Array(4);
  await disk.read(0, bytes, never);
  assert.deepEqual([...bytes], [...evil.subarray(0, 4)]);
  await disk.close();
});

test('a backing file elsewhere is not opened: absolute paths, protocols, ways out', async (t) => {
  const qemu = peer(t, 'qemu-img');
  if (qemu === undefined) return;
  const folder = await temporaryFolder(t);
  const names = [
    '/etc/hostname',
    '../base.raw',
    'sub/../../base.raw',
    'nbd://127.0.0.1:1/x',
    'json:{"driver":"raw","file":{"driver":"file","filename":"base.raw"}}',
  ];
  for (const name of names) {
    const image = await imageNaming(folder, qemu, name, ['-F', 'raw']);
    await assert.rejects(openDisk(image, {}, never), (error: Error & { code?: string }) => {
      assert.equal(error.code, 'qcow2.backing.outside');
      assert.match(error.message, /only files in or below the folder of the image are opened/);
      return true;
    });
    const info = await infoOf(image);
    assert.deepEqual(info.chain, [image]);
    assert.ok(
      info.findings.some(({ code }) => code === 'qcow2.backing.outside'),
      name,
    );
  }
  // A file of the same name beside the image is another file.
  const image = await imageNaming(folder, qemu, 'gone/base.raw', ['-F', 'raw']);
  await assert.rejects(openDisk(image, {}, never), { code: 'disk.parent.missing' });
});
