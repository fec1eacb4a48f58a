import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { open as openFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { never } from '../../../../../src/engine/base/abort.ts';
import { NIL_GUID } from '../../../../../src/engine/base/guid.ts';
import { MIB } from '../../../../../src/engine/disk/vhdx/structures/layout.ts';
import { VhdxEditor } from '../../../../../src/engine/disk/vhdx/edit/vhdx-editor.ts';
import { VhdxImage } from '../../../../../src/engine/disk/vhdx/read/vhdx-image.ts';
import { generator } from '../../../../support/files/crash-recorder.ts';
import { PageImage, PageStorage } from '../../../../support/files/page-storage.ts';
import { corpus, peer } from '../../../../support/process/peers.ts';
import { temporaryFolder } from '../../../../support/files/temporary-folder.ts';

interface Sample {
  readonly name: string;
  readonly file: PageImage;
}

/** The VHDX files of the corpus, unpacked one by one. */
async function* samples(folder: string, bzip2: string, dirtyOnly: boolean): AsyncGenerator<Sample> {
  const expect = JSON.parse(await readFile(join(folder, 'expect.json'), 'utf8')) as Record<
    string,
    { packed?: string; format: string; log?: string }
  >;
  let found = 0;
  for (const [name, { packed, format, log }] of Object.entries(expect)) {
    if (format !== 'vhdx' || packed === undefined || (dirtyOnly && log !== 'dirty')) continue;
    const bytes = await readFile(join(folder, packed));
    const file = packed.endsWith('.gz')
      ? gunzipSync(bytes)
      : spawnSync(bzip2, ['-dc'], { input: bytes, maxBuffer: 1024 * MIB }).stdout;
    found++;
    yield { name, file: PageImage.of(file) };
  }
  assert.ok(found >= (dirtyOnly ? 1 : 5), `only ${found} images of the corpus were found`);
}

async function read(image: VhdxImage, offset: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  for (const extent of await image.extentsOf({ start: offset, end: offset + length }, never)) {
    if (extent.kind !== 'data') continue;
    const part = bytes.subarray(extent.start - offset, extent.end - offset);
    await image.readFile(extent.offset, part, never);
  }
  return bytes;
}

const open = (storage: PageStorage): Promise<VhdxImage> =>
  VhdxImage.open(new PageStorage(storage.image.clone()), never);

async function writeSparse(path: string, image: PageImage): Promise<void> {
  const file = await openFile(path, 'w');
  try {
    await file.truncate(image.size);
    for (const [offset, bytes] of image.pages()) await file.write(bytes, 0, bytes.length, offset);
  } finally {
    await file.close();
  }
}

test('images made by Windows, Disk2vhd and qemu can be changed in place, and qemu-img finds no fault', async (t) => {
  const folder = corpus(t);
  const qemu = folder === undefined ? undefined : peer(t, 'qemu-img');
  const bzip2 = qemu === undefined ? undefined : peer(t, 'bzip2');
  if (folder === undefined || qemu === undefined || bzip2 === undefined) return;
  const temporary = await temporaryFolder(t);
  for await (const { name, file } of samples(folder, bzip2, false)) {
    const storage = new PageStorage(file);
    const before = await open(storage);
    const editor = await VhdxEditor.open(storage, never);
    const random = generator(name.length);
    const size = before.size;
    assert.ok(size >= 75 * MIB);
    const windows: { start: number; wanted: Uint8Array }[] = [];
    for (let i = 0; i < 24; i++) {
      // Disjoint windows of 3 MiB with a change in the middle of each.
      const start = Math.floor((((size - 3 * MIB) / 24) * i) / 512) * 512;
      const wanted = await read(before, start, 3 * MIB);
      const length = 512 * (1 + Math.floor(random() * 2048));
      const at = 512 * Math.floor(random() * 4096);
      const change = wanted.subarray(at, at + length).fill(i % 3 === 0 ? 0 : i + 1);
      if (i % 3 === 0) await editor.zero(start + at, length, never);
      else await editor.write(start + at, change.slice(), never);
      windows.push({ start, wanted });
    }
    await editor.close();
    const after = await open(storage);
    assert.equal(after.header.logGuid, NIL_GUID, name);
    for (const { start, wanted } of windows) {
      assert.deepEqual(await read(after, start, wanted.length), wanted, `${name} at ${start}`);
    }
    const path = join(temporary, 'image.vhdx');
    await writeSparse(path, storage.image);
    const check: { status: number | null; stderr: Buffer } = spawnSync(qemu, [
      'check',
      '-f',
      'vhdx',
      path,
    ]);
    assert.equal(check.status, 0, `${name}: ${check.stderr.toString()}`);
  }
});

test('opening an image with a dirty log for writing leaves what replay in memory shows', async (t) => {
  const folder = corpus(t);
  const bzip2 = folder === undefined ? undefined : peer(t, 'bzip2');
  if (folder === undefined || bzip2 === undefined) return;
  for await (const { name, file } of samples(folder, bzip2, true)) {
    const storage = new PageStorage(file);
    const before = await open(storage);
    assert.equal(before.log, 'dirty');
    await (await VhdxEditor.open(storage, never)).close();
    const after = await open(storage);
    assert.equal(after.log, 'clean');
    assert.deepEqual(await extents(after), await extents(before), name);
    assert.deepEqual(await read(after, 0, 32 * MIB), await read(before, 0, 32 * MIB), name);
    assert.notEqual(after.header.fileWriteGuid, before.header.fileWriteGuid);
    assert.equal(after.header.dataWriteGuid, before.header.dataWriteGuid);
  }
});

async function extents(image: VhdxImage): Promise<unknown[]> {
  const all: unknown[] = [];
  for await (const batch of image.layerExtents({ start: 0, end: image.size }, never)) {
    all.push(...batch);
  }
  return all;
}
