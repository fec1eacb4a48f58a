import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ErrorCode } from '../../../../../src/engine/api/codes.ts';
import { never } from '../../../../../src/engine/base/abort.ts';
import { isEngineError } from '../../../../../src/engine/base/errors.ts';
import { newGuid } from '../../../../../src/engine/base/guid.ts';
import { encodeBatEntry } from '../../../../../src/engine/disk/vhdx/structures/bat-entry.ts';
import { createVhdx } from '../../../../../src/engine/disk/vhdx/write/create-vhdx.ts';
import { MIB } from '../../../../../src/engine/disk/vhdx/structures/layout.ts';
import { VhdxEditor } from '../../../../../src/engine/disk/vhdx/edit/vhdx-editor.ts';
import { CrashRecorder } from '../../../../support/files/crash-recorder.ts';
import { PageStorage } from '../../../../support/files/page-storage.ts';
import { tagged } from '../../../../support/disk/tagged-disk.ts';

const BAT = 3 * MIB;

type Entry = readonly [index: number, state: number, offset: number];

/** A differencing image of four blocks whose BAT entries are then set: [index, state, offset]. */
async function damaged(...entries: readonly Entry[]): Promise<PageStorage> {
  const storage = new PageStorage();
  const parent = { linkage: newGuid(), relativePath: '.\\p.vhdx' };
  await createVhdx(storage, { size: 4 * MIB, blockSize: MIB, parent }, never);
  await storage.resize(8 * MIB);
  for (const [index, state, offset] of entries) {
    const bytes = new Uint8Array(8);
    encodeBatEntry(new DataView(bytes.buffer), 0, state, offset);
    await storage.write(BAT + index * 8, bytes);
  }
  return storage;
}

const cases: readonly [string, ErrorCode, Entry[]][] = [
  [
    'two blocks at one place',
    'vhdx.bat.overlap',
    [
      [0, 6, 4 * MIB],
      [1, 6, 4 * MIB],
    ],
  ],
  ['a block over the BAT', 'vhdx.bat.overlap', [[0, 6, BAT]]],
  ['a block over the log', 'vhdx.bat.overlap', [[0, 6, MIB]]],
  [
    'a block over a sector bitmap',
    'vhdx.bat.overlap',
    [
      [0, 7, 4 * MIB],
      [4096, 6, 4 * MIB],
    ],
  ],
  [
    'a kept place of an unmapped block over another',
    'vhdx.bat.overlap',
    [
      [0, 3, 4 * MIB],
      [1, 6, 4 * MIB],
    ],
  ],
  ['a block behind the end of the file', 'vhdx.truncated', [[0, 6, 8 * MIB]]],
  ['a reserved state', 'vhdx.bat.state', [[2, 5, 4 * MIB]]],
  ['a bitmap in a state of its own', 'vhdx.bat.bitmap', [[4096, 7, 4 * MIB]]],
];

for (const [what, code, entries] of cases) {
  test(`an image with ${what} is not opened for writing, nor touched`, async () => {
    const recorder = new CrashRecorder();
    const storage = recorder.storage((await damaged(...entries)).image);
    await assert.rejects(VhdxEditor.open(storage, never), (error) => isEngineError(error, code));
    assert.equal(recorder.position, 0);
  });
}

test('a partially present block without a sector bitmap is not written to', async () => {
  const storage = await damaged([0, 7, 4 * MIB]);
  const editor = await VhdxEditor.open(storage, never);
  const write = editor.write(0, tagged(1, 512), never);
  await assert.rejects(write, (error) => isEngineError(error, 'vhdx.bat.bitmap'));
});

test('stray offsets of blocks that are not present or zero own nothing', async () => {
  const storage = await damaged([0, 0, 4 * MIB], [1, 2, 4 * MIB], [2, 6, 4 * MIB]);
  const editor = await VhdxEditor.open(storage, never);
  await editor.write(0, tagged(1, MIB), never);
  await editor.close();
  const kept = new Uint8Array(512);
  await storage.read(4 * MIB, kept);
  assert.ok(
    kept.every((byte) => byte === 0),
    'the block at 4 MiB was overwritten',
  );
});
