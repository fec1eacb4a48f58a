import assert from 'node:assert/strict';
import { test } from 'node:test';
import { never } from '../../../../../src/engine/base/abort.ts';
import { isEngineError } from '../../../../../src/engine/base/errors.ts';
import { NIL_GUID } from '../../../../../src/engine/base/guid.ts';
import { createVhdx } from '../../../../../src/engine/disk/vhdx/write/create-vhdx.ts';
import { VhdxEditor } from '../../../../../src/engine/disk/vhdx/edit/vhdx-editor.ts';
import { VhdxImage } from '../../../../../src/engine/disk/vhdx/read/vhdx-image.ts';
import { FaultySource } from '../../../../support/files/faulty-source.ts';
import { MemoryStorage } from '../../../../support/files/memory-source.ts';

/** A small image with some data, as bytes. */
async function image(): Promise<Uint8Array> {
  const storage = new MemoryStorage();
  await createVhdx(storage, { size: 8 * 2 ** 20, blockSize: 2 ** 20, diskId: NIL_GUID }, never);
  const editor = await VhdxEditor.open(storage, never);
  await editor.write(4096, new Uint8Array(4096).fill(7), never);
  await editor.close();
  return storage.contents();
}

/** Opens and reads everything. */
async function readAll(source: FaultySource): Promise<void> {
  const opened = await VhdxImage.open(source, never);
  for await (const batch of opened.layerExtents({ start: 0, end: opened.size }, never)) {
    for (const extent of batch) {
      if (extent.kind !== 'data') continue;
      await opened.readFile(extent.offset, new Uint8Array(extent.end - extent.start), never);
    }
  }
  await opened.close();
}

test('whichever read fails, opening and reading an image fails with that error and nothing else', async () => {
  const bytes = await image();
  for (let at = 1; ; at++) {
    assert.ok(at < 100, 'the loop ends');
    const source = new FaultySource(new MemoryStorage(bytes), {
      at,
      lasting: false,
      kind: 'error',
    });
    try {
      await readAll(source);
      assert.ok(at > 5, 'several reads were tried');
      return;
    } catch (error) {
      assert.ok(isEngineError(error, 'source.fault'), `read ${at}: ${(error as Error).message}`);
    }
  }
});

test('a flipped byte in any read gives an engine error or passes as payload, never a crash', async () => {
  const bytes = await image();
  let refused = 0;
  for (let at = 1; at < 30; at++) {
    const source = new FaultySource(new MemoryStorage(bytes), { at, lasting: false, kind: 'flip' });
    try {
      await readAll(source);
    } catch (error) {
      assert.ok(isEngineError(error), (error as Error).message);
      refused++;
    }
  }
  assert.ok(refused > 0, 'some damage was refused');
});
