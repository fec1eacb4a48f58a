import assert from 'node:assert/strict';
import { test } from 'node:test';
import { never } from '../../../../../src/engine/base/abort.ts';
import { isEngineError } from '../../../../../src/engine/base/errors.ts';
import { newGuid } from '../../../../../src/engine/base/guid.ts';
import { stateName } from '../../../../../src/engine/disk/vhdx/structures/bat-entry.ts';
import { createVhdx } from '../../../../../src/engine/disk/vhdx/write/create-vhdx.ts';
import type { NewImage } from '../../../../../src/engine/disk/vhdx/structures/image/image-head.ts';
import { MIB } from '../../../../../src/engine/disk/vhdx/structures/layout.ts';
import { VhdxEditor } from '../../../../../src/engine/disk/vhdx/edit/vhdx-editor.ts';
import { VhdxImage } from '../../../../../src/engine/disk/vhdx/read/vhdx-image.ts';
import { PageStorage } from '../../../../support/files/page-storage.ts';
import { readTags, tagged } from '../../../../support/disk/tagged-disk.ts';

const SIZE = 3 * MIB + 4096;

async function created(image: Partial<NewImage> = {}): Promise<PageStorage> {
  const storage = new PageStorage();
  await createVhdx(storage, { size: SIZE, blockSize: MIB, ...image }, never);
  return storage;
}

async function edit(
  storage: PageStorage,
  work: (editor: VhdxEditor) => Promise<void>,
): Promise<void> {
  const editor = await VhdxEditor.open(storage, never);
  await work(editor);
  await editor.close();
}

async function states(storage: PageStorage): Promise<string[]> {
  const image = await VhdxImage.open(storage, never);
  const names: string[] = [];
  for await (const batch of image.blockRuns(0, 4, never)) {
    for (const { first, end, entry } of batch) {
      for (let block = first; block < end; block++) names.push(stateName(entry.state));
    }
  }
  return names;
}

test('a guest write to a child stores sectors, a whole block, and the short last block as they are due', async () => {
  const child = await created({ parent: { linkage: newGuid(), relativePath: '.\\p.vhdx' } });
  await edit(child, async (editor) => {
    await editor.write(512, tagged(1, 512), never);
    await editor.write(MIB, tagged(2, MIB), never);
    await editor.zero(2 * MIB, MIB, never);
    await editor.write(3 * MIB, tagged(3, 4096), never);
  });
  const wanted = ['PARTIALLY_PRESENT', 'FULLY_PRESENT', 'ZERO', 'FULLY_PRESENT'];
  assert.deepEqual(await states(child), wanted);
  await edit(child, (editor) => editor.zero(MIB, SIZE - MIB, never));
  assert.deepEqual(await states(child), ['PARTIALLY_PRESENT', 'ZERO', 'ZERO', 'ZERO']);
  // Part of a ZERO block: the rest stays zero and must not show the parent.
  await edit(child, (editor) => editor.write(MIB, tagged(4, 512), never));
  assert.equal((await states(child))[1], 'FULLY_PRESENT');
});

test('zeros in a dynamic image take no space where nothing was stored', async () => {
  const storage = await created();
  const before = storage.size;
  await edit(storage, (editor) => editor.zero(0, SIZE, never));
  assert.equal(storage.size, before);
  assert.ok((await states(storage)).every((state) => state === 'NOT_PRESENT'));
});

test('a fixed image keeps its blocks when they are zeroed', async () => {
  const storage = await created();
  await edit(storage, (editor) => editor.write(0, tagged(1, SIZE), never));
  // Bit 0 of the file parameters, the first item of the metadata region: LeaveBlocksAllocated.
  await storage.write(2 * MIB + 65536 + 4, Uint8Array.of(1));
  await edit(storage, (editor) => editor.zero(0, SIZE, never));
  assert.ok((await states(storage)).every((state) => state === 'FULLY_PRESENT'));
  assert.ok((await readTags([storage])).every((tag) => tag === 0));
});

test('calls that overlap in time take effect in their order', async () => {
  const storage = await created();
  await edit(storage, async (editor) => {
    const calls: Promise<void>[] = [];
    for (let tag = 1; tag <= 20; tag++) {
      calls.push(editor.write((tag % 3) * 512, tagged(tag, MIB), never));
      if (tag % 5 === 0) calls.push(editor.flush(never));
    }
    await Promise.all(calls);
  });
  const tags = await readTags([storage]);
  assert.deepEqual([...tags.subarray(0, 4)], [18, 19, 20, 20]);
});

test('the data GUID changes with the first write of a session and only then', async () => {
  const storage = await created();
  const guids: string[] = [];
  const note = async (): Promise<void> => {
    guids.push((await VhdxImage.open(storage, never)).header.dataWriteGuid);
  };
  await note();
  await edit(storage, () => Promise.resolve());
  await note();
  await edit(storage, async (editor) => {
    await editor.write(0, tagged(1, 512), never);
    await note();
    await editor.write(MIB, tagged(2, 512), never);
    await editor.flush(never);
  });
  await note();
  assert.equal(guids[0], guids[1]);
  assert.notEqual(guids[1], guids[2]);
  assert.equal(guids[2], guids[3]);
});

test('a cancelled write stops between blocks and leaves the editor usable', async () => {
  const storage = await created();
  const editor = await VhdxEditor.open(storage, never);
  const stop = new AbortController();
  stop.abort(new Error('stop'));
  await assert.rejects(editor.write(0, tagged(1, 2 * MIB), stop.signal), /stop/);
  await editor.write(0, tagged(2, 512), never);
  await editor.close();
  assert.deepEqual([...(await readTags([storage])).subarray(0, 2)], [2, 0]);
  const closed = (error: unknown): boolean => isEngineError(error, 'vhdx.write.state');
  await assert.rejects(editor.write(0, tagged(2, 512), never), closed);
});
