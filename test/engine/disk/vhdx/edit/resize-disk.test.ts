import assert from 'node:assert/strict';
import { test } from 'node:test';
import { never } from '../../../../../src/engine/base/abort.ts';
import { newGuid } from '../../../../../src/engine/base/guid.ts';
import { createVhdx } from '../../../../../src/engine/disk/vhdx/write/create-vhdx.ts';
import { MIB } from '../../../../../src/engine/disk/vhdx/structures/layout.ts';
import { GIB } from '../../../../support/disk/sizes.ts';
import { readRegionTable } from '../../../../../src/engine/disk/vhdx/read/read-structures.ts';
import { VhdxEditor } from '../../../../../src/engine/disk/vhdx/edit/vhdx-editor.ts';
import { VhdxImage } from '../../../../../src/engine/disk/vhdx/read/vhdx-image.ts';
import { CrashRecorder } from '../../../../support/files/crash-recorder.ts';
import { PageImage, PageStorage } from '../../../../support/files/page-storage.ts';
import { readTags, tagged } from '../../../../support/disk/tagged-disk.ts';

const OLD = 3 * MIB + 1024;

async function sizeOf(image: PageImage): Promise<number> {
  return (await VhdxImage.open(new PageStorage(image.clone()), never)).size;
}

test('growing a disk in place can be cut anywhere: old size or new, and zeros behind the old end', async () => {
  const start = new PageStorage();
  await createVhdx(start, { size: OLD, blockSize: MIB }, never);
  const fill = await VhdxEditor.open(start, never);
  await fill.write(0, tagged(5, OLD), never);
  // Something behind the end, as another writer may leave it.
  await fill.resize(OLD + 4096, never);
  await fill.write(OLD, tagged(6, 4096), never);
  await fill.resize(OLD, never);
  await fill.close();
  const recorder = new CrashRecorder();
  const storage = recorder.storage(start.image);
  const editor = await VhdxEditor.open(storage, never);
  await editor.resize(6 * MIB, never);
  await editor.close();
  const sizes = new Set<number>();
  for (const { cut, variant, images } of recorder.crashes()) {
    const tags = await readTags([new PageStorage(images[0])]);
    sizes.add(tags.length * 512);
    const wrong = tags.findIndex((tag, i) => tag !== (i < OLD / 512 ? 5 : 0));
    assert.equal(wrong, -1, `after ${cut} events, ${variant}: sector ${wrong}`);
  }
  assert.deepEqual(
    [...sizes].sort((a, b) => a - b),
    [OLD, 6 * MIB],
  );
});

test('a BAT without room moves, and every cut reads the whole disk', async () => {
  const blockSize = MIB;
  const start = new PageStorage();
  await createVhdx(start, { size: 4 * GIB, blockSize }, never);
  const fill = await VhdxEditor.open(start, never);
  await fill.write(0, tagged(5, 4096), never);
  await fill.write(4 * GIB - 4096, tagged(6, 4096), never);
  await fill.close();
  const recorder = new CrashRecorder();
  const storage = recorder.storage(start.image);
  const editor = await VhdxEditor.open(storage, never);
  // More than 131,072 entries: the BAT of 1 MiB becomes one of 3 MiB.
  const size = 300 * GIB;
  await editor.resize(size, never);
  // The place of the old BAT is used for payload now, while the log still has its last entry.
  await editor.write(size - 4096, tagged(7, 4096), never);
  await editor.flush(never);
  await editor.close();
  const read = async (image: PageImage, offset: number): Promise<number | undefined> => {
    const disk = await VhdxImage.open(new PageStorage(image.clone()), never);
    if (offset >= disk.size) return undefined;
    const [extent] = await disk.extentsOf({ start: offset, end: offset + 512 }, never);
    if (extent?.kind !== 'data') return 0;
    const bytes = new Uint8Array(512);
    await disk.readFile(extent.offset, bytes, never);
    return new Uint32Array(bytes.buffer)[100];
  };
  const checkpoint = recorder.position;
  assert.equal(await read(storage.image, size - 512), 7);
  for (const { cut, variant, images } of recorder.crashes()) {
    const image = images[0] as PageImage;
    const what = `after ${cut} events, ${variant}`;
    assert.equal(await read(image, 0), 5, what);
    assert.equal(await read(image, 4 * GIB - 512), 6, what);
    const last = await read(image, size - 512);
    assert.ok(last === undefined || last === 0 || last === 7, what);
    assert.ok([4 * GIB, size].includes(await sizeOf(image)), what);
  }
  assert.ok(checkpoint > 15);
});

test('the grown part of a child hides a parent that is longer', async () => {
  const parent = new PageStorage();
  const { dataWriteGuid } = await createVhdx(parent, { size: 8 * MIB, blockSize: MIB }, never);
  const fill = await VhdxEditor.open(parent, never);
  await fill.write(0, tagged(9, 8 * MIB), never);
  await fill.close();
  const child = new PageStorage();
  const link = { linkage: dataWriteGuid, relativePath: '.\\p.vhdx' };
  await createVhdx(child, { size: OLD, blockSize: MIB, parent: link }, never);
  const editor = await VhdxEditor.open(child, never);
  await editor.resize(6 * MIB, never);
  await editor.close();
  const tags = await readTags([child, parent]);
  assert.equal(
    tags.findIndex((tag, i) => tag !== (i < OLD / 512 ? 9 : 0)),
    -1,
  );
});

test('shrinking gives the space behind the end back', async () => {
  const storage = new PageStorage();
  await createVhdx(storage, { size: 8 * MIB, blockSize: MIB }, never);
  const editor = await VhdxEditor.open(storage, never);
  await editor.write(0, tagged(3, 8 * MIB), never);
  await editor.resize(2 * MIB, never);
  const before = storage.size;
  await editor.resize(8 * MIB, never);
  await editor.write(2 * MIB, tagged(4, 6 * MIB), never);
  await editor.close();
  assert.equal(storage.size, before);
  const tags = await readTags([storage]);
  assert.equal(
    tags.findIndex((tag, i) => tag !== (i < 4096 ? 3 : 4)),
    -1,
  );
});

test('entries behind the end of the BAT, which mean nothing, get no meaning by growing', async () => {
  for (const parent of [undefined, { linkage: newGuid(), relativePath: '.\\p.vhdx' }]) {
    const storage = new PageStorage();
    const image = { size: 2 * MIB, blockSize: MIB };
    await createVhdx(storage, parent === undefined ? image : { ...image, parent }, never);
    const fill = await VhdxEditor.open(storage, never);
    await fill.write(0, tagged(8, MIB), never);
    await fill.close();
    const { bat } = await readRegionTable(storage, never);
    // The entry of block 0 once more, as that of block 3.
    const entry = new Uint8Array(8);
    await storage.read(bat.offset, entry);
    await storage.write(bat.offset + 3 * 8, entry);
    const editor = await VhdxEditor.open(storage, never);
    await editor.resize(5 * MIB, never);
    await editor.close();
    const tags = await readTags([storage]);
    assert.equal(
      tags.findIndex((tag, i) => tag !== (i < 2048 ? 8 : 0)),
      -1,
    );
    await VhdxEditor.open(storage, never);
  }
});
